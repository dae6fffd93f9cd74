"""The tour: what ends a step, what it asks of the simulated gateway, what it says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.findings.finding import Finding, Grade
from tui.demo.guide import LAST_STEP, MOVES, PATIENCE_S, Guide
from tui.demo.tour import said_lines
from tui.look.line import plain

ROW, OTHER = "agent:main:main", "agent:ops:main"


class Tour:
    """A guide with what it asked so far, and a clock that stands still."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.now = 100.0
        self.guide = Guide(self.asked.append, lambda: self.now)

    def wait(self, seconds: float, key: str = ROW) -> None:
        self.now += seconds
        self.guide.tick(key)

    def to_step(self, step: int) -> Tour:
        """As somebody gets there who does what is said."""
        deeds = (self._move, self._pin, self._look, self._restore)
        for deed in deeds[: step - 1]:
            deed()
        assert self.guide.step == step
        return self

    def _move(self) -> None:
        for _ in range(MOVES):
            self.guide.moved()

    def _pin(self) -> None:
        self.guide.edited(ROW)
        self.guide.found([finding(ROW)], several=False)

    def _look(self) -> None:
        self.guide.came_to("finding", ROW)

    def _restore(self) -> None:
        self.guide.came_to("preview", ROW)
        self.guide.edited(ROW)
        self.guide.came_to("table")


def finding(key: str, grade: Grade = "confirmed") -> Finding:
    return Finding("lost-update", grade, Path("sessions.json"), key, 7, 100.0, (), (), ())


def test_a_few_moves_end_the_first_step_and_have_the_gateway_take_its_copy() -> None:
    tour = Tour()
    for _ in range(MOVES - 1):
        tour.guide.moved()
    assert tour.guide.step == 1 and tour.asked == []
    tour.guide.moved()
    assert tour.guide.step == 2 and tour.asked == ["copy"]


def test_the_users_pin_is_lost_and_the_finding_ends_the_step() -> None:
    tour = Tour().to_step(2)
    tour.guide.came_to("form", ROW)
    tour.guide.came_to("table")
    tour.guide.edited(ROW)
    assert tour.asked == ["copy", f"spare {ROW}", f"pinned {ROW}"]
    assert "MODEL cell" in tour.guide.says().first
    tour.guide.found([finding(OTHER)], several=False)
    assert tour.guide.step == 2
    tour.guide.found([finding(ROW)], several=False)
    assert tour.guide.step == 3


def test_a_pin_before_it_is_asked_for_counts_and_a_second_one_is_left_alone() -> None:
    tour = Tour()
    tour.guide.edited(ROW)
    assert tour.guide.step == 2 and tour.asked == [f"pinned {ROW}"]
    tour.guide.edited(OTHER)
    assert tour.asked == [f"pinned {ROW}"]


def test_the_first_pin_is_lost_without_the_tour_too() -> None:
    tour = Tour()
    tour.guide.leave()
    tour.guide.edited(ROW)
    assert tour.asked == [f"pinned {ROW}"] and tour.guide.over


def test_on_the_row_that_was_clobbered_n_is_not_asked_for() -> None:
    guide = Tour().to_step(3).guide
    assert guide.says(key=ROW).first == "Your pin is gone. Press f: the proof."
    assert guide.says(key=OTHER).first == "Your pin is gone. Press n, then f: the proof."


def test_a_tour_that_was_left_goes_on_where_it_was() -> None:
    tour = Tour().to_step(3)
    before = tour.guide.says()
    tour.guide.leave()
    tour.guide.leave()
    assert tour.guide.over
    tour.guide.come_back()
    assert tour.guide.says() == before


def test_the_proof_then_the_restored_value_then_the_conflict() -> None:
    tour = Tour().to_step(3)
    tour.guide.came_to("finding", ROW)
    assert tour.guide.step == 4
    tour.guide.came_to("preview", ROW)
    tour.guide.edited(ROW)
    assert tour.guide.step == LAST_STEP
    tour.guide.came_to("form", ROW)
    assert tour.asked[-1] == f"rival {ROW}"
    tour.guide.came_to("conflict", ROW)
    assert "m keeps it" in tour.guide.says().first
    tour.guide.came_to("table")
    assert tour.guide.says().title == "demo, the end"


def test_who_restores_without_looking_at_the_proof_is_further() -> None:
    tour = Tour().to_step(3)
    tour.guide.edited(ROW)
    assert tour.guide.step == LAST_STEP


