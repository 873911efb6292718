"""Protocol buffers: the compiler and its plug-ins write code into the folders that their options name."""

from __future__ import annotations

from service.ecosystems.model import Arguments, Ecosystem, Invocation, Step
from service.image.effects import Phase

_PROTOC = "protobuf.dev/reference (protoc --help): --NAME_out=[OPTIONS:]FOLDER, or an archive's name"
_GRPC = "grpc.io/docs/languages/python/basics"
_VALUED = frozenset({"-I", "--proto_path", "-o", "--descriptor_set_out", "--dependency_out", "--plugin"})


def _generated(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """Every output folder; what a plug-in is told stands in front of a colon."""
    named = [value for name, value in arguments.options if name.endswith("_out") or name == "-o"]
    if None in named:
        return None
    return tuple(dict.fromkeys(invocation.path((value or ".").rpartition(":")[2] or ".") for value in named))


ECOSYSTEM = Ecosystem(
    name="protobuf",
    summary="Code generated from protocol buffers (protoc)",
    sources=("*.proto",),
    steps=(
        Step("protoc", Phase.BUILD, writes=_generated, valued=_VALUED, source=_PROTOC),
        Step("python|python2|python3 -m grpc_tools.protoc", Phase.BUILD, writes=_generated, valued=_VALUED, source=_GRPC),
    ),
)
