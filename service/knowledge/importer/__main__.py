"""Making the bundled data from public sources.

python -m service.knowledge.importer apt OUT.tsv.gz PACKAGES... [MEASURED.tsv]   a package table from Debian's Packages files
python -m service.knowledge.importer debs MEASURED.tsv NAMES.txt ARCHIVE=PACKAGES...   what packages named in a file put on the disk
python -m service.knowledge.importer bases OUT.json REFERENCE=GIT_DIR:PATH...  what base images' own Dockerfiles say of them
python -m service.knowledge.importer tags OUT.tsv.xz FAMILY,... OFFICIAL_GIT GIT...   every tag the official images had, and its release
python -m service.knowledge.importer npm OUT.tsv.xz FOLDERS... [TABLE.tsv.xz]   npm releases as a package manager unpacked them (bun's cache)
python -m service.knowledge.importer pip OUT.tsv.xz FOLDERS... [TABLE.tsv.xz]   releases in environments that pip or uv installed
python -m service.knowledge.importer images OUT.json.xz CHECKOUT...   base images' sizes from checkouts of docker-library/repo-info
python -m service.knowledge.importer endoflife OUT.json GIT_DIR             the days on which versions stopped getting security fixes
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from service.knowledge.importer.bases import rows
from service.knowledge.importer.debs import measure
from service.knowledge.importer.endoflife import write_days
from service.knowledge.importer.images import write_images
from service.knowledge.importer.measured import read_measured
from service.knowledge.importer.npm import write_table as write_npm_table
from service.knowledge.importer.packages import write_table
from service.knowledge.importer.pip import write_pip_table
from service.knowledge.importer.tags import collect, write_tags

Maker = Callable[[Path, Sequence[str]], str]


def main(arguments: list[str]) -> int:
    if len(arguments) < 3 or arguments[0] not in MAKERS:
        print(__doc__, file=sys.stderr)
        return 2
    kind, out, *sources = arguments
    print(MAKERS[kind](Path(out), sources))
    return 0


def _apt(out: Path, sources: Sequence[str]) -> str:
    measured = read_measured(Path(source) for source in sources if source.endswith(".tsv"))
    return f"{write_table(out, [Path(source) for source in sources if not source.endswith('.tsv')], measured)} packages"


def _debs(out: Path, sources: Sequence[str]) -> str:
    names, *indexes = sources
    places = {Path(path): archive for archive, _, path in (index.rpartition("=") for index in indexes)}
    return f"{measure(out, Path(names).read_text().split(), places)} packages measured"


def _bases(out: Path, sources: Sequence[str]) -> str:
    found = dict(rows(list(sources)))
    out.write_text(json.dumps(found, indent=1) + "\n")
    return f"{len(found)} images"


def _tags(out: Path, sources: Sequence[str]) -> str:
    families, official, *folders = sources
    return f"{write_tags(out, collect(Path(official), [Path(folder) for folder in folders], families.split(',')))} tags"


def _npm(out: Path, sources: Sequence[str]) -> str:
    return f"{write_npm_table(out, [Path(source) for source in sources])} packages"


def _pip(out: Path, sources: Sequence[str]) -> str:
    return f"{write_pip_table(out, [Path(source) for source in sources])} distributions"


def _images(out: Path, sources: Sequence[str]) -> str:
    return f"{write_images(out, [Path(source) for source in sources], datetime.now(UTC).date().isoformat())} images"


def _endoflife(out: Path, sources: Sequence[str]) -> str:
    return f"{write_days(out, Path(sources[0]))} versions"


MAKERS: Mapping[str, Maker] = {
    "apt": _apt,
    "debs": _debs,
    "bases": _bases,
    "tags": _tags,
    "npm": _npm,
    "pip": _pip,
    "images": _images,
    "endoflife": _endoflife,
}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
