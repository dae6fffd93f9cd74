"""Nothing a store holds reaches the screens of its history as anything but text, and nothing is too wide."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store.events import Missed, Writer
from tests.support import incident
from tests.support.fake_watch import FakeWatch
from tests.support.story import STORE, Story
from tests.tui.test_nothing_raw import ENTRY, FIELDS, KEY, TEXT, harmless
from tui.layout.history_lines import HistoryView, Told, history_lines, scope_line
from tui.layout.pair_grid import SHOWS, Pair
from tui.layout.versions_lines import VersionsView, versions_lines
from tui.look.line import Line
from tui.timeline import Moment, entry_moments, entry_texts, field_moments

NAME = st.one_of(st.sampled_from([*FIELDS, "outputTokens"]), TEXT)


def drawn(story: Story, key: str, field: str, moments: list[Moment], told: Told, cells: int, rows: int) -> list[Line]:
    """The history with the cursor on each of its moments."""
    lines: list[Line] = []
    for at in range(len(moments)):
        view = HistoryView(key, field, moments, at, 0, {moments[at].version}, [], story.clock())
        body, cursor = history_lines(view, told, cells, rows)
        assert len(body) <= rows
        assert cursor is not None
        lines += [*body, scope_line(view, ", some missed", cells, every=not field)]
    return lines


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(KEY, st.lists(st.none() | ENTRY, min_size=2, max_size=3), min_size=1, max_size=2),
    NAME,
    TEXT,
    st.integers(60, 170),
    st.integers(9, 47),
)
def test_every_line_of_a_history_is_printable_and_fits(
    lives: dict[str, list[object | None]], field: str, text: str, cells: int, rows: int
) -> None:
    story = Story(FakeWatch(STORE, {key: life[0] for key, life in lives.items() if life[0]}, incident.NOW - 9))
    for step in (1, 2):
        story.watch.push(Missed(STORE, incident.NOW - 5, 1))
        now = {key: life[step] if step < len(life) else None for key, life in lives.items()}
        changed = {key: entry for key, entry in now.items() if entry is not None or key in story.watch.texts}
        story.watch.change(incident.NOW - 5 + step, changed, Writer(1, "temp"))
    story.catch_up()
    board = story.dashboard
    history = board.histories[STORE]
    for key in lives:
        present = board.raw(STORE, key)
        texts = entry_texts(history, key, present)
        told = Told(texts[0].entry, texts[-1].entry, text, True, 2) if texts else Told(command=text)
        moments = [*entry_moments(history, key, every=True)]
        lines = drawn(story, key, "", moments, told, cells, rows)
        lines += drawn(story, key, field, field_moments(history, key, field, present), told, cells, rows)
        for older, newer in zip(texts[1:], texts, strict=False):
            for show in SHOWS:
                pair = Pair(older.entry, newer.entry)
                view = VersionsView(key, older, newer, pair, pair, history.first, True, show, None, 0, story.clock())
                lines += versions_lines(view, cells, rows)[0]
        harmless(lines, cells)
