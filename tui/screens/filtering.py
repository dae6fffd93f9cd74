"""Typing a filter: it is in force as it is typed, says where it is wrong, and Tab goes on with it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from store.summary import EntrySummary
from tui.layout.filter_lines import mistake_line, options_line
from tui.look.line import Line
from tui.prompt import Prompt, Typed
from tui.query.completion import Completion, complete
from tui.query.fields import FIELDS, NOTHING_MORE, Facts
from tui.query.haystack import prepare
from tui.query.language import Mistake, parse
from tui.roster import Roster, facts_of
from tui.screens.base import WatchScreen

COUNTED = 2000
"""In so many rows, from the top of the table, the values of a field are counted."""
SLICE_S, PAUSE_S = 0.004, 0.002
"""The texts of rows are worked out ahead in slices, so that no key waits for them."""


class Filtering(WatchScreen, inherit_bindings=False):
    """The prompt after `/`."""

    roster: Roster
    filter_text: str
    mistakes: tuple[Mistake, ...] = ()
    _completed: tuple[str, int, Completion] = ("", -1, Completion(0, ()))

    def filter_by(self, text: str) -> None:
        """Put a filter in force, or lift it; of one that is wrong somewhere what is right, while it is typed.

        Drawing is the caller's.
        """
        query = parse(text)
        self.mistakes = query.mistakes
        if not query.mistakes:
            self.filter_text = text.strip()
        self.roster.filter_by(query)
        self.roster.take(self.dashboard)

    def open_filter(self) -> None:
        """Begin to type, with the filter that is in force."""
        self.prompt = Prompt("/", self.filter_text, len(self.filter_text), completes=True)
        self._prepare()

    def filter_moved(self, prompt: Prompt, typed: Typed) -> None:
        """A key went to the prompt."""
        if typed == "complete":
            self._go_on(prompt)
        if typed in ("typing", "complete"):
            self.filter_by(prompt.text)
        elif typed == "leave":
            self.prompt = None
            self.filter_by("")
        elif not self.mistakes:
            self.prompt = None

    def mistake_line(self, cells: int, right: str) -> Line | None:
        """What takes the place of the table's header while what is typed is wrong somewhere."""
        prompt = self.prompt
        if prompt is None or prompt.sign != "/" or not self.mistakes:
            return None
        return mistake_line(self.mistakes[0], prompt.text, prompt.cursor, right, cells)

    def keys_line(self, cells: int) -> Line:
        """While a filter is typed: how it could go on."""
        prompt = self.prompt
        if prompt is None or prompt.sign != "/":
            return super().keys_line(cells)
        return options_line(self._completion(prompt), cells, wrong=bool(self.mistakes))

    def _completion(self, prompt: Prompt) -> Completion:
        """Worked out once for what is typed: ticks draw this line again and again."""
        text, cursor, completion = self._completed
        if (text, cursor) != (prompt.text, prompt.cursor):
            completion = complete(prompt.text, prompt.cursor, self._counted(prompt.text))
            self._completed = prompt.text, prompt.cursor, completion
        return completion

    def _counted(self, text: str) -> Iterator[tuple[EntrySummary, Facts]]:
        board = self.dashboard
        with_facts = any(f"{known.name}:" in text for known in FIELDS.values() if known.fact)
        for row in islice(self.roster.order or board.rows, COUNTED):
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
        if self.prompt is not None and not prepare(self.dashboard.rows.values(), SLICE_S):
            self.set_timer(PAUSE_S, self._prepare)
