"""Bytes to entries, and the difference of two versions, in every layout."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.errors import Damaged, TooDeep
from store.js import Json, JsonObject, encode, same
from store.text.document import Document, decode
from store.text.parsing import diff, parse
from tests.support.strategies import STORES, store_text

LAYOUTS: dict[str, Callable[[JsonObject], bytes]] = {
    "javascript": store_text,
    "minified": lambda store: json.dumps(store, separators=(",", ":")).encode(),
    "four blanks": lambda store: json.dumps(store, indent=4).encode(),
    "crlf": lambda store: json.dumps(store, indent=2).replace("\n", "\r\n").encode(),
    "trailing newline": lambda store: store_text(store) + b"\n",
    "byte-order mark": lambda store: b"\xef\xbb\xbf" + store_text(store),
}


def entries(document: Document) -> JsonObject:
    return {key: document.entry(key) for key in document.keys()}


@given(STORES, st.sampled_from(list(LAYOUTS)))
def test_every_layout_gives_the_same_entries(store: JsonObject, layout: str) -> None:
    document = parse(LAYOUTS[layout](store))
    assert document.keys() == list(store)
    assert same(entries(document), store)
    assert document.editable == (layout != "byte-order mark")


@given(st.lists(STORES, min_size=2, max_size=5), st.lists(st.sampled_from(["javascript", "minified"]), min_size=5))
def test_differences_are_exactly_the_entries_whose_value_changed(stores: list[JsonObject], layouts: list[str]) -> None:
    document = parse(store_text(stores[0]))
    for before, after, layout in zip(stores, stores[1:], layouts, strict=False):
        text = LAYOUTS[layout](after)
        document, changes = diff(document, text, len(text))
        differing = {key for key in {*before, *after} if _text(before, key) != _text(after, key)}
        assert {change.key for change in changes} == differing
        assert len(changes) == len(differing)
        for change in changes:
            assert _same_text(change.before, before, change.key)
            assert _same_text(change.after, after, change.key)
        assert same(entries(document), after)


def _text(store: JsonObject, key: str) -> str | None:
    return json.dumps(json.loads(encode(store[key])), sort_keys=True) if key in store else None


def _same_text(raw: bytes | None, store: JsonObject, key: str) -> bool:
    return key not in store if raw is None else same(decode(raw), store[key])


def test_only_the_first_bytes_of_a_reused_buffer_count() -> None:
    text = store_text({"a": {"x": 1}})
    document, changes = diff(parse(text), bytearray(text + b"left over from a longer version"), len(text))
    assert changes == ()
    assert document.keys() == ["a"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"\x7fELF\x02\x01", "begins with"),
        (b"[1, 2]", "a list"),
        (b"null", "null"),
        (store_text({"a": {"x": [1, 2, 3]}, "b": {"y": "z" * 50}})[:-20], "ends in the middle"),
        (store_text({"a": {"x": [1, 2, 3]}})[:-1], "ends in the middle"),
        (b'{\n  "a": {"x": }\n}', "cannot be read"),
    ],
)
def test_a_damaged_store_says_what_and_where(text: bytes, says: str) -> None:
    with pytest.raises(Damaged, match=says):
        parse(text)


@pytest.mark.parametrize(
    "text",
    [
        b"{a: {x: 1}, // comment\n}",
        b'{"a": {"x": 1},}',
        b'{"a": {"x": NaN}}',
        b'{\n  "a": {\n    "x": 0\n  },\n  "a": {\n    "x": 1\n  }\n}',
        b'{\n  "a": {\n    "x": 0\n  },\n  "\\u0061": {\n    "x": 1\n  }\n}',
    ],
)
def test_what_is_not_strict_is_shown_and_never_edited(text: bytes) -> None:
    document = parse(text)
    assert document.keys() == ["a"]
    assert not document.editable
    assert document.why_not


def test_an_entry_at_the_wrong_indent_is_not_taken_for_one_of_the_store() -> None:
    document = parse(b'{\n  "outer": {\n  "inner": {\n    "x": 1\n  }\n  }\n}', check=False)
    assert document.keys() == ["outer"]


def test_values_that_are_no_objects_are_entries_too() -> None:
    values: dict[str, Json] = {"a": 1, "b": "text", "c": [], "d": {}, "e": None, "f": True}
    assert same(entries(parse(store_text(values))), values)


def test_half_an_emoji_in_one_entry_does_not_take_the_store_with_it() -> None:
    document = parse(b'{\n  "a": {\n    "label": "\\ud83d"\n  },\n  "b": {\n    "x": 1\n  }\n}')
    assert document.entry("a") == {"label": "\ud83d"}
    assert document.entry("b") == {"x": 1}


def test_an_entry_nested_too_deep_is_one_bad_entry() -> None:
    deep = b"[" * 200_000 + b"]" * 200_000
    document = parse(b'{\n  "a": ' + deep + b',\n  "b": {}\n}')
    assert document.entry("b") == {}
    with pytest.raises(TooDeep):
        document.entry("a")


def test_bytes_that_are_not_utf8_are_shown_as_node_shows_them() -> None:
    assert parse(b'{\n  "a": {\n    "label": "\xff"\n  }\n}').entry("a") == {"label": "\ufffd"}


def test_no_interrupt_is_let_in_while_the_parser_is_loaded() -> None:
    """In a process of its own, where nothing has been decoded yet: an interrupted import of orjson is a crash."""
    script = """
import signal, sys
import store.text.document

class Looking:
    def find_spec(self, name, path=None, target=None):
        if name.startswith("orjson"):
            masks.append(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ()))

masks = []
sys.meta_path.insert(0, Looking())
store.text.document.decode(b"{}")
after = signal.pthread_sigmask(signal.SIG_BLOCK, ())
sys.exit(0 if masks and all(masks) and not after else 1)
"""
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
