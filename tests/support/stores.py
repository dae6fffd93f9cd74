"""Small stores on disk, and the permission to write them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from store.js import Json, JsonObject, encode
from store.writing.permit import Permit

ALLOWED = Permit.allowed("a test's own store")


def write_store(path: Path, entries: Mapping[str, Json]) -> Path:
    """A store as OpenClaw writes it, in place; mode 0600."""
    path.write_text(encode(dict(entries)), encoding="utf-8")
    path.chmod(0o600)
    return path


def replace_store(path: Path, entries: Mapping[str, Json]) -> None:
    """The next version by rename, as a writer that takes no lock puts it there."""
    temp = path.with_name(f"rival-{os.urandom(4).hex()}.tmp")
    write_store(temp, entries)
    os.rename(temp, path)


def entry(**fields: Json) -> JsonObject:
    """An entry with the two fields that every one has."""
    return {"sessionId": "3f0c", "updatedAt": 1_790_000_000_000, **fields}


def beside(path: Path) -> list[str]:
    """The names of the other files in the store's directory."""
    return sorted(name for name in os.listdir(path.parent) if name != path.name)
