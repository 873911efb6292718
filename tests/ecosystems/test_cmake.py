from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.ecosystems.cmake import places
from service.ecosystems.model import Invocation
from service.knowledge.images import base_image

APP = "project(app VERSION 1.2.3)\nadd_executable(app main.c)\n"


def exact(text: str, *words: str, base: str = "gcc:13", **files: str) -> tuple[str, ...] | None:
    there = {"/src/CMakeLists.txt": text, **{f"/src/{name}/CMakeLists.txt": content for name, content in files.items()}}
    found = places(("-S", "/src", "-B", "/b", *words), "/src", _prefix(words), Invocation((), base=base_image(base), read=there.get))
    return found.exact


def _prefix(words: tuple[str, ...]) -> str:
    return next((word.partition("=")[2] for word in words if "INSTALL_PREFIX" in word), "/usr/local")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (APP + "install(TARGETS app DESTINATION bin)", ("/usr/local/bin/app",)),
        (APP + "install(TARGETS app)", ("/usr/local/bin/app",)),
        (APP + "install(TARGETS app RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} LIBRARY DESTINATION x)", ("/usr/local/bin/app",)),
        (APP + "set_target_properties(app PROPERTIES OUTPUT_NAME tool)\ninstall(TARGETS app DESTINATION bin)", ("/usr/local/bin/tool",)),
        (APP + 'install(FILES a/x.conf "y z" DESTINATION etc/app)', ("/usr/local/etc/app/x.conf", "/usr/local/etc/app/y z")),
        (APP + "install(FILES x DESTINATION share RENAME y)", ("/usr/local/share/y",)),
        (APP + "install(PROGRAMS run.sh DESTINATION bin)", ("/usr/local/bin/run.sh",)),
        (APP + "install(DIRECTORY web DESTINATION share/app)", ("/usr/local/share/app/web",)),
        (APP + "install(DIRECTORY web/ DESTINATION share/app)", ("/usr/local/share/app",)),
        (APP + "set(D share/${PROJECT_NAME}) # why\ninstall(FILES x DESTINATION ${D})", ("/usr/local/share/app/x",)),
        (APP + "install(FILES x DESTINATION ${CMAKE_INSTALL_FULL_SYSCONFDIR})", ("/usr/local/etc/x",)),
        (APP + "add_library(l SHARED l.c)\ninstall(TARGETS app l)", ("/usr/local/bin/app", "/usr/local/lib/libl.so")),
        (
            APP + "add_library(l SHARED l.c)\nset_target_properties(l PROPERTIES VERSION ${PROJECT_VERSION} SOVERSION 1)\ninstall(TARGETS l)",
            ("/usr/local/lib/libl.so.1.2.3",),
        ),
        (APP + "add_library(l STATIC l.c)\ninstall(TARGETS app l DESTINATION bin)", ("/usr/local/bin/app",)),
        (
            APP + 'foreach(p a b)\nadd_library(${p} MODULE x.c)\nset_target_properties(${p} PROPERTIES PREFIX "")\n'
            "install(TARGETS ${p} LIBRARY DESTINATION lib/p)\nendforeach()",
            ("/usr/local/lib/p/a.so", "/usr/local/lib/p/b.so"),
        ),
        (APP + "if(WIN32)\nmessage(no)\nendif()\ninstall(TARGETS app DESTINATION bin)", ("/usr/local/bin/app",)),
        (APP + "function(f)\nset(x 1)\nendfunction()\nf()\ninstall(TARGETS app DESTINATION bin)", ("/usr/local/bin/app",)),
        (APP + "add_subdirectory(sub)", ("/usr/local/bin/inner",)),
    ],
)
def test_where_a_project_installs(text: str, expected: tuple[str, ...]) -> None:
    assert exact(text, sub="add_executable(inner x.c)\ninstall(TARGETS inner DESTINATION bin)\n") == expected


@pytest.mark.parametrize(
    "text",
    [
        APP,
        APP + "install(SCRIPT x.cmake)",
        APP + "install(CODE x)",
        APP + "install(TARGETS other DESTINATION bin)",
        APP + "install(TARGETS app DESTINATION ${WHERE})",
        APP + "install(TARGETS app DESTINATION $<CONFIG>)",
        APP + "install(TARGETS app OPTIONAL DESTINATION bin)",
        APP + "if(X)\ninstall(TARGETS app DESTINATION bin)\nendif()",
        APP + "if(X)\nset(D lib)\nendif()\ninstall(TARGETS app DESTINATION ${D})",
        APP + "function(f)\ninstall(TARGETS app DESTINATION bin)\nendfunction()\nf()",
        APP + "FetchContent_MakeAvailable(x)\ninstall(TARGETS app DESTINATION bin)",
        APP + "add_subdirectory(none)\ninstall(TARGETS app DESTINATION bin)",
        APP + "include(x.cmake)\ninstall(TARGETS app DESTINATION bin)",
        APP + "foreach(p IN LISTS all)\ninstall(FILES ${p} DESTINATION bin)\nendforeach()",
        APP + "add_library(l l.c)\nset(BUILD_SHARED_LIBS ${X})\ninstall(TARGETS l)" + '"',
        "install(",
    ],
)
def test_what_cannot_be_told(text: str) -> None:
    assert exact(text) is None


def test_prefixes() -> None:
    text = APP + "install(TARGETS app DESTINATION bin)"
    assert exact(text, "-DCMAKE_INSTALL_PREFIX=/opt/x") == ("/opt/x/bin/app",)
    assert exact(text, "-DCMAKE_INSTALL_BINDIR=sbin") == ("/usr/local/bin/app",)
    assert exact(APP + "install(TARGETS app)", "-DCMAKE_INSTALL_BINDIR=sbin") == ("/usr/local/sbin/app",)


def test_a_versioned_library_is_copied_with_its_folder_where_nothing_else_lies_there() -> None:
    text = "project(l)\nadd_library(l SHARED l.c)\nset_target_properties(l PROPERTIES SOVERSION 1)\ninstall(TARGETS l)"
    assert exact(text, base="debian:bookworm-slim") == ("/usr/local/lib",)
    assert exact(text, base="gcc:13") == ("/usr/local/lib/libl.so.1",)


PIECES = st.lists(
    st.sampled_from(
        [*"()\"\\#;\n ", "a", "${a}", "$<", "install(", "TARGETS", "FILES", "DESTINATION", "set(", "foreach(", "endforeach()", "if(", "endif()"]
    ),
    max_size=60,
)


@settings(max_examples=300, deadline=None)
@given(PIECES.map("".join))
def test_any_text_is_answered(text: str) -> None:
    exact(text)


@pytest.mark.parametrize(
    "text",
    [
        "foreach(a " + "x " * 900 + ")\n" * 1 + "foreach(b " + "y " * 900 + ")\ninstall(FILES ${a} DESTINATION ${b})\nendforeach()\nendforeach()",
        "set(a x)\n" + "set(a ${a}${a})\n" * 100 + "install(FILES ${a} DESTINATION b)",
        "(" * 40_000,
        '"' * 40_000,
        "add_subdirectory(.)\n" * 50,
        "if(\n" * 10_000,
    ],
    ids=range(6),
)
def test_hostile_files_end(text: str) -> None:
    began = time.monotonic()
    exact(text)
    assert time.monotonic() - began < 2
