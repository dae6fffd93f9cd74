"""Which stores, and which entry of them, a command means."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from store.errors import Missing, Unreadable, UsageError
from store.keys import parse_key
from store.paths import StorePath, databases, holds_sessions, load_config, normal_agent, resolve, user_path
from store.read import read_store
from tui.cli.output import warn

if TYPE_CHECKING:
    from store.document import Document
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
    try:
        return read_store(store.path, check=check)
    except Unreadable as error:
        if str(store.path) in error.reason:
            raise
        raise type(error)(f"{store.path}: {error.reason}") from None


def is_of_agent(key: str, options: Options) -> bool:
    """Whether `--agent` lets this entry through; in a store that all agents share the key decides."""
    return options.agent is None or parse_key(key).agent in ("", normal_agent(options.agent))


def find_entry(stores: Sequence[StorePath], text: str, options: Options) -> tuple[StorePath, Document, str]:
    """The entry with this key, or the only one whose key ends with, or at least contains, the text.

    Raises Missing when there is none, UsageError when several could be meant, Unreadable when a store that might
    have it cannot be read.
    """
    versions, problem = _read(stores, text)
    exact = [(store, document, text) for store, document in versions if text in document]
    if exact:
        return _only(exact, text)
    if problem is not None:
        raise problem
    keys = [
        (store, document, key)
        for store, document in versions
        for key in document.keys()  # noqa: SIM118 - a Document is no dict
        if text.casefold() in key.casefold() and is_of_agent(key, options)
    ]
    endings = [found for found in keys if found[2].casefold().endswith(text.casefold())]
    return _only(endings or keys, text)


def exact_entry(stores: Sequence[StorePath], key: str, options: Options) -> StorePath:
    """The store that has this very key: what is to be changed must be named in full. Raises as `find_entry` does."""
    store, _document, found = find_entry(stores, key, options)
    if found != key:
        raise UsageError(f"no entry has the key {key}; name it in full to change it, perhaps {found}")
    return store


def _read(stores: Sequence[StorePath], key: str) -> tuple[list[tuple[StorePath, Document]], Unreadable | None]:
    """Every store's document; only that of the key's own agent where it has the key."""
    agent = parse_key(key).agent
    versions: list[tuple[StorePath, Document]] = []
    problem = None
    for store in sorted(stores, key=lambda store: store.agent != agent):
        try:
            document = read(store)
        except Unreadable as error:
            problem = error
            continue
        if store.agent and store.agent == agent and key in document:
            return [(store, document)], None
        versions.append((store, document))
    return versions, problem


def _only(found: Sequence[tuple[StorePath, Document, str]], text: str) -> tuple[StorePath, Document, str]:
    if len(found) == 1:
        return found[0]
    if not found:
        raise Missing(f"no entry has {text} in its key; clobberwatch list shows all keys")
    names = {key for _store, _document, key in found}
    if len(names) == 1:
        paths = ", ".join(str(store.path) for store, _document, _key in found)
        raise UsageError(f"{len(found)} stores have {text} ({paths}); name one with --store")
    raise UsageError(f"{len(names)} keys contain {text}; name one of them: {', '.join(_first(sorted(names)))}")


def _first(names: list[str]) -> Iterator[str]:
    yield from names[:CANDIDATES_SHOWN]
    if len(names) > CANDIDATES_SHOWN:
        yield f"and {len(names) - CANDIDATES_SHOWN} more"


def store_text(path: Path) -> str:
    """The store's path for JSON: whatever bytes it has, as text that can be encoded."""
    return os.fsencode(path).decode("utf-8", "replace")
