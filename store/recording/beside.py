"""What a recording knows beside the events: when it began and where, and the edits this user had made before."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from store.events import FileId
from store.findings.own_edits import OwnEdit
from store.js import ABSENT, Value
from store.recording.codec import Body


def start_body() -> Body:
    """The version of this program, and by how many seconds local time is ahead of UTC."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        tool = version("clobberwatch")
    except PackageNotFoundError:
        tool = ""
    return {"tool": tool, "zone": time.localtime().tm_gmtoff}


def own_edits_body(edits: Iterable[OwnEdit]) -> Body:
    """Edits of one store; a value that is not set is left out."""
    return {"edits": [_edit_body(edit) for edit in edits]}


def own_edits_from(store: Path, body: Body) -> list[OwnEdit]:
    """The edits again."""
    return [OwnEdit(store, edit["k"], edit["at"], FileId(*edit["file"]), _changes(edit["c"])) for edit in body["edits"]]


def _edit_body(edit: OwnEdit) -> Body:
    file = edit.file
    changes = {path: [_boxed(old), _boxed(new)] for path, (old, new) in edit.changes.items()}
    return {"k": edit.key, "at": edit.at, "file": [file.dev, file.inode, file.size, file.mtime_ns], "c": changes}


def _changes(body: dict[str, Any]) -> dict[str, tuple[Value, Value]]:
    return {path: (_unboxed(old), _unboxed(new)) for path, (old, new) in body.items()}


def _boxed(value: Value) -> list[Value]:
    return [] if value is ABSENT else [value]


def _unboxed(box: list[Value]) -> Value:
    return box[0] if box else ABSENT
