from __future__ import annotations

import base64
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.layout.scope import typed_line
from tui.look.clipboard import LONGEST, into_tmux, osc52
from tui.look.glyphs import PLAIN, needs_plain
from tui.look.line import plain, width
from tui.messages import Messages
from tui.prompt import Prompt

KEYS = ["left", "right", "home", "end", "backspace", "delete", "ctrl+a", "ctrl+e", "ctrl+u", "ctrl+w", "ctrl+k", "tab"]


def typed(*keys: str, text: str = "") -> str:
    prompt = Prompt("/", text, len(text))
    for key in keys:
        prompt.key(key, key if len(key) == 1 else None)
    return prompt.text[: prompt.cursor] + "|" + prompt.text[prompt.cursor :]


@pytest.mark.parametrize(
    ("keys", "left"),
    [
        (["a", "b"], "one two threeab|"),
        (["backspace"], "one two thre|"),
        (["left", "delete"], "one two thre|"),
        (["home", "delete"], "|ne two three"),
        (["ctrl+w"], "one two |"),
        (["ctrl+u"], "|"),
        (["home", "right", "ctrl+k"], "o|"),
        (["ctrl+a", "x", "end"], "xone two three|"),
        (["f5", "up", "pageup"], "one two three|"),
    ],
)
def test_line_editing(keys: list[str], left: str) -> None:
    assert typed(*keys, text="one two three") == left


def test_enter_esc_and_backspace_on_nothing_end_it() -> None:
    assert Prompt("/").key("enter", None) == "enter"
    assert Prompt("/").key("escape", None) == "leave"
    assert Prompt("/").key("backspace", None) == "leave"


def test_a_paste_is_one_printable_line() -> None:
    prompt = Prompt(":")
    prompt.insert("a\nb\x1b]0;x\x07")
    assert prompt.text == "a b␛]0;x␇"


@given(st.lists(st.sampled_from([*KEYS, "x", "長", " "]), max_size=60), st.integers(20, 100))
def test_the_cursor_stays_in_the_text_and_on_the_line(keys: list[str], cells: int) -> None:
    prompt = Prompt("/")
    for key in keys:
        prompt.key(key, key if len(key) == 1 else None)
        assert 0 <= prompt.cursor <= len(prompt.text)
        line = typed_line("/", prompt.text, prompt.cursor, "9 of 412", cells)
        assert width(line) == cells
        assert plain(line).rstrip().endswith("9 of 412")


def test_copying_through_the_terminal() -> None:
    asked = osc52("héllo", {})
    assert asked is not None
    assert base64.b64decode(asked.removeprefix("\x1b]52;c;").removesuffix("\a")).decode() == "héllo"


def test_tmux_gets_its_framing() -> None:
    asked = osc52("x", {"TMUX": "/tmp/tmux-0/default,1,0"})
    assert asked is not None
    assert asked.startswith("\x1bPtmux;\x1b\x1b]52;c;")
    assert asked.endswith("\a\x1b\\")


@pytest.mark.parametrize(("ends", "taken"), [(0, True), (1, False)])
def test_inside_tmux_its_own_buffer_is_filled(tmp_path: Path, ends: int, *, taken: bool) -> None:
    tmux = tmp_path / "tmux"
    tmux.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/asked\ncat > {tmp_path}/buffer\nexit {ends}\n')
    tmux.chmod(0o700)
    environment = {"TMUX": "/tmp/tmux-0/default,1,0", "PATH": f"{tmp_path}:/usr/bin:/bin"}
    assert into_tmux("héllo", environment) is taken
    assert (tmp_path / "asked").read_text() == "load-buffer -w -\n"
    assert (tmp_path / "buffer").read_text() == "héllo"


def test_where_there_is_no_tmux_it_is_not_asked(tmp_path: Path) -> None:
    assert not into_tmux("x", {"TMUX": "/tmp/tmux-0/default,1,0", "PATH": str(tmp_path)})
    assert not into_tmux("x", {"PATH": "/usr/bin:/bin"})


def test_what_a_terminal_would_drop_is_not_sent() -> None:
    assert osc52("x" * LONGEST, {}) is not None
    assert osc52("x" * (LONGEST + 1), {}) is None


def test_a_sentence_stays_until_the_next_key_and_in_the_log() -> None:
    messages = Messages(lambda: 5.0)
    messages.say("Written.\x1b[0m")
    assert messages.current == "Written.␛[0m"
    messages.clear()
    assert messages.wrapped(78) == []
    assert list(messages.log) == [(5.0, "Written.␛[0m")]


def test_a_sentence_takes_two_lines_at_most() -> None:
    messages = Messages(lambda: 0.0)
    messages.say("word " * 100)
    assert len(messages.wrapped(78)) == 2
    assert max(map(len, messages.wrapped(78))) <= 78


@pytest.mark.parametrize(
    ("environment", "plain_set"),
    [
        ({"TERM": "linux", "LANG": "C.UTF-8"}, True),
        ({"TERM": "xterm", "LANG": "de_DE.ISO-8859-1"}, True),
        ({"TERM": "xterm", "LANG": "en_US.UTF-8"}, False),
        ({"TERM": "xterm", "LC_ALL": "en_US.utf8", "LANG": "C"}, False),
        ({"TERM": "xterm"}, False),
    ],
)
def test_the_plain_set_is_chosen_where_glyphs_would_break(environment: dict[str, str], plain_set: bool) -> None:
    assert needs_plain(environment) is plain_set
    assert all(chr(stand_in).isascii() for stand_in in PLAIN.values())
