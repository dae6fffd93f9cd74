from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store.js import JsonObject, encode
from store.text import lookup
from store.text.lookup import entry_text
from store.text.parsing import parse
from tests.support.strategies import KEYS, STORES

ENTRIES: JsonObject = {
    f"agent:main:{number}": {"sessionId": f"s{number}", "label": "x" * number} for number in range(40)
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sessions.json"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STORES, KEYS, st.sampled_from(["", "\n", " \r\n"]))
def test_it_finds_what_a_full_read_finds_or_leaves_it_to_that(
    path: Path, content: JsonObject, key: str, end: str
) -> None:
    text = encode(content).encode() + end.encode()
    path.write_bytes(text)
    found = entry_text(path, key)
    if found is not None:
        assert found == parse(text).raw(key)
    elif content and all(isinstance(entry, dict) and entry for entry in content.values()):
        assert key not in content


def test_an_empty_entry_ends_before_the_next(path: Path) -> None:
    path.write_text(encode({"a": {}, "b": {"x": 1}}))
    assert entry_text(path, "a") == b"{}"
    assert entry_text(path, "b") == b'{\n    "x": 1\n  }'


@pytest.mark.parametrize("chunk", [64, 65, 100, 1 << 20])
def test_an_entry_that_lies_across_two_reads_is_found(path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    monkeypatch.setattr(lookup, "_CHUNK", chunk)
    path.write_text(encode(ENTRIES))
    for key, entry in ENTRIES.items():
        found = entry_text(path, key)
        assert found is not None and json.loads(found) == entry


@pytest.mark.parametrize("size", [0, 1, 20, 300, -1, -3, -5])
def test_a_truncated_store_is_left_to_the_full_read(path: Path, size: int) -> None:
    path.write_bytes(encode(ENTRIES).encode()[:size])
    assert entry_text(path, "agent:main:1") is None


@pytest.mark.parametrize("indent", [None, 1, 3, 4, "\t"])
def test_other_layouts_are_left_to_the_full_read(path: Path, indent: int | str | None) -> None:
    path.write_text(json.dumps(ENTRIES, indent=indent))
    assert entry_text(path, "agent:main:1") is None


def test_a_key_that_stands_twice_is_left_to_the_full_read(path: Path) -> None:
    text = encode({"a": {"n": 1}, "b": {"n": 2}}).replace('"b"', '"a"')
    path.write_text(text)
    assert entry_text(path, "a") is None


def test_an_object_inside_an_entry_is_no_entry(path: Path) -> None:
    path.write_text('{\n  "a": {\n  "b": {\n    "n": 1\n  }\n  }\n}')
    assert entry_text(path, "b") is None


@pytest.mark.parametrize("name", ["nothing", ".", "a\0b"])
def test_what_cannot_be_opened_is_left_to_the_full_read(tmp_path: Path, name: str) -> None:
    assert entry_text(tmp_path / name, "a") is None


def test_a_file_that_changes_meanwhile_is_left_to_the_full_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.write_text(encode(ENTRIES))
    real = os.preadv

    def disturbed(*arguments: object) -> int:
        os.utime(path, ns=(1, 1))
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "preadv", disturbed)
    assert entry_text(path, "agent:main:1") is None
