"""What can be known about a process by its pid; Linux's `/proc` where there is one."""

from __future__ import annotations

import os
from contextlib import suppress

INTERPRETERS = ("node", "bun", "deno", "python", "python3")


def pid_alive(pid: int) -> bool:
    """Whether a process of this pid runs in our pid namespace; a zombie does not."""
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass
    stat = _stat_fields(pid)
    return stat is None or stat[0] != b"Z"


def start_time(pid: int) -> int | None:
    """Clock ticks from boot to the start of the process (field 22 of `/proc/PID/stat`); with the pid it names one."""
    stat = _stat_fields(pid)
    return int(stat[19]) if stat is not None and len(stat) > 19 and stat[19].isdigit() else None


def started_at(pid: int) -> float | None:
    """Wall-clock seconds at which the process began, to a second or so; None where that cannot be read."""
    ticks = start_time(pid)
    if ticks is None:
        return None
    with suppress(OSError, ValueError, IndexError), open("/proc/stat", "rb") as file:
        boot = next(line for line in file if line.startswith(b"btime "))
        return int(boot.split()[1]) + ticks / os.sysconf("SC_CLK_TCK")
    return None


def command_line(pid: int) -> str:
    """The arguments of the process, parted by spaces; empty when they cannot be read."""
    with suppress(OSError), open(f"/proc/{pid}/cmdline", "rb") as file:
        return file.read(4096).rstrip(b"\0").replace(b"\0", b" ").decode("utf-8", "replace")
    return ""


def short_name(command: str) -> str:
    """What a person would call the program: "openclaw gateway" for `node /opt/openclaw/openclaw.mjs gateway run`."""
    words = [word for word in command.split() if not word.startswith("-")]
    if len(words) > 1 and os.path.basename(words[0]) in INTERPRETERS:
        words = words[1:]
    if not words:
        return ""
    name = os.path.basename(words[0])
    if name.startswith("openclaw"):
        name = name.partition(".")[0].replace("-", " ")
    elif "/openclaw/" in words[0]:
        name = "openclaw"
    return " ".join([name, *(word for word in words[1:2] if name == "openclaw" and word.isalpha())])


def living_elsewhere(pid: int, started: int | None) -> int | None:
    """Our pid of a process that calls itself `pid` inside another pid namespace; None when no such process shows.

    A holder inside a container writes its inner pid, which means nothing, or somebody else, out here.
    """
    for name in os.listdir("/proc") if os.path.isdir("/proc") else ():
        if name.isdigit() and name != str(pid) and _inner_pid(name) == pid:
            outer = int(name)
            if started is None or start_time(outer) == started:
                return outer
    return None


def _inner_pid(outer: str) -> int | None:
    with suppress(OSError), open(f"/proc/{outer}/status", "rb") as file:
        for line in file:
            if line.startswith(b"NSpid:"):
                pids = line.split()[1:]
                return int(pids[-1]) if len(pids) > 1 else None
    return None


def _stat_fields(pid: int) -> list[bytes] | None:
    # The command name, field 2, may itself hold spaces and brackets; the last bracket ends it.
    with suppress(OSError), open(f"/proc/{pid}/stat", "rb") as file:
        return file.read().rpartition(b")")[2].split()
    return None
