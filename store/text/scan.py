"""A strict scanner: where the members of one JSON object stand, in any layout.

Works on text decoded as latin-1, so that offsets are byte offsets.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, NamedTuple

from store.errors import NotStrict


class Member(NamedTuple):
    """One `"key": value`; offsets of the opening quote, the value's first byte and the byte after its last."""

    key: str
    key_start: int
    start: int
    end: int


class NotJson(NotStrict):
    """No strict JSON at `position`."""

    def __init__(self, what: str, position: int) -> None:
        super().__init__(f"{what} (byte {position:,})")
        self.what = what
        self.position = position


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)


_scan_value: Callable[[str, int], tuple[Any, int]] = json.JSONDecoder(
    parse_float=str, parse_int=str, parse_constant=_refuse_constant
).scan_once  # type: ignore[attr-defined]
_CUT = "the file ends in the middle of an entry"
_BLANKS = " \t\n\r"
_skip_blanks = re.compile(f"[{_BLANKS}]*").match


def _after_blanks(text: str, at: int) -> int:
    if text[at : at + 1] not in _BLANKS:
        return at
    match = _skip_blanks(text, at)
    assert match is not None
    return match.end()


def members(text: str, start: int) -> tuple[list[Member], int]:
    """The members of the object whose brace stands at `start`, and where its closing brace stands.

    A key that stands twice, NaN, a comment or a trailing comma raise NotJson with the place.
    """
    if text[start : start + 1] != "{":
        raise NotJson("not an object", start)
    found: list[Member] = []
    at = _after_blanks(text, start + 1)
    if text[at : at + 1] == "}":
        return found, at
    seen: set[str] = set()
    while True:
        member = _member(text, at)
        if member.key in seen:
            raise NotJson(f"the key {member.key!r} stands twice", at)
        seen.add(member.key)
        found.append(member)
        at = _after_blanks(text, member.end)
        if text[at : at + 1] == "}":
            return found, at
        if text[at : at + 1] != ",":
            raise NotJson("the file ends in the middle of an object" if at >= len(text) else "no comma", at)
        at = _after_blanks(text, at + 1)


def whole_object(text: str, start: int) -> tuple[list[Member], int]:
    """The same for a text that must hold nothing else."""
    found, end = members(text, start)
    if text[end + 1 :].strip(" \t\r\n"):
        raise NotJson("text after the end", end + 1)
    return found, end


def _member(text: str, at: int) -> Member:
    if text[at : at + 1] != '"':
        raise NotJson("the file ends in the middle of an object" if at >= len(text) else "no key", at)
    try:
        raw, key_end = _scan_value(text, at)
        key = raw if raw.isascii() else str(json.loads(text[at:key_end].encode("latin-1")))
    except ValueError:
        raise NotJson("a key that does not end", at) from None
    colon = _after_blanks(text, key_end)
    if text[colon : colon + 1] != ":":
        raise NotJson("no colon after a key", colon)
    start = _after_blanks(text, colon + 1)
    return Member(key, at, start, _value_end(text, start))


def _value_end(text: str, start: int) -> int:
    try:
        _value, end = _scan_value(text, start)
    except json.JSONDecodeError as error:
        raise NotJson(
            _CUT if error.pos >= len(text) - 1 or "Unterminated" in error.msg else error.msg, error.pos
        ) from None
    except StopIteration as stop:
        position = start if stop.value is None else int(stop.value)
        raise NotJson(_CUT if position >= len(text) else "no value", position) from None
    except RecursionError:
        raise NotJson("nested deeper than can be read here", start) from None
    except ValueError as error:
        raise NotJson(f"{error} is no JSON", start) from None
    return int(end)


def object_start(text: str, at: int) -> int:
    """Where the first character from `at` on that is not blank stands."""
    return _after_blanks(text, at)
