"""JavaScript's text of a value, against the rules of ECMAScript and, where Node is there, against Node itself."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.errors import TooDeep
from store.js import ABSENT, Json, encode, same
from tests.support.strategies import TEXTS, VALUES


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.000001, "0.000001"),
        (9.99e-6, "0.00000999"),
        (1e-7, "1e-7"),
        (1e21, "1e+21"),
        (123456789012345680000, "123456789012345680000"),
        (2**53 + 1, "9007199254740992"),
        (2**64, "18446744073709552000"),
        (-0.0, "0"),
        (1.0, "1"),
        (1e5, "100000"),
        (5e-324, "5e-324"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
        (10**400, "null"),
        (float("inf"), "null"),
    ],
)
def test_numbers_are_written_as_javascript_writes_them(number: float, text: str) -> None:
    assert encode(number) == text


def test_half_an_emoji_is_escaped_and_a_whole_one_is_not() -> None:
    assert encode("\ud83d\ude00 \ud83d") == '"😀 \\ud83d"'


@given(VALUES)
def test_text_reads_back_as_the_same_value(value: Json) -> None:
    assert same(json.loads(encode(value)), value)
    assert same(json.loads(encode(value, None)), value)


def test_one_is_not_true_and_absent_is_nothing_else() -> None:
    assert not same(1, True)
    assert same(1, 1.0)
    assert same({"a": [1, None]}, {"a": [1.0, None]})
    assert not same({"a": [1, True]}, {"a": [True, 1]})
    assert not same([1e400], [None])
    assert same({"a": 1, "b": [-0.0]}, {"b": [0], "a": 1})
    assert not same(None, ABSENT)
    assert same(ABSENT, ABSENT)


@pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed")
@settings(max_examples=8, deadline=None)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False) | TEXTS, min_size=200, max_size=400))
def test_node_agrees(values: list[Json]) -> None:
    _agree_with_node(values)


def _agree_with_node(values: list[Json]) -> None:
    script = "process.stdout.write(JSON.stringify(JSON.parse(require('fs').readFileSync(0,'utf8')),null,2))"
    given_text = json.dumps(values)
    node = subprocess.run(["node", "-e", script], input=given_text.encode(), capture_output=True, check=True)
    assert encode(json.loads(given_text)).encode() == node.stdout


def test_deep_values_are_compared_and_refused_without_falling_over() -> None:
    deep: Json = 1
    other: Json = 2
    for _ in range(3000):
        deep, other = [deep], [other]
    assert same(deep, deep)
    assert not same(deep, other)
    with pytest.raises(TooDeep):
        encode(deep)
