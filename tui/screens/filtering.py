"""Typing a filter: it is in force as it is typed, says where it is wrong, and Tab goes on with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Protocol

from store.summary import EntrySummary
from tui.layout.filter_lines import mistake_line, options_line
from tui.look.line import Line
from tui.prompt import Prompt, Typed
from tui.query.completion import Completion, complete
from tui.query.facts import NOTHING_MORE, Facts
from tui.query.fields import FIELDS
from tui.query.haystack import prepare
from tui.query.language import Mistake, parse
from tui.roster import Roster, facts_of
from tui.state import Dashboard

COUNTED = 2000
"""In so many rows, from the top of the table, the values of a field are counted."""
SLICE_S, PAUSE_S = 0.004, 0.002
"""The texts of rows are worked out ahead in slices, so that no key waits for them."""


class Filtered(Protocol):
    """A screen whose rows can be filtered."""

    roster: Roster
    filter_text: str
    prompt: Prompt | None

    @property
    def dashboard(self) -> Dashboard:
        """The state of the stores."""

    def set_timer(self, delay: float, callback: Callable[[], None]) -> object:
        """Do this after so many seconds."""


class Filtering:
    """The prompt after `/` of a screen with rows."""

    def __init__(self, screen: Filtered) -> None:
        self._screen = screen
        self._mistakes: tuple[Mistake, ...] = ()
        self._completed = "", -1, Completion(0, ())

    def put(self, text: str) -> None:
        """Put a filter in force, or lift it; of one that is wrong somewhere what is right, while it is typed.

        Drawing is the caller's.
        """
        query = parse(text)
        self._mistakes = query.mistakes
        if not query.mistakes:
            self._screen.filter_text = text.strip()
        self._screen.roster.filter_by(query)
        self._screen.roster.take(self._screen.dashboard)

    def begin(self) -> None:
        """Begin to type, with the filter that is in force."""
        self._screen.prompt = Prompt("/", self._screen.filter_text, len(self._screen.filter_text), completes=True)
        self._prepare()

    def moved(self, prompt: Prompt, typed: Typed) -> None:
        """A key went to the prompt."""
        if typed == "complete":
            self._go_on(prompt)
        if typed in ("typing", "complete"):
            self.put(prompt.text)
        elif typed == "leave":
            self._screen.prompt = None
            self.put("")
        elif not self._mistakes:
            self._screen.prompt = None

    def mistake_line(self, prompt: Prompt, cells: int, right: str) -> Line | None:
        """What takes the place of the table's header while what is typed is wrong somewhere."""
        if not self._mistakes:
            return None
        return mistake_line(self._mistakes[0], prompt.text, prompt.cursor, right, cells)

    def keys_line(self, prompt: Prompt, cells: int) -> Line:
        """How what is typed could go on."""
        return options_line(self._completion(prompt), cells, wrong=bool(self._mistakes))

    def _completion(self, prompt: Prompt) -> Completion:
        """Worked out once for what is typed: ticks draw this line again and again."""
        text, cursor, completion = self._completed
        if (text, cursor) != (prompt.text, prompt.cursor):
            completion = complete(prompt.text, prompt.cursor, self._counted(prompt.text))
            self._completed = prompt.text, prompt.cursor, completion
        return completion

    def _counted(self, text: str) -> Iterator[tuple[EntrySummary, Facts]]:
        board = self._screen.dashboard
        with_facts = any(f"{known.name}:" in text for known in FIELDS.values() if known.fact)
        for row in islice(self._screen.roster.order or board.rows, COUNTED):
            summary = board.rows.get(row)
            if summary is not None:
                yield summary, facts_of(board, row) if with_facts else NOTHING_MORE

    def _go_on(self, prompt: Prompt) -> None:
        completion = self._completion(prompt)
        if not completion.options:
            return
        text = completion.options[0].text
        if not text.endswith(":"):
            text += " "
        rest = prompt.text[prompt.cursor :].lstrip()
        prompt.text = prompt.text[: completion.start] + text + rest
        prompt.cursor = completion.start + len(text)

    def _prepare(self) -> None:
        if self._screen.prompt is not None and not prepare(self._screen.dashboard.rows.values(), SLICE_S):
            self._screen.set_timer(PAUSE_S, self._prepare)
