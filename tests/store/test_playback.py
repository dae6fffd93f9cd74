"""Playing a recording: events come at their time, and time can be stopped, sped up and moved in."""

from __future__ import annotations

import stat
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from store.errors import UsageError
from store.events import Changed, Event, Loaded
from store.js import encode
from store.recording.checkpoints import Checkpoints
from store.recording.judge import PlaybackJudge, recorded_judge
from store.recording.playback import LONG_GAP_S, SHORT_GAP_S, Playback
from store.recording.recorder import Recorder
from store.recording.recording import Recording
from store.source import Source
from store.text.parsing import parse
from store.watch import Watch
from tests.support.past import START, STORE
from tests.support.recorded import Feed, text
from tests.support.traffic import Traffic

KEY = "agent:main:main"
IDLE_S = 60.0


class Player:
    """A playback whose time passes only while it waits; nothing waits really."""

    def __init__(self, file: Path, *, real_time: bool = False) -> None:
        self.elapsed = 0.0
        points = Checkpoints(every=2, most=5)
        self.playback = Playback(
            Recording(file), real_time=real_time, monotonic=lambda: self.elapsed, checkpoints=points
        )
        self.playback._changed.wait = self._wait  # type: ignore[method-assign]
        self._stop = threading.Event()
        self._waited = 0.0
        self._actions: list[Callable[[], object]] = []

    def _wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None
        self.elapsed += timeout
        self._waited += timeout
        if self._waited > IDLE_S:
            self._waited = 0.0
            self._actions.pop(0)()
        return False

    def run(self, *actions: Callable[[], object]) -> Iterator[Event]:
        """What comes; whenever nothing comes for a minute the next action is taken, after the last one it ends."""
        self._actions = [*actions, self._stop.set]
        self._stop.clear()
        while not self._stop.is_set():
            for event in self.playback.events(self._stop):
                self._waited = 0.0
                yield event

    def stands(self, position: int) -> None:
        """Check where it is."""
        assert self.playback.position == position
        assert self.playback.raw(STORE, KEY) == text({"n": position})


@pytest.fixture
def player(tmp_path: Path) -> Iterator[Callable[..., Player]]:
    made: list[Player] = []

    def make(*gaps: float, **options: bool) -> Player:
        """Versions with so many seconds between them; the n-th one has n in it."""
        file, feed = tmp_path / "played.rec", Feed()
        recorder = Recorder(file, [STORE], clock=lambda: START + 1)
        recorder.take(feed.loaded({KEY: text({"n": 1})}), feed)
        for number, gap in enumerate(gaps, 2):
            feed.now += gap - 1
            recorder.take(feed.changed({KEY: text({"n": number})}), feed)
        recorder.close()
        made.append(Player(file, **options))
        return made[-1]

    yield make
    for one in made:
        one.playback.recording.close()


def test_events_come_at_their_time(player: Callable[..., Player]) -> None:
    playing = player(1.0, 0.5, 3.0)
    times = []
    for event in playing.run():
        assert isinstance(event, Loaded | Changed)
        times.append(playing.elapsed)
        assert playing.playback.clock() == pytest.approx(playing.playback.recording.began + playing.elapsed)
        assert playing.playback.doing == "playing"
    assert times == pytest.approx([0.0, 1.0, 1.5, 4.5])


def test_at_the_end_it_stays(player: Callable[..., Player]) -> None:
    playing = player(1.0)
    assert len(list(playing.run())) == 2
    assert playing.playback.doing == "over"
    assert playing.playback.clock() == playing.playback.recording.ended


@pytest.mark.parametrize(("real_time", "expected"), [(False, SHORT_GAP_S), (True, 40.0)])
def test_a_long_silence_is_shortened(player: Callable[..., Player], real_time: bool, expected: float) -> None:
    assert SHORT_GAP_S < LONG_GAP_S < 40.0
    playing = player(40.0, real_time=real_time)
    assert [playing.elapsed for _ in playing.run()] == pytest.approx([0.0, expected])


