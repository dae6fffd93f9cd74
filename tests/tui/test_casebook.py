"""Which findings are open, possible or acknowledged, and what becomes of them when there are too many."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from store.events import Writer
from store.findings.acknowledged import Acknowledged, Mark
from store.findings.finding import Finding, Grade, LostField, Witness
from tui.casebook import CaseBook

STORE = Path("/s/sessions.json")
KEY = "agent:main:main"
YOU = Mark("ada", 200.0)


def found(at: float, grade: Grade = "confirmed", key: str = KEY, lost: str = "high") -> Finding:
    return Finding("lost-update", grade, STORE, key, 2, at, (LostField("thinkingLevel", lost, "low"),), ("Why.",), ())


def test_open_ones_are_newest_first_and_possible_ones_apart() -> None:
    book = CaseBook()
    first, later, maybe, gap = found(1), found(3), found(2, "possible"), found(4, "unknown")
    book.add([first, maybe])
    book.add([later, gap])
    assert book.listed() == (later, first)
    assert book.possible() == (gap, maybe)
    assert book.open_of((STORE, KEY)) == (later, first, gap, maybe)


def test_the_same_finding_again_is_no_news() -> None:
    book = CaseBook()
    assert book.add([found(1)]) == (found(1),)
    assert book.add([found(1)]) == ()
    assert len(book.listed()) == 1


def test_how_bad_a_row_is_counts_alarms_only() -> None:
    book = CaseBook()
    book.add([found(1, "possible")])
    assert book.worst((STORE, KEY)) is None
    assert book.rows() == {}
    book.add([found(2, "probable")])
    assert book.worst((STORE, KEY)) == "probable"
    book.add([found(1.5, "confirmed")])
    assert book.worst((STORE, KEY)) == "confirmed"
    assert book.rows() == {(STORE, KEY): found(2, "probable")}


def test_a_finding_of_the_whole_store_belongs_to_no_row() -> None:
    book = CaseBook()
    book.add([found(1, key="")])
    assert book.rows() == {}
    assert len(book.listed()) == 1


def test_an_acknowledged_finding_is_open_no_longer_until_the_field_is_lost_again() -> None:
    book = CaseBook()
    book.add([found(1)])
    book.done_with([found(1)], YOU)
    assert (book.listed(), book.acknowledged()) == ((), (found(1),))
    assert book.mark(found(1)) == YOU
    assert book.worst((STORE, KEY)) is None
    book.add([found(9)])
    assert book.listed() == (found(9),)


def test_what_was_restored_in_another_run_never_opens_and_is_listed_apart(tmp_path: Path) -> None:
    marks = Acknowledged(tmp_path)
    marks.add(found(1).id, Mark("ada", 200.0, restored=True))
    book = CaseBook()
    book.know(marks.marks())
    book.add([found(1)])
    assert (book.listed(), book.restored(), book.acknowledged()) == ((), (found(1),), ())


def test_what_was_acknowledged_in_another_run_never_opens() -> None:
    book = CaseBook()
    book.know({found(1).id: YOU})
    book.add([found(1)])
    assert (book.listed(), book.acknowledged()) == ((), (found(1),))


def test_when_there_are_too_many_the_oldest_possible_ones_go_first() -> None:
    book = CaseBook(limit=3)
    book.add([found(1, "possible"), found(2, "possible"), found(3), found(4)])
    assert book.possible() == (found(2, "possible"),)
    book.done_with([found(3)], YOU)
    book.add([found(5), found(6)])
    assert book.listed() == (found(6), found(5), found(4))
    assert book.possible() == book.acknowledged() == ()


def test_a_loss_takes_the_place_of_what_it_tells_and_is_acknowledged_with_it() -> None:
    gone = replace(found(5, "unknown"), kind="edit-gone", witness=(Witness("lost", 0, 1, Writer(7, "you")),))
    loss = replace(found(1), told_here=(gone.id,))
    book = CaseBook()
    book.add([gone])
    book.add([loss])
    book.add([gone])
    assert [one.kind for one in book.everything()] == ["lost-update"]
    book = CaseBook()
    book.know({gone.id: YOU})
    book.add([loss])
    assert (book.listed(), book.mark(loss)) == ((), YOU)
