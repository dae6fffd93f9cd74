"""Writing a file that is not there yet: what an operator asked to be saved, never a store."""

from __future__ import annotations

import os
from pathlib import Path

from store.errors import UsageError, WriteFailed


def write_new(target: Path, content: bytes) -> None:
    """A new file for its owner only, synced; nothing of it stays when that fails.

    Raises UsageError when the target exists, WriteFailed.
    """
    try:
        _write(target, content)
    except FileExistsError:
        raise UsageError(f"{target} exists already; name a file that does not.") from None
    except OSError as error:
        raise WriteFailed(f"Could not write {target}: {error.strerror}.") from None


def _write(target: Path, content: bytes) -> None:
    fd = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with memoryview(content) as rest:
            done = 0
            while done < len(content):
                done += os.write(fd, rest[done:])
        os.fsync(fd)
    except BaseException:
        os.unlink(target)
        raise
    finally:
        os.close(fd)