def test_ten_times_as_fast(player: Callable[..., Player]) -> None:
    playing = player(4.0, 30.0)
    playing.playback.set_speed(10)
    assert [playing.elapsed for _ in playing.run()] == pytest.approx([0.0, 0.4, 3.4])
    with pytest.raises(UsageError, match=":speed 10"):
        playing.playback.set_speed(0)


def test_paused_it_stands_still_and_goes_on_from_there(player: Callable[..., Player]) -> None:
    playing = player(IDLE_S + 2.5, real_time=True)
    clocks = []

    def pause() -> None:
        playing.playback.pause()
        clocks.append(playing.playback.clock())
        assert playing.playback.doing == "paused"

    def go_on() -> None:
        clocks.append(playing.playback.clock())
        playing.playback.pause()

    times = [playing.elapsed for _ in playing.run(pause, go_on)]
    assert times[1] == pytest.approx(2 * IDLE_S + 2.5, abs=0.2)
    began = playing.playback.recording.began
    assert clocks == pytest.approx([began + IDLE_S] * 2, abs=0.1)


def test_step_by_step_forwards_and_back(player: Callable[..., Player]) -> None:
    playing = player(30.0, 30.0, 30.0, 30.0, real_time=True)
    playing.playback.pause()
    actions: list[Callable[[], object]] = []
    for versions, position in ((1, 1), (1, 2), (2, 4), (-1, 3), (-1, 2), (1, 3), (-99, 1), (99, 5), (-1, 4)):
        actions += [partial(playing.playback.step, versions), partial(playing.stands, position)]
        actions.append(partial(doing, playing, "over" if versions == 99 else "paused"))
    assert list(playing.run(*actions))


def doing(player: Player, what: str) -> None:
    assert player.playback.doing == what


def test_to_a_time(player: Callable[..., Player]) -> None:
    playing = player(10.0, 10.0, 10.0, real_time=True)
    began = playing.playback.recording.began

    def clock_is(after: float) -> None:
        assert playing.playback.clock() == pytest.approx(began + after)

    actions: list[Callable[[], object]] = []
    playing.playback.pause()
    for after, position in ((15.0, 2), (29.0, 3), (1.0, 1), (10.0, 2), (-5.0, 1), (1e6, 4), (25.0, 3)):
        actions += [partial(playing.playback.seek, began + after), partial(playing.stands, position)]
        actions.append(partial(clock_is, min(max(after, 0.0), 30.0)))
    assert list(playing.run(*actions))


def test_after_a_move_it_plays_on(player: Callable[..., Player]) -> None:
    playing = player(10.0, 10.0, 10.0, real_time=True)
    playing.playback.seek(playing.playback.recording.began + 15.0)
    assert [playing.elapsed for _ in playing.run()] == pytest.approx([0.0, 0.0, 5.0, 15.0])


def test_a_move_can_be_cut_short(player: Callable[..., Player]) -> None:
    playing = player(10.0, 10.0, 10.0, 10.0, real_time=True)
    playing.playback.step(5)
    for event in playing.run(partial(playing.stands, 2), playing.playback.pause):
        if isinstance(event, Changed) and event.version.number == 2:
            playing.playback.pause()
            assert playing.playback.doing == "paused"
    assert playing.playback.doing == "over"


def test_at_the_end_there_is_nothing_to_go_on_with(player: Callable[..., Player]) -> None:
    playing = player(1.0)
    back = partial(playing.playback.step, -1)
    actions = (playing.playback.pause, partial(doing, playing, "over"), back, partial(doing, playing, "paused"))
    assert list(playing.run(*actions))