def test_who_is_faster_than_the_other_writer_may_try_again() -> None:
    tour = Tour().to_step(LAST_STEP)
    for _ in range(2):
        tour.guide.came_to("form", ROW)
        tour.guide.came_to("table")
        tour.guide.edited(ROW)
        assert tour.guide.step == LAST_STEP
    assert tour.asked[-2:] == [f"rival {ROW}"] * 2


def test_for_who_does_nothing_a_colleague_does_it() -> None:
    tour = Tour()
    for step, asked in ((2, "copy"), (2, f"colleague {ROW}")):
        tour.wait(PATIENCE_S)
        assert (tour.guide.step, tour.asked[-1]) == (step, asked)
    tour.guide.found([finding(ROW, "probable")], several=False)
    assert tour.guide.says().first.startswith("The colleague's pin is gone")
    assert tour.guide.says().second.startswith("Probable, not confirmed")
    tour.wait(PATIENCE_S)
    assert tour.guide.step == 4
    tour.wait(PATIENCE_S)
    assert (tour.guide.step, tour.asked[-1]) == (LAST_STEP, f"again {ROW}")
    tour.wait(PATIENCE_S)
    assert tour.guide.says().title == "demo, the end"
    tour.wait(PATIENCE_S)
    assert tour.guide.over


def test_a_key_and_another_screen_keep_the_colleague_away() -> None:
    tour = Tour().to_step(2)
    tour.now += PATIENCE_S - 1
    tour.guide.pressed()
    tour.wait(PATIENCE_S - 1)
    tour.guide.came_to("form", ROW)
    tour.wait(10 * PATIENCE_S)
    assert not any(line.startswith("colleague") for line in tour.asked)


def test_a_loss_that_is_not_found_does_not_hold_the_tour_up() -> None:
    tour = Tour().to_step(2)
    tour.guide.edited(ROW)
    tour.wait(PATIENCE_S)
    assert tour.guide.step == LAST_STEP


@pytest.mark.parametrize(
    ("model", "step", "said"),
    [
        ("gpt-5.2", 2, "type opus, Enter, w: you pin this session to claude-opus-4-6."),
        ("claude-opus-4-6", 2, "type gemini, Enter, w: you pin this session to gemini-3-pro."),
    ],
)
def test_what_to_type_is_another_model_than_the_rows_own(model: str, step: int, said: str) -> None:
    assert said in Tour().to_step(step).guide.says(model).first


def test_with_several_findings_n_would_lead_elsewhere() -> None:
    tour = Tour().to_step(2)
    tour.guide.edited(ROW)
    tour.guide.found([finding(ROW)], several=True)
    assert "Press n until you are on it, then f" in tour.guide.says(key=OTHER).first


DEEDS: dict[str, Any] = {
    "moved": st.just(()),
    "pressed": st.just(()),
    "came_to": st.tuples(st.sampled_from(["table", "form", "preview", "finding", "conflict", "elsewhere"])),
    "edited": st.tuples(st.sampled_from([ROW, OTHER])),
    "found": st.tuples(
        st.builds(
            lambda key, grade: [finding(key, grade)],
            st.just(ROW),
            st.sampled_from(["confirmed", "probable", "possible", "unknown"]),
        )
    ),
    "tick": st.tuples(st.just(ROW)),
}


@given(
    st.lists(st.sampled_from(sorted(DEEDS)).flatmap(lambda name: st.tuples(st.just(name), DEEDS[name])), max_size=40),
    st.sampled_from(["", "claude-opus-4-6"]),
)
def test_whatever_is_done_every_line_fits_and_no_step_comes_twice(
    deeds: list[tuple[str, tuple[Any, ...]]], model: str
) -> None:
    tour, steps = Tour(), [1]
    for name, arguments in deeds:
        tour.now += 7
        getattr(tour.guide, name)(*arguments, **{"several": True} if name == "found" else {})
        steps.append(tour.guide.step)
        said = tour.guide.says(model)
        assert max(len(said.first), len(said.second)) <= 78
        assert not tour.guide.over or steps[-2] in (0, LAST_STEP + 1)
    lines = [plain(line) for line in said_lines(tour.guide.says(model), 80)]
    assert all(len(line) == 80 and "…" not in line for line in lines)
    assert [step for step in steps if step] == sorted(step for step in steps if step)
