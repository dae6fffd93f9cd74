"""Which file systems do not tell this machine about changes made on another."""

from __future__ import annotations

import os
import re

_REMOTE = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "drvfs", "afs", "ceph", "lustre", "glusterfs", "vboxsf"}
_REMOTE |= {"virtiofs", "vmhgfs", "ncpfs", "beegfs", "gpfs", "ocfs2", "gfs2", "fuse", "prl_fs"}


def remote_type(path: str | os.PathLike[str], mountinfo: str = "/proc/self/mountinfo") -> str:
    """The type of the network or host-shared file system the path is on, "" when it is a local one."""
    try:
        with open(mountinfo, encoding="utf-8", errors="surrogateescape") as file:
            mounts = [line.split() for line in file]
    except OSError:
        return ""
    real = os.path.realpath(path)
    best, kind = -1, ""
    for fields in mounts:
        if "-" not in fields[5:]:
            continue
        point = re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), fields[4])
        inside = real == point or real.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= best:
            best, kind = len(point), fields[fields.index("-", 5) + 1]
    return kind if kind.partition(".")[0] in _REMOTE else ""
