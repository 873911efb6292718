"""Paths in strace's log. The lines are strace 6.1's."""

from __future__ import annotations

from service.proof.tracing import paths


def test_absolute_paths_that_were_opened_or_executed() -> None:
    log = """\
7     execve("/app/server", ["/app/server"], 0x7ffec213cd80 /* 35 vars */) = 0
7     openat(AT_FDCWD, "/etc/ld.so.cache", O_RDONLY|O_CLOEXEC) = 3
7     open("/app/views/../data/list.json", O_RDONLY) = 4
7     openat(AT_FDCWD, "/var/lib/app", O_RDONLY|O_NONBLOCK|O_CLOEXEC|O_DIRECTORY) = 5
7     openat(AT_FDCWD, "/app/log", O_WRONLY|O_CREAT|O_APPEND, 0666) = 6
"""
    assert paths(log, "/") == {"/app/server", "/etc/ld.so.cache", "/app/data/list.json", "/app/log"}


def test_what_failed_was_not_opened() -> None:
    log = """\
7     execve("/usr/local/bin/bash", ["bash"], 0x7ffe0f12c508 /* 34 vars */) = -1 ENOENT (No such file or directory)
7     openat(AT_FDCWD, "/app/.env", O_RDONLY) = -1 ENOENT (No such file or directory)
7     chdir("/none")                    = -1 ENOENT (No such file or directory)
7     openat(AT_FDCWD, "settings.json", O_RDONLY) = 3
"""
    assert paths(log, "/app") == {"/app/settings.json"}


def test_relative_paths_follow_the_working_directory() -> None:
    log = """\
7     openat(AT_FDCWD, "a", O_RDONLY) = 3
7     chdir("sub")                      = 0
7     openat(AT_FDCWD, "./b", O_RDONLY) = 3
7     chdir("/etc")                     = 0
7     openat(AT_FDCWD, "passwd", O_RDONLY) = 3
7     chdir("../srv")                   = 0
7     openat(AT_FDCWD, "c", O_RDONLY)   = 3
"""
    assert paths(log, "/app") == {"/app/a", "/app/sub/b", "/etc/passwd", "/srv/c"}


def test_each_process_has_a_working_directory_of_its_own() -> None:
    log = """\
7     chdir("/one")                     = 0
8     openat(AT_FDCWD, "a", O_RDONLY)   = 3
8     chdir("/two")                     = 0
7     openat(AT_FDCWD, "b", O_RDONLY)   = 3
8     openat(AT_FDCWD, "c", O_RDONLY)   = 3
"""
    assert paths(log, "/app") == {"/app/a", "/one/b", "/two/c"}


def test_a_child_begins_where_its_parent_is() -> None:
    log = """\
7     chdir("/one")                     = 0
7     clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD, child_tidptr=0x7f68f9bbfa10) = 8
7     chdir("/two")                     = 0
8     openat(AT_FDCWD, "a", O_RDONLY)   = 3
8     fork()                            = 9
8     chdir("/three")                   = 0
9     openat(AT_FDCWD, "b", O_RDONLY)   = 3
7     openat(AT_FDCWD, "c", O_RDONLY)   = 3
"""
    assert paths(log, "/") == {"/one/a", "/one/b", "/two/c"}


def test_a_child_may_speak_before_its_parent_is_told_of_it() -> None:
    log = """\
7     chdir("/one")                     = 0
7     vfork( <unfinished ...>
8     openat(AT_FDCWD, "a", O_RDONLY)   = 3
8     chdir("/two")                     = 0
8     execve("./tool", ["./tool"], 0x55e77221c108 /* 35 vars */ <unfinished ...>
7     <... vfork resumed>)              = 8
8     <... execve resumed>)             = 0
8     openat(AT_FDCWD, "b", O_RDONLY)   = 3
"""
    assert paths(log, "/") == {"/one/a", "/two/tool", "/two/b"}


def test_threads_share_one_working_directory() -> None:
    flags = "flags=CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD|CLONE_SYSVSEM|CLONE_SETTLS"
    log = f"""\
7     chdir("/one")                     = 0
7     clone3({{{flags}, child_tid=0x7f9a1d030990, stack=0x7f9a1c830000, tls=0x7f9a1d0306c0}} => {{parent_tid=[8]}}, 88) = 8
8     openat(AT_FDCWD, "a", O_RDONLY)   = 3
8     chdir("/two")                     = 0
7     openat(AT_FDCWD, "b", O_RDONLY)   = 3
8     clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|SIGCHLD) = 9
9     openat(AT_FDCWD, "c", O_RDONLY)   = 3
"""
    assert paths(log, "/") == {"/one/a", "/two/b", "/two/c"}


def test_a_call_that_another_line_interrupts_is_read_whole() -> None:
    log = """\
7     openat(AT_FDCWD, "/a", O_RDONLY <unfinished ...>
8     openat(AT_FDCWD, "/b", O_RDONLY <unfinished ...>
7     <... openat resumed>)             = 3
8     <... openat resumed>)             = -1 EACCES (Permission denied)
8     chdir("/two" <unfinished ...>
7     openat(AT_FDCWD, "/never-ended", O_RDONLY <unfinished ...>
8     <... chdir resumed>)              = 0
8     openat(AT_FDCWD, "c", O_RDONLY)   = 3
"""
    assert paths(log, "/") == {"/a", "/two/c"}


def test_the_kernels_files_and_the_tracer_are_not_the_images() -> None:
    log = """\
7     execve("/restage-trace/loader", ["strace"], 0x7ffe /* 3 vars */) = 0
7     openat(AT_FDCWD, "/proc/self/maps", O_RDONLY) = 3
7     openat(AT_FDCWD, "/sys/fs/cgroup/cpu.max", O_RDONLY) = 3
7     openat(AT_FDCWD, "/dev/null", O_RDWR) = 3
7     openat(AT_FDCWD, "/process/x", O_RDONLY) = 3
"""
    assert paths(log, "/") == {"/process/x"}


def test_a_log_that_is_empty_or_torn() -> None:
    assert paths("", "/") == frozenset()
    assert paths('7     <... openat resumed>) = 3\n7\n\n7     openat(AT_FDCWD, "/a', "/") == frozenset()
