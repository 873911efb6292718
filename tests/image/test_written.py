"""What lines write word for word: held against what the shells themselves write."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.context import BuildContext
from service.dockerfile import read
from service.image.interpret import interpret_with_views

SHELLS = [(name, path) for name in ("dash", "bash") if (path := shutil.which(name))]
TEXTS = st.text(alphabet="ab #!/-%$`'\"\\nte0{}&;\n", max_size=16)


def written(run: str, shell: str, path: str = "/srv/start", base: str = "debian:bookworm-slim") -> str | None:
    """What is known of a file after a RUN in a shell."""
    text = f'FROM {base}\nSHELL ["/bin/{shell}", "-c"]\nWORKDIR /srv\n{run}\nCMD ["/srv/start"]\n'
    return interpret_with_views(read(text), BuildContext.unknown())[1][-1].read(path)


def shell_writes(script: str, shell: str, folder: Path) -> str:
    """What a shell itself leaves in `start`, in an empty folder."""
    folder.mkdir(exist_ok=True)
    (folder / "start").unlink(missing_ok=True)
    subprocess.run([shell, "-c", script], cwd=folder, check=True, capture_output=True, timeout=20)
    return (folder / "start").read_text()


@pytest.mark.parametrize(("name", "shell"), SHELLS, ids=[name for name, _ in SHELLS])
@pytest.mark.parametrize(
    "script",
    [
        r"""echo "#!/bin/sh\nexec java -jar app.jar" > start""",
        r"""echo '#!/bin/sh' > start && echo 'exec "$@"' >> start""",
        r"""echo -n 'a\tb' > start; echo c >> start""",
        r"""printf '#!/bin/sh\nset -e\n' > start""",
        r"""printf '%s\n' '#!/bin/sh' 'exec "$@"' > start""",
        r"""printf '%s-%s;' a b c > start""",
        r"""printf '100%%\n' > start""",
        r"""printf '%b\n' 'a\nb' > start""",
        r"""echo a | tee start > /dev/null; echo b | tee -a start > /dev/null""",
        "cat > start <<'END'\n#!/bin/sh\nexec \"$@\"\nEND",
        "cat <<END > start\n#!/bin/sh\nexec \\$1 \\\\\nEND",
        "cat <<-END > start\n\t#!/bin/sh\n\techo a\n\tEND",
        "tee start <<'END' > /dev/null\na\nEND",
        r"""X=app; echo "exec $X" > start""",
        r"""echo a > start; echo b > start""",
    ],
)
def test_a_text_is_what_the_shell_writes(name: str, shell: str, script: str, tmp_path: Path) -> None:
    body = script if "\n" not in script else f"<<RUNNING\n{script}\nRUNNING"
    assert written(f"RUN {body}", name) == shell_writes(script, shell, tmp_path)


@pytest.mark.parametrize(
    "script",
    [
        "date > start",
        'echo "$(date)" > start',
        "echo a > start; date >> start",
        "if true; then echo a > start; fi",
        "{ echo a; echo b; } > start",
        "(echo a; echo b) > start",
        "cat list > start",
        "printf '%d' 3 > start",
        'echo "$UNTOLD" > start',
        "cat <<END > start\n$UNTOLD\nEND",
    ],
)
def test_a_text_that_is_not_constant_is_not_known(script: str) -> None:
    body = script if "\n" not in script else f"<<RUNNING\n{script}\nRUNNING"
    assert written(f"RUN {body}", "sh") is None


def test_what_is_added_to_a_file_of_the_base_is_not_all_of_it() -> None:
    assert written("RUN echo a >> /etc/profile", "sh", "/etc/profile") is None


def test_busybox_leaves_a_backslash() -> None:
    assert written(r'RUN echo "a\nb" > start', "sh", base="alpine:3.20") == "a\\nb\n"


@settings(max_examples=60, deadline=None)
@given(words=st.lists(TEXTS, min_size=1, max_size=3), command=st.sampled_from(["echo", "echo -n", "printf", "printf %s"]))
def test_any_words_are_written_as_the_shell_writes_them(tmp_path_factory: pytest.TempPathFactory, words: list[str], command: str) -> None:
    script = f"{command} {' '.join(map(shlex.quote, words))} > start"
    if "\n" in script or "\\c" in script:
        return
    for name, shell in SHELLS:
        found = written(f"RUN {script}", name)
        if found is not None:
            assert found == shell_writes(script, shell, tmp_path_factory.getbasetemp() / "words")
