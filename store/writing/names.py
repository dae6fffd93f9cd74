"""Names of our short-lived files beside a store: they say whose they are and what a crash left in them.

`sessions.json.clobberwatch.USER.PID-STARTED.TOKEN.ROLE`. The token of a `tmp` file is `BASE-OWN`, the inodes of the
version replaced and of the new one: after a crash a file with either inode is ours to remove, and one with any other
is a rival's version that was being put back.
"""

from __future__ import annotations

import getpass
import os
import re
from dataclasses import dataclass
from functools import cache

from store.writing.process import pid_alive, start_time

_NAME = re.compile(
    r"(?P<target>.+)\.clobberwatch\.(?P<user>[\w@-]+)\.(?P<pid>\d+)-(?P<started>\d+)\.(?P<token>[0-9a-f-]+)\.(?P<role>[a-z]+)"
)


@dataclass(frozen=True, slots=True)
class PrivateName:
    """A file name of ours, taken apart; `started` is 0 where start times cannot be read."""

    target: str
    user: str
    pid: int
    started: int
    token: str
    role: str

    @property
    def in_use(self) -> bool:
        """Whether the process that made the file still runs."""
        return pid_alive(self.pid) and (start_time(self.pid) or 0) == self.started

    @property
    def inodes(self) -> frozenset[int]:
        """The base's and the new version's inode of a `tmp` file; empty for the other roles."""
        return frozenset(int(part) for part in self.token.split("-")) if self.role == "tmp" else frozenset()


def private_name(path: str, role: str, token: str = "") -> str:
    """A name beside `path` that nobody can guess, unless a token is given."""
    pid = os.getpid()
    return f"{path}.clobberwatch.{user()}.{pid}-{start_time(pid) or 0}.{token or os.urandom(8).hex()}.{role}"


def parse_name(name: str) -> PrivateName | None:
    """What one of our file names says; None for any other name."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    return PrivateName(
        found["target"], found["user"], int(found["pid"]), int(found["started"]), found["token"], found["role"]
    )


@cache
def user() -> str:
    """The user's name as it can stand in a file name."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = str(os.getuid())
    return re.sub(r"[^\w@-]", "_", name, flags=re.ASCII)
