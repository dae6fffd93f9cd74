"""Who else uses a database: the gateway that serves it, and whichever process has it open so that it could write."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from store.errors import NoSafeWrite
from store.openclaw.paths import store_at
from store.openclaw.running import running_gateway


def refuse_beside_others(path: Path) -> None:
    """Raise NoSafeWrite when a gateway runs on this database, or any other process has it open for writing."""
    gateway = running_gateway(store_at(path))
    if gateway is not None:
        raise NoSafeWrite(
            f"Not written to the database: a gateway (pid {gateway.pid}) runs and keeps its sessions in memory. "
            "Write through it, or stop it, edit, and start it again."
        )
    writers = writers_of(path)
    if writers:
        raise NoSafeWrite(
            f"Not written: pid {writers[0]} has {path} open for writing. Let it end, or stop it, then try again."
        )


def writers_of(path: Path) -> list[int]:
    """The other processes that have the file open for writing, as far as this user may look into them.

    A gateway closes a database that it does not need for a while, so none is no proof that none runs.
    """
    try:
        status = os.stat(path)
    except OSError:
        return []
    return [pid for pid in _others() if _may_write(pid, status)]


def _others() -> Iterator[int]:
    with suppress(OSError):
        for name in os.listdir("/proc"):
            if name.isdigit() and int(name) != os.getpid():
                yield int(name)


def _may_write(pid: int, status: os.stat_result) -> bool:
    folder = f"/proc/{pid}/fd"
    with suppress(OSError):
        for name in os.listdir(folder):
            with suppress(OSError):
                if os.path.samestat(os.stat(f"{folder}/{name}"), status) and _is_for_writing(pid, name):
                    return True
    return False


def _is_for_writing(pid: int, descriptor: str) -> bool:
    lines = Path(f"/proc/{pid}/fdinfo/{descriptor}").read_text().splitlines()
    flags = next((int(line.split()[1], 8) for line in lines if line.startswith("flags:")), 0)
    return bool(flags & (os.O_WRONLY | os.O_RDWR))
