"""The directory of a demo: made under the temporary one, removed at the end, or by the next demo when nobody could.

The dashboard and the simulated gateway each hold a shared lock on a file in it as long as they live.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

DIRECTORY_PREFIX: Final = "clobberwatch-demo-"
MARK: Final = "demo.alive"


@contextmanager
def demo_directory() -> Iterator[Path]:
    """A new directory; those of demos that were killed together with their gateways are removed first."""
    remove_dead(Path(tempfile.gettempdir()))
    with tempfile.TemporaryDirectory(prefix=DIRECTORY_PREFIX, ignore_cleanup_errors=True) as name:
        directory = Path(name)
        with _marked(directory):
            yield directory


@contextmanager
def keep_alive(directory: Path) -> Iterator[None]:
    """Hold the mark of the directory, where it has one."""
    try:
        descriptor = os.open(directory / MARK, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        yield
        return
    with _held(descriptor, fcntl.LOCK_SH):
        yield


def remove_dead(parent: Path) -> list[Path]:
    """Remove the marked directories of this user whose mark nobody holds; those that were removed."""
    removed = []
    for directory in sorted(parent.glob(DIRECTORY_PREFIX + "*")):
        with suppress(OSError):
            if directory.is_symlink() or directory.stat().st_uid != os.geteuid():
                continue
            descriptor = os.open(directory / MARK, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            with _held(descriptor, fcntl.LOCK_EX):
                shutil.rmtree(directory, ignore_errors=True)
                removed.append(directory)
    return removed


@contextmanager
def _marked(directory: Path) -> Iterator[None]:
    """The mark gets its name when it is held already, so that no other demo finds it free."""
    unnamed = directory / f".{MARK}"
    descriptor = os.open(unnamed, os.O_RDONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with _held(descriptor, fcntl.LOCK_SH):
        unnamed.rename(directory / MARK)
        yield


@contextmanager
def _held(descriptor: int, how: int) -> Iterator[None]:
    """The lock on an open file, which is closed at the end. Raises BlockingIOError where somebody else has it."""
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)
