"""Texts of entries, taken apart and put together again."""

from __future__ import annotations

import json
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.events import EntryChange
from store.js import Json, JsonObject, encode
from store.recording.codec import change_body, next_text, numbers_of, raw_of, text_of
from store.recording.parts import JAVASCRIPT, join, split
from tests.support.recorded import text
from tests.support.strategies import ENTRIES, SCALARS

ODD = [
    b'{\n    "a": 1,\n    "a": 2\n  }',
    b'{\n    "a": 1,\n    "\\u0061": 2\n  }',
    b'{"a":1,"b":{"c":[1,2]}}',
    b'{ "a" : 1e400 , "b" : -0 }',
    b'{"a":1, "b":2,"c":3}',
    b"{}",
    b"{ }",
    b"7",
    b'"\\ud83d"',
    b"null",
    b'{\n    "broken',
    b'{\n    "half": \xff\xfe,\n    "\xe9": 1\n  }',
    b'{\r\n\t"a": 1,\r\n\t"b": 2\r\n}',
    b'{\n    "long": "' + b"x" * 3000 + b'"\n  }',
    b'"' + b"y" * 3000 + b'"',
    b"",
]
LAYOUTS = (
    text,
    lambda value: json.dumps(value).encode("utf-8", "surrogatepass"),
    lambda value: json.dumps(value, indent=4, ensure_ascii=True).encode(),
    lambda value: json.dumps(value, separators=(",", ":")).encode(),
)
RAWS = st.sampled_from(ODD) | st.builds(
    lambda value, layout: layout(value), ENTRIES | SCALARS, st.sampled_from(LAYOUTS)
)


class Kept:
    """Fat pieces by number."""

    def __init__(self) -> None:
        self.pieces: list[str] = []

    def keep(self, piece: str) -> int:
        if piece not in self.pieces:
            self.pieces.append(piece)
        return self.pieces.index(piece)

    def __call__(self, number: int) -> str:
        return self.pieces[number]


@given(RAWS)
def test_a_text_comes_back_to_the_byte(raw: bytes) -> None:
    kept = Kept()
    stored = json.loads(json.dumps(text_of(raw, kept.keep)))
    assert raw_of(stored, kept) == raw


@given(RAWS, RAWS)
def test_a_change_leads_from_one_text_to_the_next(before: bytes, after: bytes) -> None:
    kept = Kept()
    body = json.loads(json.dumps(change_body(EntryChange("k", before, after), True, kept.keep)))
    folded = next_text(body, text_of(before, kept.keep))
    assert folded == text_of(after, kept.keep)
    assert folded is not None and raw_of(folded, kept) == after


@given(ENTRIES.filter(bool), st.randoms(use_true_random=False))
def test_fields_that_moved_are_where_they_were(entry: JsonObject, random: Random) -> None:
    names = list(entry)
    random.shuffle(names)
    shuffled: JsonObject = {name: entry[name] for name in names}
    kept = Kept()
    body = change_body(EntryChange("k", text(entry), text(shuffled)), True, kept.keep)
    moved = next_text(body, text_of(text(entry), kept.keep))
    assert moved is not None and raw_of(moved, kept) == text(shuffled)
    assert body["s"] == {}


@pytest.mark.parametrize("value", [{"a": 1, "b": {"c": 2}}, {"x": [1, {"y": '\n    "z": 1'}]}])
def test_the_usual_layout_is_known(value: JsonObject) -> None:
    parts = split(text(value).decode("latin-1"))
    assert parts is not None and parts.layout == JAVASCRIPT
    assert list(parts.fields) == list(value)
    assert join(parts.layout, parts.fields).encode("latin-1") == text(value)


def test_only_what_changed_is_kept_and_fat_pieces_once() -> None:
    fat: Json = "s" * 5000
    kept = Kept()
    before, after = text({"a": 1, "b": 2, "fat": fat}), text({"a": 1, "b": 3, "fat": fat, "new": fat})
    body = change_body(EntryChange("k", before, after), True, kept.keep)
    assert body == {"k": "k", "s": {"b": ": 3", "new": 0}}
    assert list(numbers_of(body)) == [0]
    assert kept.pieces == [f": {encode(fat)}"]
