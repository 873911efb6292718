"""Archives and forms as tests send them."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Mapping

GO = 'FROM golang:1.22\nWORKDIR /src\nCOPY . .\nRUN go build -o /bin/api .\nCMD ["/bin/api"]\n'


def tar(files: Mapping[str, bytes | tarfile.TarInfo], style: int = tarfile.PAX_FORMAT) -> bytes:
    """In the order given; a TarInfo is a member without content (a link, a folder, a device)."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=style) as archive:
        for name, content in files.items():
            if isinstance(content, bytes):
                member = tarfile.TarInfo(name)
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
            else:
                content.name = name
                archive.addfile(content)
    return stream.getvalue()


def member(kind: bytes, target: str = "") -> tarfile.TarInfo:
    found = tarfile.TarInfo()
    found.type, found.linkname = kind, target
    return found


def packed(files: Mapping[str, bytes | tarfile.TarInfo]) -> bytes:
    return gzip.compress(tar(files))
