"""What the dashboard sends to the terminal, counted in a pseudo-terminal of 80x24."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.support.pty_screen import PtyScreen

ROOT = Path(__file__).parent.parent.parent
PROGRAM = (
    "import sys\nfrom pathlib import Path\nfrom store.openclaw.paths import StorePath\n"
    "from tui.app import ClobberwatchApp\n"
    "ClobberwatchApp([StorePath(Path(sys.argv[1]), 'main', None)]).run()\n"
)
LEFT = (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1000l", b"\x1b[?2004l")
"""The alternate screen, the hidden cursor, the mouse and marked pastes are over."""
LONG_AGO = 1_600_000_000_000


class Wire:
    """The dashboard over a store that the test writes as the gateway does: a new file, renamed."""

    def __init__(self, store: Path, columns: int = 80, rows: int = 24) -> None:
        self.store = store
        self.entries: dict[str, Any] = {
            f"agent:main:hook:{number:03}": {"updatedAt": LONG_AGO - number, "thinkingLevel": "low", "model": "gpt-5.2"}
            for number in range(200)
        }
        self.write()
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        self.screen = PtyScreen([sys.executable, "-c", PROGRAM, str(store)], columns, rows, env=env)
        self.screen.read_until(lambda lines: "1:all 200" in lines[1] and "?" in lines[23], 30)
        self.settle()

    def write(self) -> None:
        """The next version."""
        temp = self.store.with_name("sessions.json.1.tmp")
        temp.write_text(json.dumps(self.entries, indent=2))
        temp.rename(self.store)

    def lose(self, number: int) -> None:
        """A level is set, and a writer with an older copy takes it back."""
        held = dict(self.entries[f"agent:main:hook:{number:03}"])
        self.entries[f"agent:main:hook:{number:03}"] = {**held, "thinkingLevel": "high", "updatedAt": LONG_AGO + number}
        self.write()
        self.screen.read_until_quiet(1.2)
        self.entries[f"agent:main:hook:{number:03}"] = held
        self.screen.forget()
        self.write()

    def settle(self) -> None:
        """Wait until nothing comes any more."""
        self.screen.read_until_quiet(1.2)
        self.screen.forget()

    def sent_for(self, keys: str) -> int:
        """Bytes that some keys cost where nothing else happens."""
        self.screen.read_until_quiet(0.3)
        self.screen.forget()
        self.screen.send(keys)
        self.screen.read_until_quiet(0.3)
        return len(self.screen.received)


@pytest.fixture(scope="module")
def wire(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    made = Wire(tmp_path_factory.mktemp("wire") / "sessions.json")
    yield made
    made.screen.close()


def test_an_idle_screen_sends_nothing(wire: Wire) -> None:
    wire.settle()
    assert wire.screen.read(2.5) == 0


def test_a_change_out_of_sight_costs_its_line_in_the_feed_and_the_counts(wire: Wire) -> None:
    wire.settle()
    wire.entries["agent:main:hook:150"]["model"] = "glm-4.7"
    wire.write()
    wire.screen.read(1.5)
    assert 0 < len(wire.screen.received) <= 350


def test_a_changed_cell_in_sight_costs_at_most_400_bytes(wire: Wire) -> None:
    wire.settle()
    wire.entries["agent:main:hook:005"]["thinkingLevel"] = "high"
    wire.write()
    wire.screen.read_until(lambda lines: any("●high" in line for line in lines))
    wire.screen.read_until_quiet(0.3, 0.6)
    assert 0 < len(wire.screen.received) <= 400


def strip_has(text: str, lines: list[str]) -> bool:
    """Whether the strip of findings has this text."""
    return any(text in line for line in lines[20:23])


def test_a_finding_out_of_sight_costs_its_line_and_the_counts(wire: Wire) -> None:
    for number in (150, 151):
        wire.lose(number)
        wire.screen.read_until(partial(strip_has, f"hook:{number}"))
    wire.lose(152)
    wire.screen.read_until(lambda lines: "hook:152" in lines[21])
    wire.screen.read_until_quiet(1.2)
    missed = 60 if "!" in wire.screen.text()[0] else 0  # on a busy machine a version is missed, and that is said
    assert 0 < len(wire.screen.received) <= 2 * 135 + 100 + missed


def test_after_suspending_everything_is_painted_again(wire: Wire) -> None:
    wire.sent_for("\x1a")
    process = wire.screen.process
    assert Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "T"
    wire.screen.forget()
    process.send_signal(signal.SIGCONT)
    wire.screen.read_until_quiet(1.0)
    assert b"main:hook:000" in wire.screen.received


CEILINGS = {"g": 2000, "j": 700, "e": 135, "x": 135, "\x1b[6~": 2000, "G": 2000, "em": 2400, "\x1b": 2400, "\r": 2400}


def test_what_keys_may_cost(wire: Wire) -> None:
    """Once more where it seems too much: on a slow machine a line that was due before may fall into it."""
    wire.sent_for("G")
    sent = {keys: wire.sent_for(keys) for keys in CEILINGS}
    again = [keys for keys, octets in sent.items() if not 0 < octets <= CEILINGS[keys]]
    wire.sent_for("q")
    wire.sent_for("G")
    assert [(keys, octets) for keys in again if not 0 < (octets := wire.sent_for(keys)) <= CEILINGS[keys]] == []


def test_esc_and_a_key_in_one_packet_are_both_taken(wire: Wire) -> None:
    """Textual would take them for Alt and the key, and with a digit for a letter of its own."""
    wire.settle()
    wire.screen.send("h\x1b2")
    wire.screen.read_until(lambda lines: "1:all 200" in lines[1] and "main:hook" not in lines[3])
    wire.screen.send("1")
    wire.screen.read_until(lambda lines: "main:hook" in lines[3])


def test_a_terminal_that_is_resized_again_and_again_ends_up_whole(wire: Wire) -> None:
    wire.settle()
    for columns, rows in [(200, 60), (20, 5), (61, 13), (250, 70), (79, 24), (80, 24)] * 3:
        wire.screen.resize(columns, rows)
        wire.entries["agent:main:hook:003"]["label"] = f"{columns}x{rows}"
        wire.write()
    wire.screen.read_until(lambda lines: "3:auto" in lines[1] and "? all keys" in lines[23])
    wire.settle()
    lines = wire.screen.text()
    wire.sent_for("\x0c")
    assert wire.screen.text() == lines


def test_the_same_size_again_paints_everything_as_others_may_have_been_between(wire: Wire) -> None:
    wire.settle()
    lines = wire.screen.text()
    wire.screen.resize(80, 24)
    wire.screen.read_until(lambda shown: shown == lines)


def test_a_terminal_without_a_size_is_taken_for_an_ordinary_one_and_idles(tmp_path: Path) -> None:
    unsized = Wire(tmp_path / "sessions.json", 0, 0).screen
    assert unsized.read(1.2) == 0
    unsized.close()


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_that_ends_the_program_leaves_the_terminal_as_it_was(tmp_path: Path, ending: signal.Signals) -> None:
    ended = Wire(tmp_path / "sessions.json").screen
    ended.process.send_signal(ending)
    ended.read(5)
    ended.process.wait(5)
    assert [left for left in LEFT if left not in ended.received] == [] and ended.is_as_it_was
    ended.close()


def test_a_bug_leaves_the_terminal_as_it_was_and_is_one_line_without_anybodys_values(tmp_path: Path) -> None:
    program = (
        "import sys\nfrom tui.__main__ import main\nfrom tui.screens.main import MainScreen\n"
        "def tick(self):\n    raise ValueError('\\x1b]0;owned\\x07')\n"
        "MainScreen.tick = tick\nsys.exit(main(['--store', sys.argv[1]]))\n"
    )
    store = tmp_path / "sessions.json"
    store.write_text('{"agent:main:secret": {"updatedAt": 1}}')
    env = {**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path)}
    screen = PtyScreen([sys.executable, "-c", program, str(store)], env=env)
    screen.read_until(lambda lines: "a bug in clobberwatch: ValueError: ␛]0;owned␇" in "".join(lines))
    assert screen.process.wait(5) == 70 and screen.is_as_it_was
    said = screen.received.partition(LEFT[0])[2]
    assert b"secret" not in said and b"\x1b]0" not in said
    screen.close()


def test_a_terminal_that_takes_nothing_keeps_nobody_from_ending_the_program(tmp_path: Path) -> None:
    screen = Wire(tmp_path / "sessions.json").screen
    screen.stall("\x0c")
    screen.process.send_signal(signal.SIGTERM)
    screen.process.wait(10)
    screen.read(5)
    assert [left for left in LEFT if left not in screen.received] == [] and screen.is_as_it_was
    screen.close()


def test_a_connection_that_is_cut_ends_the_program(tmp_path: Path) -> None:
    cut = Wire(tmp_path / "sessions.json").screen  # a session of its own without a terminal: the kernel sends no SIGHUP
    os.close(cut.master)
    cut.process.wait(10)
