"""What every part of the app may ask of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import App

from store.source import Source
from tui.state import Dashboard, Update

if TYPE_CHECKING:
    from tui.editing.desk import Desk


class Core(App[None], inherit_bindings=False):
    """The state, where it comes from, and how what is new gets onto the screen."""

    dashboard: Dashboard
    store_watch: Source

    @property
    def desk(self) -> Desk:
        """Drafts, watched edits and the journal; made when first asked for."""
        raise NotImplementedError

    @property
    def made_desk(self) -> Desk | None:
        """The desk, if it was asked for already."""
        raise NotImplementedError

    def show_soon(self, update: Update) -> None:
        """Bring the update onto the screen with the next frame."""
        raise NotImplementedError

    def show_pending(self) -> None:
        """Bring what waits for the next frame onto the screen now."""
        raise NotImplementedError

    def tell(self, sentence: str) -> None:
        """Have the screen on top say this."""
        raise NotImplementedError
