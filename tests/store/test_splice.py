"""Editing fields of entries: what was meant, and not one byte more."""

from __future__ import annotations

import json

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from store.errors import NotStrict
from store.js import ABSENT, JsonObject, Value, encode, same
from store.text.document import decode
from store.text.parsing import parse
from store.text.splice import edited_entry, splice
from tests.support.strategies import ENTRIES, FIELDS, KEYS, STORES, VALUES, store_text

EDITS = st.dictionaries(FIELDS, VALUES | st.just(ABSENT), max_size=4)


def edited(entry: JsonObject, edit: dict[str, Value]) -> JsonObject:
    result = dict(entry)
    for field, value in edit.items():
        if value is ABSENT:
            result.pop(field, None)
        else:
            result[field] = value
    return result


@given(STORES, KEYS, ENTRIES, EDITS)
def test_in_the_layout_of_javascript_the_result_is_what_javascript_would_write(
    store: JsonObject, key: str, entry: JsonObject, edit: dict[str, Value]
) -> None:
    store[key] = entry
    chunks = splice(parse(store_text(store)), {key: edit}, {})
    assert b"".join(chunks) == store_text({**store, key: edited(entry, edit)})


@given(
    STORES, ENTRIES, EDITS, st.sampled_from([{"indent": 4}, {"separators": (",", ":")}, {"indent": 2}]), st.booleans()
)
def test_in_any_other_layout_the_values_are_right_and_the_rest_is_untouched(
    store: JsonObject, entry: JsonObject, edit: dict[str, Value], layout: dict[str, object], crlf: bool
) -> None:
    full: JsonObject = {"before": {"x": 1}, **store, "edited": entry, "after": {"y": [1, 2]}}
    text = json.dumps(full, **layout).replace("\n", "\r\n" if crlf else "\n").encode()  # type: ignore[arg-type]
    result = b"".join(splice(parse(text), {"edited": edit}, {}))
    assert same(json.loads(result), {**full, "edited": edited(entry, edit)})
    start = text.rindex(b'"edited"')
    assert result[:start] == text[:start]
    tail = text[text.rindex(b'"after"') :]
    assert result.endswith(tail)


@given(STORES, st.dictionaries(KEYS, ENTRIES, min_size=1, max_size=2), st.booleans())
def test_new_entries_come_last(store: JsonObject, added: JsonObject, minified: bool) -> None:
    assume(not store.keys() & added.keys())
    text = json.dumps(store, separators=(",", ":")).encode() if minified else store_text(store)
    result = b"".join(splice(parse(text), {}, added))  # type: ignore[arg-type]
    if minified:
        assert same(json.loads(result), {**store, **added})
        assert result.startswith(text[:-1])
    else:
        assert result == store_text({**store, **added})


def test_blanks_and_order_of_the_other_fields_stay() -> None:
    raw = b'{ "a" :1 , "b": 2\t, "c":\n3 }'
    assert edited_entry(raw, {"b": "x"}) == b'{ "a" :1 , "b": "x"\t, "c":\n3 }'
    assert edited_entry(raw, {"b": ABSENT}) == b'{ "a" :1\t, "c":\n3 }'
    assert decode(edited_entry(raw, {"d": 4})) == {"a": 1, "b": 2, "c": 3, "d": 4}


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a":1,"\\u0061":2}',
        b'{"a":NaN}',
        b'{"a":1,}',
        b'{"a":1 /*c*/}',
        b"[1]",
        b'"x"',
        b'{"a":"\xff"}',
        b'{"a":1} x',
    ],
)
def test_text_that_is_not_strict_is_refused(raw: bytes) -> None:
    with pytest.raises(NotStrict):
        edited_entry(raw, {"b": 1})


@pytest.mark.parametrize("number", ["9" * 400, "1e400", "1.50", "123456789012345678901234567890", "-0"])
def test_numbers_of_other_fields_keep_their_text(number: str) -> None:
    raw = f'{{"cost": {number}, "label": "x"}}'.encode()
    assert edited_entry(raw, {"label": "y"}) == f'{{"cost": {number}, "label": "y"}}'.encode()


def test_json5_is_never_edited() -> None:
    with pytest.raises(NotStrict, match="JSON5"):
        splice(parse(b"{a: {x: 1}}"), {"a": {"x": 2}}, {})


def test_encoding_of_a_new_field_follows_the_layout() -> None:
    assert edited_entry(b'{"a":1}', {"b": [1, {"c": 2}]}) == b'{"a":1,"b":[1,{"c":2}]}'
    assert edited_entry(encode({"a": 1}, "\n  ").encode(), {"b": [1]}).decode() == encode({"a": 1, "b": [1]}, "\n  ")
