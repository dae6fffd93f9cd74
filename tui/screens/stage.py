"""Which screens of an edit are on: the form above the screen it began on, a preview or a conflict above the form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import App

from store.js import JsonObject
from tui.editing.proposal import Proposal
from tui.screens.base import WatchScreen

if TYPE_CHECKING:
    from tui.editing.edit_flow import EditFlow
    from tui.editing.many import ManyPlan
    from tui.editing.many_outcome import ManyOutcome


class ScreenStage:
    """Puts the screens of one edit on and takes them off again; `flow` is set before anything is shown."""

    flow: EditFlow

    def __init__(self, app: App[None]) -> None:
        self._app = app
        self._below = len(app.screen_stack)

    def show_form(self) -> None:
        """The form; one that lies below a preview or a conflict comes up again."""
        from tui.screens.edit import EditScreen

        stack = self._app.screen_stack
        if len(stack) > self._below and isinstance(form := stack[self._below], EditScreen):
            self._down_to(self._below + 1)
            form.based_anew()
        else:
            self._down_to(self._below)
            self._app.push_screen(EditScreen(self.flow))

    def show_preview(self, proposal: Proposal) -> None:
        """The preview, directly above the form or the screen the edit began on."""
        from tui.screens.preview import PreviewScreen

        self._above_form()
        self._app.push_screen(PreviewScreen(self.flow, proposal))

    def show_conflict(self, proposal: Proposal, disk: JsonObject) -> None:
        """The conflict, directly above the form or the screen the edit began on."""
        from tui.screens.conflict import ConflictScreen

        self._above_form()
        self._app.push_screen(ConflictScreen(self.flow, proposal, disk))

    def show_plan(self, plan: ManyPlan) -> None:
        """The preview of many rows, above the form or the outcome that it undoes."""
        from tui.editing.many_flow import ManyFlow
        from tui.screens.many_preview import ManyPreviewScreen
        from tui.screens.outcome import OutcomeScreen

        assert isinstance(self.flow, ManyFlow)
        if not isinstance(self._app.screen, OutcomeScreen):
            self._above_form()
        self._app.push_screen(ManyPreviewScreen(self.flow, plan))

    def show_outcome(self, outcome: ManyOutcome, sentence: str) -> None:
        """What became of many rows, in place of all other screens of the edit."""
        from tui.editing.many_flow import ManyFlow
        from tui.screens.outcome import OutcomeScreen

        assert isinstance(self.flow, ManyFlow)
        self._down_to(self._below)
        screen = OutcomeScreen(self.flow, outcome)
        self._app.push_screen(screen)
        if sentence:
            screen.say(sentence)

    def close(self, sentence: str) -> None:
        """Back to the screen the edit began on, which says this."""
        self._down_to(self._below)
        if sentence and isinstance(self._app.screen, WatchScreen):
            self._app.screen.say(sentence)

    def _above_form(self) -> None:
        from tui.screens.edit import EditScreen

        stack = self._app.screen_stack
        has_form = len(stack) > self._below and isinstance(stack[self._below], EditScreen)
        self._down_to(self._below + (1 if has_form else 0))

    def _down_to(self, depth: int) -> None:
        while len(self._app.screen_stack) > depth:
            self._app.pop_screen()
