"""The same sessions in a store of either kind: a `sessions.json`, and a database as since 2026.8.1."""

from __future__ import annotations

import os
import shutil
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, TypeAlias

from store.entry.route_forms import context_of
from store.entry.routes import Route
from store.js import JsonObject
from store.openclaw.release import Discipline
from store.text.document import decode_object
from store.text.lookup import entry_text
from tests.support.databases import make_database, opened, put
from tests.support.stores import replace_store, write_store

Kind: TypeAlias = Literal["file", "database"]


class Kept(ABC):
    """A store, and somebody else who writes it."""

    path: Path
    discipline: Discipline

    def put(self, key: str, entry: JsonObject) -> None:
        """Another process writes the entry."""
        self.put_all({key: entry})

    @abstractmethod
    def put_all(self, entries: Mapping[str, JsonObject | None]) -> None:
        """Another process writes these entries at once; None removes one."""

    def copy(self, name: str) -> Path:
        """A copy of the store as it is, beside it, an hour old."""
        copied = self.path.with_name(name)
        shutil.copyfile(self.path, copied)
        an_hour_ago = time.time() - 3600
        os.utime(copied, (an_hour_ago, an_hour_ago))
        return copied

    @abstractmethod
    def spoil(self) -> None:
        """Leave the store so that nobody can read it."""

    @abstractmethod
    def delivery(self, route: Route) -> JsonObject:
        """The fields that lead there, as this kind of store has them."""

    def entry(self, key: str) -> JsonObject:
        """The entry as it stands there now."""
        return decode_object(entry_text(self.path, key) or b"") or {}


class File(Kept):
    """A `sessions.json`."""

    discipline = Discipline("locked", "2026.3.2", "said by the test", None)

    def __init__(self, folder: Path) -> None:
        self.path = folder / "agents" / "main" / "sessions" / "sessions.json"
        self.path.parent.mkdir(parents=True)
        self._entries: dict[str, JsonObject] = {}
        write_store(self.path, {})

    def put_all(self, entries: Mapping[str, JsonObject | None]) -> None:
        """As a new file in place of the old one."""
        merged = {**self._present(), **entries}
        self._entries = {key: entry for key, entry in merged.items() if entry is not None}
        replace_store(self.path, self._entries)

    def spoil(self) -> None:
        """Half of it is gone."""
        os.truncate(self.path, self.path.stat().st_size // 2)

    def delivery(self, route: Route) -> JsonObject:
        """The older fields."""
        context = context_of(route)
        last = {f"last{name[0].upper()}{name[1:]}": value for name, value in context.items()}
        return {**last, "deliveryContext": context}

    def _present(self) -> dict[str, JsonObject]:
        return {key: self.entry(key) for key in self._entries}


class Database(Kept):
    """An `openclaw-agent.sqlite`."""

    def __init__(self, folder: Path) -> None:
        self.path = make_database(folder / "agents" / "main" / "agent" / "openclaw-agent.sqlite", {})
        self.discipline = Discipline("database", "2026.9.6", "said by the test", None, self.path)

    def put_all(self, entries: Mapping[str, JsonObject | None]) -> None:
        """In one transaction."""
        with opened(self.path) as gateway:
            put(gateway, entries)

    def spoil(self) -> None:
        """Its table is gone."""
        with opened(self.path) as gateway:
            gateway.execute("ALTER TABLE session_nodes RENAME TO session_nodes_old")

    def delivery(self, route: Route) -> JsonObject:
        """One object."""
        return {"delivery": {"kind": "external", "route": {}, "context": context_of(route), "origin": {}}}


KINDS: dict[Kind, type[File] | type[Database]] = {"file": File, "database": Database}
