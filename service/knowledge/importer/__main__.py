"""`python -m service.knowledge.importer apt SUITE OUT.tsv.xz PACKAGES...`: a package table from Debian's Packages files."""

from __future__ import annotations

import sys
from pathlib import Path

from service.knowledge.importer.packages import write_table


def main(arguments: list[str]) -> int:
    if len(arguments) < 4 or arguments[0] != "apt":
        print(__doc__, file=sys.stderr)
        return 2
    _, _, out, *indexes = arguments
    count = write_table(Path(out), [Path(index) for index in indexes])
    print(f"{count} packages")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
