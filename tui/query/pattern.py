"""Looking for a regular expression in time linear in the text, whatever was typed.

`re` tries alternatives one after the other: `(a+)+$` takes it minutes on a line of 40 letters, and nothing can
interrupt it. Here the set of places reached in the pattern moves on once for each character, and the sets are kept as
the states of an automaton that grows as texts need it.
"""

from __future__ import annotations

import re
from typing import Final

from tui.query.syntax import END, START, Choice, Node, Repeat, Sequence, Symbol, Test, parse_pattern, simple_source

MOST_STATES: Final = 2000
"""More are forgotten and found again: some patterns have exponentially many."""


class _State(dict[str, "_State"]):
    """Where a character leads; unknown ones are worked out when they come."""

    __slots__ = ("pattern", "places")

    def __init__(self, pattern: Pattern, places: int) -> None:
        self.pattern = pattern
        self.places = places

    def __missing__(self, character: str) -> _State:
        after = self.pattern.step(self.places, character)
        self[character] = after
        return after


class _Found(_State):
    """The pattern has been found; nothing that follows matters."""

    __slots__ = ()

    def __missing__(self, character: str) -> _State:
        return self


class Pattern:
    """A regular expression; texts are given in lower case (casefolded). Raises WrongPattern."""

    def __init__(self, text: str) -> None:
        self._tests: list[Test] = []
        self._follow: list[int] = []
        node = parse_pattern(text)
        empty, self._first, self._last = self._place(node)
        self._matching: dict[str, int] = {}
        self._states: dict[int, _State] = {}
        self._found = _Found(self, -1)
        self._begin = self._found if empty else self.step(0, START)
        source = simple_source(node)
        self._simple = re.compile(source, re.DOTALL).search if source is not None else None

    def found_in(self, text: str) -> bool:
        """Whether some part of the text matches."""
        if self._simple is not None:
            return self._simple(text) is not None
        state = self._begin
        for character in text:
            state = state[character]
        return state[END] is self._found

    def step(self, places: int, character: str) -> _State:
        """The state after this character; a match may begin at every one of them."""
        reached, rest = self._first, places
        while rest:
            lowest = rest & -rest
            reached |= self._follow[lowest.bit_length() - 1]
            rest ^= lowest
        reached &= self._matching_places(character)
        if reached & self._last:
            return self._found
        if len(self._states) > MOST_STATES:
            self._states.clear()
        state = self._states.get(reached)
        if state is None:
            state = self._states[reached] = _State(self, reached)
        return state

    def _matching_places(self, character: str) -> int:
        places = self._matching.get(character)
        if places is None:
            places = sum(1 << place for place, test in enumerate(self._tests) if test(character))
            self._matching[character] = places
        return places

    def _place(self, node: Node) -> tuple[bool, int, int]:
        """Give every symbol its place: whether the node matches nothing at all, its first places, its last ones."""
        match node:
            case Symbol(test):
                self._tests.append(test)
                self._follow.append(0)
                here = 1 << len(self._tests) - 1
                return False, here, here
            case Sequence(parts):
                return self._in_a_row(parts)
            case Choice(options):
                placed = [self._place(option) for option in options]
                first = last = 0
                for _, starts, ends in placed:
                    first, last = first | starts, last | ends
                return any(empty for empty, _, _ in placed), first, last
            case Repeat(part, least, most):
                return self._again(part, least, most)

    def _in_a_row(self, parts: tuple[Node, ...]) -> tuple[bool, int, int]:
        empty, first, last = True, 0, 0
        for part in parts:
            optional, starts, ends = self._place(part)
            self._lead(last, starts)
            first |= starts if empty else 0
            last = last | ends if optional else ends
            empty = empty and optional
        return empty, first, last

    def _again(self, part: Node, least: int, most: int | None) -> tuple[bool, int, int]:
        """The part written out as often as it may come, the last of them repeated where there is no limit."""
        times = max(1, least) if most is None else most
        empty, first, last = True, 0, 0
        for number in range(times):
            optional, starts, ends = self._place(part)
            if most is None and number == times - 1:
                self._lead(ends, starts)
            self._lead(last, starts)
            optional = optional or number >= least
            first |= starts if empty else 0
            last = last | ends if optional else ends
            empty = empty and optional
        return empty, first, last

    def _lead(self, places: int, to: int) -> None:
        while places:
            lowest = places & -places
            self._follow[lowest.bit_length() - 1] |= to
            places ^= lowest
