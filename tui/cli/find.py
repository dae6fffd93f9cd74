"""Which stores, and which entry of them, a command means."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from store.entry.keys import parse_key
from store.errors import Missing, Unreadable, UsageError
from store.openclaw.databases import holds_sessions
from store.openclaw.paths import StorePath, databases, load_config, normal_agent, resolve, user_path
from store.text.lookup import entry_text
from tui.cli.output import warn

if TYPE_CHECKING:
    from store.text.document import Document
    from tui.cli.options import Options

CANDIDATES_SHOWN = 8


def chosen_stores(options: Options) -> list[StorePath]:
    """The stores that were named, or else discovered; what is odd about them is said on stderr."""
    state = user_path(options.state_dir) if options.state_dir else None
    stores = resolve(options.stores, os.environ, state, options.agent)
    _warn_about_config(options, stores)
    for store in stores:
        database = next(filter(holds_sessions, databases(store)), None)
        if database is not None:
            warn(f"OpenClaw keeps the sessions in {database} by now and ignores {store.path}, which is shown here.")
    return stores


def _warn_about_config(options: Options, stores: Sequence[StorePath]) -> None:
    if all(map(os.path.isfile, options.stores)) and options.stores:
        return
    for state in dict.fromkeys(store.state_dir for store in stores if store.state_dir):
        problem = load_config(state).problem
        if problem:
            warn(problem)


def read(store: StorePath, *, check: bool = False) -> Document:
    """A fresh read; what is wrong with the file is said with its path. `check` looks inside the entries too."""
    from store.text.read import read_store

    try:
        return read_store(store.path, check=check)
    except Unreadable as error:
        if str(store.path) in error.reason:
            raise
        raise type(error)(f"{store.path}: {error.reason}") from None


def is_of_agent(key: str, options: Options) -> bool:
    """Whether `--agent` lets this entry through; in a store that all agents share the key decides."""
    return options.agent is None or parse_key(key).agent in ("", normal_agent(options.agent))


_Place: TypeAlias = "tuple[StorePath, str, Document]"


class Found(NamedTuple):
    """An entry as it stands in its store; `raw` is its JSON text."""

    store: StorePath
    key: str
    raw: bytes


def find_entry(stores: Sequence[StorePath], text: str, options: Options) -> Found:
    """The entry with this key, or the only one whose key ends with, or at least contains, the text.

    The key counts in full and as the dashboard shows it; in the store of its own agent it is taken at once. Raises
    Missing when there is none, UsageError when several could be meant, Unreadable when a store that might have it
    cannot be read.
    """
    agent = parse_key(text).agent
    own = [store for store in stores if store.agent == agent] if agent else []
    for store in own or stores if len(own or stores) == 1 else ():
        raw = entry_text(store.path, text)
        if raw is not None:
            return Found(store, text, raw)
    return _searched(sorted(stores, key=lambda store: store not in own), text, options)


def exact_entry(stores: Sequence[StorePath], key: str, options: Options) -> StorePath:
    """The store that has this very key: what is to be changed must be named in full. Raises as `find_entry` does."""
    found = find_entry(stores, key, options)
    if found.key != key:
        raise UsageError(f"no entry has the key {key}; name it in full to change it, perhaps {found.key}")
    return found.store


def _searched(stores: Sequence[StorePath], text: str, options: Options) -> Found:
    """Every store read in full, until the key is found in the store of its own agent."""
    agent, part = parse_key(text).agent, text.casefold()
    exact, similar, problem = list[_Place](), list[_Place](), None
    for store in stores:
        try:
            document = read(store)
        except Unreadable as error:
            problem = error
            continue
        if text in document:
            exact.append((store, text, document))
            if agent and store.agent == agent:
                exact = exact[-1:]
                break
        keys = [
            key for key in document.keys() if any(part in form for form in _forms(key)) and is_of_agent(key, options)
        ]
        similar += [(store, key, document) for key in keys]
    if problem is not None and not exact:
        raise problem
    endings = [place for place in similar if any(form.endswith(part) for form in _forms(place[1]))]
    store, key, document = _only(exact or endings or similar, text)
    return Found(store, key, document.raw(key))


def _forms(key: str) -> tuple[str, str]:
    """The key in full, and as the dashboard shows it."""
    from tui.look.keyforms import short_form

    return key.casefold(), short_form(key).casefold()


def _only(places: Sequence[_Place], text: str) -> _Place:
    if len(places) == 1:
        return places[0]
    if not places:
        raise Missing(f"no entry has {text} in its key; clobberwatch list shows all keys")
    names = {key for _store, key, _document in places}
    if len(names) == 1:
        paths = ", ".join(str(store.path) for store, _key, _document in places)
        raise UsageError(f"{len(places)} stores have {text} ({paths}); name one with --store")
    raise UsageError(f"{len(names)} keys contain {text}; name one of them: {', '.join(_first(sorted(names)))}")


def _first(names: list[str]) -> Iterator[str]:
    yield from names[:CANDIDATES_SHOWN]
    if len(names) > CANDIDATES_SHOWN:
        yield f"and {len(names) - CANDIDATES_SHOWN} more"


def store_text(path: Path) -> str:
    """The store's path for JSON: whatever bytes it has, as text that can be encoded."""
    return os.fsencode(path).decode("utf-8", "replace")