def test_on_to_the_next_finding(tmp_path: Path) -> None:
    file, feed = tmp_path / "traffic.rec", Feed()
    made = Traffic(3, stale=0.1)
    feed.texts = {key: text(texts.now) for key, texts in made.texts.items()}
    recorder = Recorder(file, [STORE])
    for step in made.told(300):
        recorder.take(step.event, feed)
    recorder.close()
    playing = Player(file)
    playing.playback.pause()
    judge = PlaybackJudge(playing.playback)
    stops: list[int] = []
    visits: list[Callable[[], object]] = []
    for _ in range(5):
        visits += [playing.playback.to_next_finding, lambda: stops.append(playing.playback.position)]
    wanted = [
        playing.playback.position
        for event in playing.run(*visits)
        if any(finding.grade != "possible" for finding in judge(event))
    ]
    assert stops == wanted and len(set(stops)) == 5
    playing.playback.recording.close()


def test_a_jump_begins_where_it_is_near_and_finds_what_was_found(tmp_path: Path) -> None:
    file, feed = tmp_path / "traffic.rec", Feed()
    made = Traffic(3, stale=0.1)
    feed.texts = {key: text(texts.now) for key, texts in made.texts.items()}
    recorder = Recorder(file, [STORE])
    for step in made.told(200):
        recorder.take(step.event, feed)
    recorder.close()
    straight = Recording(file)
    judge = recorded_judge(straight)
    wanted, states = [], []
    for event in straight.events():
        wanted.append(judge(event))
        states.append({key: straight.raw(STORE, key) for key in straight.keys(STORE)})
    straight.close()
    playing = Player(file)
    playing.playback.pause()
    seen: list[int] = []
    steps = [partial(playing.playback.step, by) for by in (999, -150, 1, -1, 60, 90, -201)]
    again = PlaybackJudge(playing.playback)
    for event in playing.run(*steps):
        at = playing.playback.position - 1
        assert again(event) == wanted[at]
        assert {key: playing.playback.raw(STORE, key) for key in playing.playback.keys(STORE)} == states[at]
        seen.append(at + 1)
    assert sum(map(bool, wanted)) > 5
    assert len(seen) < 201 + 7 * 70
    assert {51, 52, 112, 201} <= set(seen) and seen[-1] == 1
    playing.playback.recording.close()


def test_it_begins_only_where_it_was_said_to_though_a_checkpoint_goes_meanwhile(player: Callable[..., Player]) -> None:
    playing = player(*[1.0] * 9)
    told: list[tuple[int, ...]] = [()]
    begun: list[int] = []
    playing.playback.on_mark, playing.playback.on_begin = told.append, begun.append
    for _ in playing.run():
        if playing.playback.position == 9 and len(begun) == 1:
            assert told[-1] == (1, 3, 5, 7)
            playing.playback.step(-1)
    assert told[-1] == (1, 5, 9)
    assert begun == [0, 5]
    playing.stands(8)


def test_a_watch_and_a_playback_are_sources(player: Callable[..., Player]) -> None:
    sources: list[Source] = [Watch([STORE]), player(1.0).playback]
    assert len(sources) == 2


def test_it_plays_as_it_was_recorded(player: Callable[..., Player]) -> None:
    playing = player(1.0, 2.0)
    events = list(playing.run())
    assert [type(event) for event in events] == [Loaded, Changed, Changed]
    assert playing.playback.raw(STORE, KEY) == text({"n": 3})
    assert playing.playback.keys(STORE) == [KEY]


def test_a_moment_of_it_is_saved_as_a_store(tmp_path: Path) -> None:
    file, feed = tmp_path / "real.rec", Feed()
    first = encode({KEY: {"n": 1}, 'k"q': {"fat": "x" * 3000}})
    with_entries = parse(first.encode())
    recorder = Recorder(file, [STORE])
    recorder.take(feed.loaded(dict(with_entries.raws())), feed)
    recorder.take(feed.changed({KEY: text({"n": 2})}), feed)
    recorder.close()
    playing = Player(file)
    playing.playback.step(1)
    list(playing.run())
    saved = tmp_path / "saved.json"
    assert playing.playback.doing == "paused"
    assert playing.playback.save_good(STORE, saved) == len(first)
    assert (saved.read_text(), stat.S_IMODE(saved.stat().st_mode)) == (first, 0o600)
    with pytest.raises(UsageError, match="exists already"):
        playing.playback.save_good(STORE, saved)
    playing.playback.recording.close()
