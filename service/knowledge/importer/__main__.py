"""Making the bundled data from public sources.

python -m service.knowledge.importer apt OUT.tsv.xz PACKAGES...             a package table from Debian's Packages files
python -m service.knowledge.importer bases OUT.json REFERENCE=GIT_DIR:PATH...  what base images' own Dockerfiles say of them
python -m service.knowledge.importer tags OUT.tsv.xz FAMILY,... OFFICIAL_GIT GIT...   every tag the official images had, and its release
python -m service.knowledge.importer endoflife OUT.json GIT_DIR             the days on which versions stopped getting security fixes
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from service.knowledge.importer.bases import rows
from service.knowledge.importer.endoflife import write_days
from service.knowledge.importer.packages import write_table
from service.knowledge.importer.tags import collect, write_tags


def main(arguments: list[str]) -> int:
    if len(arguments) < 3 or arguments[0] not in ("apt", "bases", "tags", "endoflife"):
        print(__doc__, file=sys.stderr)
        return 2
    kind, out, *sources = arguments
    if kind == "apt":
        print(f"{write_table(Path(out), [Path(source) for source in sources])} packages")
    elif kind == "tags":
        families, official, *folders = sources
        found_tags = collect(Path(official), [Path(folder) for folder in folders], families.split(","))
        print(f"{write_tags(Path(out), found_tags)} tags")
    elif kind == "endoflife":
        print(f"{write_days(Path(out), Path(sources[0]))} versions")
    else:
        found = dict(rows(sources))
        Path(out).write_text(json.dumps(found, indent=1) + "\n")
        print(f"{len(found)} images")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
