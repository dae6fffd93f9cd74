"""Finding in an entry: a field by its name or value, words in a text, or else the next field that changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tui.layout.entry_fields import PAGES, FieldRow, Page
from tui.layout.find_field import Place, next_place, places_from, says
from tui.layout.text_page import TextPage
from tui.look.figures import counted
from tui.prompt import Prompt, Typed
from tui.screens.moving import Moving

RAW: Final[Page] = "raw"
_FIELD_PAGES: Final = tuple(page for page in PAGES if page != RAW)


class FindScreen(Moving, inherit_bindings=False):
    """Pages of fields and a text; `wanted` is what is to be found, '' while nothing is."""

    def __init__(self) -> None:
        super().__init__()
        self.page: Page = "override"
        self.field = ""
        self.wanted = ""
        self.text = TextPage()
        self._before: tuple[Page, str] = (self.page, self.field)

    @property
    def reading(self) -> bool:
        """Whether a text is shown instead of fields."""
        raise NotImplementedError

    def rows_on(self, page: Page) -> Sequence[FieldRow]:
        """The fields of a page as they are shown there."""
        raise NotImplementedError

    def action_find(self) -> None:
        """Type what to find: in the names and values of the fields, or in the text that is shown."""
        self._before = (self.page, self.field)
        self.prompt = Prompt("/")
        self.redraw()

    def search_moved(self, prompt: Prompt, typed: Typed) -> None:
        """Find as it is typed; Enter keeps it for `n` and `N`, Esc goes back to where it began."""
        self.wanted = prompt.text if typed != "leave" else ""
        if typed != "typing":
            self.prompt = None
        if typed != "enter" and not self.reading:
            self.page, self.field = self._before
        if self.wanted and typed == "typing":
            self._find(0)
        elif self.wanted and typed == "enter" and not self._find(0):
            self._say_nothing_found()

    def action_next_match(self) -> None:
        """The next match; without anything to find the next field that was seen to change."""
        self._find_or_say(1)

    def action_previous_match(self) -> None:
        """The match before, or the changed field before."""
        self._find_or_say(-1)

    def search_hint(self) -> str:
        """How many fields have what is typed, in words."""
        if self.reading or not self.wanted:
            return ""
        found = sum(1 for _page, row in self._places() if self._is_wanted(row))
        return counted(found, "field", "fields") if found else "no field"

    def _find_or_say(self, step: int) -> None:
        if not self._find(step):
            self._say_nothing_found()
        self.redraw()

    def _find(self, step: int) -> bool:
        """Go to the next match (1), the one before (-1), or the first from here on (0); whether there is one."""
        if self.reading:
            return bool(self.wanted) and self.text.find(self.wanted, step)
        place = next_place(self._places(), self.field, self._is_wanted, step)
        if place is not None:
            self.page, self.field = place[0], place[1].name
        return place is not None

    def _places(self) -> list[Place]:
        return places_from(self.page, _FIELD_PAGES, self.rows_on)

    def _is_wanted(self, row: FieldRow) -> bool:
        if self.wanted:
            return says(row, self.wanted, self.dashboard.clock())
        return row.changed_at is not None and row.changed_at > self.dashboard.cleared_at

    def _say_nothing_found(self) -> None:
        if self.wanted and self.reading:
            self.say(f'"{self.wanted}" is not in this text.')
        elif self.wanted:
            self.say(f'"{self.wanted}" is in no field that is set; v shows all fields.')
        elif self.reading:
            self.say("/ finds words in this text.")
        else:
            self.say("No field of this entry was seen to change. / finds one by its name or value.")
