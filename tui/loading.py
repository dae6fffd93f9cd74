"""Old files as the dashboard's past: finding them beside the stores, reading them in a thread, one history of both."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from store.errors import StoreError, Unreadable
from store.events import Version
from store.source import Source
from tui.look.figures import clock_time, counted
from tui.state import Olds, Update

if TYPE_CHECKING:
    from store.past.first import FirstTexts
    from store.past.read import StorePast
    from tui.casework import Casework
    from tui.core import Core


class Loading:
    """The past of the stores, from files."""

    def __init__(self, app: Core, casework: Casework) -> None:
        self._app, self._casework = app, casework
        self._loaded: Mapping[Path, tuple[Path, ...]] = {}
        self._firsts: dict[Path, Version] = {}

    def look(self) -> None:
        """Look what lies beside the stores."""
        self._app.run_worker(self._look, thread=True, group="olds", exit_on_error=False)

    def _look(self) -> None:
        from store.past.files import old_files

        found = [old for store in self._app.dashboard.stores for old in old_files(store)]
        if found:
            self._app.call_later(self._offer, Olds(len(found), min(old.at for old in found)))

    def _offer(self, olds: Olds) -> None:
        self._app.dashboard.olds = olds
        self._app.show_soon(Update(stores=True))

    def load(self, name: str) -> None:
        """Read this file, or with a blank name whatever lies beside the stores, and show it as what was before."""
        from store.past.first import first_texts

        firsts: dict[Path, FirstTexts] = {}
        for store, history in self._app.dashboard.histories.items():
            if (first := self._firsts.get(store) or history.first) is not None:
                self._firsts.setdefault(store, first)
                firsts[store] = first_texts(history, first)
        if not firsts:
            self._app.tell("Nothing loaded: no version of a store was read yet.")
            return
        self._app.tell("Reading what was before…")
        read = partial(self._read, name, firsts, dict(self._loaded))
        self._app.run_worker(read, thread=True, group="past", exclusive=True, exit_on_error=False)

    def _read(self, name: str, firsts: Mapping[Path, FirstTexts], loaded: dict[Path, tuple[Path, ...]]) -> None:
        from store.past.read import read_past, readable

        watch, pasts, bad = self._app.store_watch, [], 0
        try:
            chosen = _chosen(name, {store: watch.keys(store) for store in firsts})
            for store, paths in chosen.items():
                first = firsts[store]
                texts = first.all_of(watch.keys(store), _raw_of(watch, store))
                before = loaded.get(store, ())
                loaded[store] = tuple(dict.fromkeys([*before, *paths]))
                try:
                    pasts.append(read_past(loaded[store], store, first.version, texts, first.unknown))
                except Unreadable:
                    good = () if name else readable(paths, store, first.version, texts)
                    if not good:
                        raise
                    bad += len(paths) - len(good)
                    loaded[store] = tuple(dict.fromkeys([*before, *good]))
                    pasts.append(read_past(loaded[store], store, first.version, texts, first.unknown))
        except (StoreError, OSError) as error:
            self._app.call_later(self._app.tell, f"Nothing loaded, nothing changed: {error}")
            return
        self._app.call_later(self._show, pasts, loaded, bad)

    def _show(self, pasts: Sequence[StorePast], loaded: Mapping[Path, tuple[Path, ...]], bad: int) -> None:
        """The histories begin earlier now; what was found in the past is listed with the rest."""
        app, board = self._app, self._app.dashboard
        if not pasts:
            app.tell("Nothing loaded: no older copy (.bak) or recording lies beside the store; :load FILE opens one.")
            return
        self._loaded = loaded
        board.olds = None
        update = Update(stores=True)
        for past in pasts:
            self._casework.read_marks(past.findings)
            update = update.then(board.take_past(past, self._firsts[past.store]))
        app.show_soon(update)
        app.tell(_said(pasts, bad, board.clock()))


def _chosen(name: str, keys: Mapping[Path, list[str]]) -> dict[Path, list[Path]]:
    """The files to read for each store."""
    from store.past.files import belongs_to, old_files

    if not name:
        found = {store: [old.path for old in old_files(store)] for store in keys}
        return {store: paths for store, paths in found.items() if paths}
    given = Path(name).expanduser()
    tried = [given, *(store.parent / given for store in keys)]
    path = next((path for path in tried if path.exists()), given)
    return {belongs_to(path, keys): [path]}


def _raw_of(watch: Source, store: Path) -> Callable[[str], bytes | None]:
    return lambda key: watch.raw(store, key)


def _said(pasts: Sequence[StorePast], bad: int, now: float) -> str:
    versions, files = sum(past.versions for past in pasts), sum(past.files for past in pasts)
    changed = sum(past.changed for past in pasts)
    since = clock_time(min(past.since for past in pasts), now)
    rows = f"{counted(changed, 'entry', 'entries')} changed since then" if changed else "no entry changed since then"
    found = sum(finding.alarming for past in pasts for finding in past.findings)
    more = f" {counted(found, 'finding', 'findings')}: f lists them." if found else ""
    what = f"{counted(versions, 'version', 'versions')} from {counted(files, 'file', 'files')}"
    what += f" ({bad} could not be read)" if bad else ""
    return f"Loaded: {what}, back to {since}; {rows}.{more} h shows the past of a row."
