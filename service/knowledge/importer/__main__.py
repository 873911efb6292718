"""Making the bundled data from public sources.

python -m service.knowledge.importer apt OUT.tsv.xz PACKAGES...             a package table from Debian's Packages files
python -m service.knowledge.importer bases OUT.json REFERENCE=GIT_DIR:PATH...  what base images' own Dockerfiles say of them
python -m service.knowledge.importer tags OUT.tsv.xz FAMILY,... OFFICIAL_GIT GIT...   every tag the official images had, and its release
python -m service.knowledge.importer npm OUT.tsv.xz FOLDERS...              npm releases as a package manager unpacked them (bun's cache)
python -m service.knowledge.importer images OUT.json.xz CHECKOUT...   base images' sizes from checkouts of docker-library/repo-info
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from service.knowledge.importer.bases import rows
from service.knowledge.importer.images import write_images
from service.knowledge.importer.npm import write_table as write_npm_table
from service.knowledge.importer.packages import write_table
from service.knowledge.importer.tags import collect, write_tags


def main(arguments: list[str]) -> int:
    if len(arguments) < 3 or arguments[0] not in ("apt", "bases", "images", "npm", "tags"):
        print(__doc__, file=sys.stderr)
        return 2
    kind, out, *sources = arguments
    if kind == "apt":
        print(f"{write_table(Path(out), [Path(source) for source in sources])} packages")
    elif kind == "npm":
        print(f"{write_npm_table(Path(out), [Path(source) for source in sources])} packages")
    elif kind == "images":
        print(f"{write_images(Path(out), [Path(source) for source in sources], datetime.now(UTC).date().isoformat())} images")
    elif kind == "tags":
        families, official, *folders = sources
        found_tags = collect(Path(official), [Path(folder) for folder in folders], families.split(","))
        print(f"{write_tags(Path(out), found_tags)} tags")
    else:
        found = dict(rows(sources))
        Path(out).write_text(json.dumps(found, indent=1) + "\n")
        print(f"{len(found)} images")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
