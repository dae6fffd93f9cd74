"""Whether a row is one of those that were asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from store.summary import EntrySummary
from tui.look.figures import MILLISECONDS_FROM
from tui.query.facts import NOTHING_MORE, Fact, Facts
from tui.query.fields import FIELDS, Field
from tui.query.haystack import texts_of
from tui.query.language import ANYTHING, Query, Term, octets, seconds
from tui.query.pattern import Pattern

Test: TypeAlias = "Callable[[EntrySummary, Facts], bool]"
Where: TypeAlias = "Callable[[str], bool]"


class Matcher:
    """A query made ready for many rows; `now` is what ages are counted from, in wall-clock seconds; it may be set."""

    def __init__(self, query: Query, now: float) -> None:
        self.query = query
        self.now = now
        self.facts: frozenset[Fact] = query.facts
        self._tests = [_negated(self._test(term)) if term.negated else self._test(term) for term in query.terms]

    def __call__(self, row: EntrySummary, facts: Facts = NOTHING_MORE) -> bool:
        """Whether the row fulfils every condition; `facts` must have what `self.facts` names."""
        for test in self._tests:  # noqa: SIM110 - a generator would cost as much as most of the tests
            if not test(row, facts):
                return False
        return True

    def _test(self, term: Term) -> Test:
        if not term.field:
            return _word(term)
        known = FIELDS[term.field]
        match known.kind:
            case "size":
                return _compared(term, octets, lambda row, _facts: float(row.size))
            case "age":
                return self._age(known, term)
            case _:
                return _among(known.texts, term, known)

    def _age(self, known: Field, term: Term) -> Test:
        def age(row: EntrySummary, facts: Facts) -> float | None:
            at = facts.changed_at if known.name == "changed" else _updated(row)
            return None if at is None else self.now - at

        if not term.comparison:
            wanted = term.value == "any"
            return lambda row, facts: (age(row, facts) is not None) is wanted
        return _compared(term, seconds, age)


def _negated(test: Test) -> Test:
    return lambda row, facts: not test(row, facts)


def _word(term: Term) -> Test:
    if term.comparison == "~":
        found = Pattern(term.value).found_in
        return lambda row, _facts: any(map(found, texts_of(row).lines))
    word = term.value.casefold()
    return lambda row, _facts: word in texts_of(row).together


def _among(texts: Callable[[EntrySummary, Facts], Iterable[str]], term: Term, known: Field) -> Test:
    """Whether one of the row's texts is, has or matches the value."""
    if term.comparison == "~":
        return _some(texts, Pattern(term.value).found_in)
    value = term.value.casefold()
    if known.kind != "choice" and not term.quoted and value in ANYTHING:
        wanted = value == "any"
        return lambda row, facts: any(texts(row, facts)) is wanted
    if known.kind == "part":
        return _some(texts, lambda text: value in text)
    return _some(texts, lambda text: value == text)


def _some(texts: Callable[[EntrySummary, Facts], Iterable[str]], fits: Where) -> Test:
    def test(row: EntrySummary, facts: Facts) -> bool:
        for text in texts(row, facts):  # noqa: SIM110 - half the time of a generator
            if fits(text.casefold()):
                return True
        return False

    return test


def _updated(row: EntrySummary) -> float | None:
    """When the entry says it was written, in seconds; None where it does not, or not in milliseconds."""
    at = row.updated_at
    return at / 1000 if at is not None and at >= MILLISECONDS_FROM else None


def _compared(term: Term, amount: Callable[[str], float], of: Callable[[EntrySummary, Facts], float | None]) -> Test:
    limit, below = amount(term.value), term.comparison == "<"

    def test(row: EntrySummary, facts: Facts) -> bool:
        value = of(row, facts)
        return value is not None and (value < limit if below else value > limit)

    return test
