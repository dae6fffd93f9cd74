"""A writer that takes no lock, as tools beside the gateway do; for the simulator's own stores only."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

from store.commit import Commit
from store.errors import NoSafeWrite
from store.gateway.scenarios.ledger import is_simulated
from store.text.read import file_id, open_store
from store.text.splice import splice
from store.writing.draft import StoreDraft
from store.writing.permit import Permit

T = TypeVar("T")
_MILLISECOND_NS = 1_000_000


def put_without_lock(path: Path, mutator: Callable[[StoreDraft], T], *, permit: Permit, timeout: float) -> Commit[T]:
    """Read, change, rename over: what others wrote in between is gone. Raises NoSafeWrite for a real store."""
    del timeout  # there is nothing to wait for
    permit.check()
    if not is_simulated(path):
        raise NoSafeWrite(f"{path} was not made by the simulator, and only its stores are written without the lock")
    with open_store(path) as base:
        draft = StoreDraft(base.document)
        value = mutator(draft)
        edits, added = draft.edits(), draft.added()
        temp = path.with_name(f"{path.name}.{uuid4()}.tmp")
        descriptor = os.open(temp, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.writelines(splice(base.document, edits, added))
        later = max(temp.stat().st_mtime_ns, base.status.st_mtime_ns + _MILLISECOND_NS)
        os.utime(temp, ns=(later, later))
        os.rename(temp, path)
    return Commit(True, file_id(path.stat()), {**edits, **added}, 0.0, 0.0, False, (), value)
