"""Old files as the dashboard's past: finding them beside the stores, reading them in a thread, one history of both."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from textual import work
from textual.message import Message

from store.errors import StoreError
from store.events import Version
from store.source import Source
from tui.look.figures import clock_time, counted
from tui.openers import Openers
from tui.state import Olds, Update

if TYPE_CHECKING:
    from store.past.first import FirstTexts
    from store.past.read import StorePast

LOOK_AFTER_S: Final = 1.0
"""Old files are looked for once the first screen has been painted."""


@dataclass
class OldsFound(Message):
    """What lies beside the stores."""

    olds: Olds


@dataclass
class PastRead(Message):
    """What was read, store by store; or why nothing was."""

    pasts: tuple[StorePast, ...]
    files: Mapping[Path, tuple[Path, ...]]
    why_not: str = ""


class Loading(Openers, inherit_bindings=False):
    """The past of the stores, from files."""

    store_watch: Source

    def on_mount(self) -> None:
        """Look for old files soon."""
        self._loaded: dict[Path, tuple[Path, ...]] = {}
        self._firsts: dict[Path, Version] = {}
        self.set_timer(LOOK_AFTER_S, self.look_for_olds)

    def show_soon(self, update: Update) -> None:
        """Bring the update onto the screen with the next frame."""
        raise NotImplementedError

    def know_marks(self) -> None:
        """Read what was acknowledged in runs before."""
        raise NotImplementedError

    def look_for_olds(self) -> None:
        """Look what lies beside the stores."""
        self._look_for_olds()

    @work(thread=True, group="olds", exit_on_error=False)
    def _look_for_olds(self) -> None:
        from store.past.files import old_files

        found = [old for store in self.dashboard.stores for old in old_files(store)]
        if found:
            self.post_message(OldsFound(Olds(len(found), min(old.at for old in found))))

    def on_olds_found(self, news: OldsFound) -> None:
        """Offer them where nothing was found yet."""
        self.dashboard.olds = news.olds
        self.show_soon(Update(stores=True))

    def load_past(self, name: str) -> None:
        """Read this file, or with a blank name whatever lies beside the stores, and show it as what was before."""
        firsts: dict[Path, FirstTexts] = {}
        from store.past.first import first_texts

        for store, history in self.dashboard.histories.items():
            if (first := self._firsts.get(store) or history.first) is not None:
                self._firsts.setdefault(store, first)
                firsts[store] = first_texts(history, first)
        if not firsts:
            self.tell("Nothing loaded: no version of a store was read yet.")
            return
        self.tell("Reading what was before…")
        self._read_past(name, firsts, dict(self._loaded))

    @work(thread=True, group="past", exclusive=True, exit_on_error=False)
    def _read_past(self, name: str, firsts: Mapping[Path, FirstTexts], loaded: dict[Path, tuple[Path, ...]]) -> None:
        from store.past.read import read_past

        watch, pasts = self.store_watch, []
        try:
            chosen = _chosen(name, {store: watch.keys(store) for store in firsts})
            for store, paths in chosen.items():
                first = firsts[store]
                loaded[store] = tuple(dict.fromkeys([*loaded.get(store, ()), *paths]))
                texts = first.all_of(watch.keys(store), _raw_of(watch, store))
                pasts.append(read_past(loaded[store], store, first.version, texts, first.unknown))
        except (StoreError, OSError) as error:
            self.post_message(PastRead((), {}, str(error)))
            return
        self.post_message(PastRead(tuple(pasts), loaded))

    def on_past_read(self, news: PastRead) -> None:
        """The histories begin earlier now; what was found in the past is listed with the rest."""
        if news.why_not:
            self.tell(f"Nothing loaded, nothing changed: {news.why_not}")
            return
        if not news.pasts:
            self.tell("Nothing loaded: no older copy (.bak) or recording lies beside the store; :load FILE opens one.")
            return
        if any(past.findings for past in news.pasts):
            self.know_marks()
        self._loaded = dict(news.files)
        self.dashboard.olds = None
        update = Update(stores=True)
        for past in news.pasts:
            update = update.then(self.dashboard.take_past(past, self._firsts[past.store]))
        self.show_soon(update)
        self.tell(_said(news.pasts, self.dashboard.clock()))


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


def _said(pasts: tuple[StorePast, ...], now: float) -> str:
    versions, files = sum(past.versions for past in pasts), sum(past.files for past in pasts)
    changed = sum(past.changed for past in pasts)
    since = clock_time(min(past.since for past in pasts), now)
    rows = f"{counted(changed, 'entry', 'entries')} changed since then" if changed else "no entry changed since then"
    found = sum(finding.alarming for past in pasts for finding in past.findings)
    more = f" {counted(found, 'finding', 'findings')}: f lists them." if found else ""
    what = f"{counted(versions, 'version', 'versions')} from {counted(files, 'file', 'files')}"
    return f"Loaded: {what}, back to {since}; {rows}.{more} h shows the past of a row."
