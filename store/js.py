"""JSON values as JavaScript sees and writes them.

`encode` gives the text of `JSON.stringify(value, null, 2)`: ECMAScript `Number::toString`, well-formed stringify (a
lone surrogate is written `\\udXXX`), UTF-8 otherwise unescaped.
"""

from __future__ import annotations

import enum
import json
import marshal
import math
import re
from collections.abc import Mapping
from typing import Final, TypeAlias

from store.errors import TooDeep

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
JsonObject: TypeAlias = dict[str, Json]


class Absent(enum.Enum):
    """The value of a field that an entry does not have."""

    ABSENT = "absent"

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = Absent.ABSENT
Value: TypeAlias = "Json | Absent"
Edit: TypeAlias = Mapping[str, Value]
"""Top-level field of an entry -> its new value; ABSENT removes the field."""

SAFE_INTEGER = 2**53
_SURROGATE = re.compile("[\ud800-\udfff]")
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")


def encode(value: Json, indent: str | None = "\n") -> str:
    """The text JavaScript writes for this value.

    `indent` is the line break before the closing bracket; None writes everything on one line without blanks. Raises
    TooDeep for a value nested some hundred levels deep.
    """
    try:
        return _encode(value, indent)
    except RecursionError:
        raise TooDeep("A value is nested deeper than can be written here; it is left alone.") from None


def _encode(value: Json, indent: str | None) -> str:
    if value is None or value is True or value is False:
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return encode_string(value)
    if isinstance(value, (int, float)):
        return encode_number(value)
    inner, colon = (None, ":") if indent is None else (indent + "  ", ": ")
    if isinstance(value, dict):
        members = [f"{encode_string(key)}{colon}{_encode(item, inner)}" for key, item in value.items()]
        return _bracketed("{}", members, indent)
    return _bracketed("[]", [_encode(item, inner) for item in value], indent)


def _bracketed(brackets: str, parts: list[str], indent: str | None) -> str:
    if not parts:
        return brackets
    if indent is None:
        return brackets[0] + ",".join(parts) + brackets[1]
    inner = indent + "  "
    return brackets[0] + inner + ("," + inner).join(parts) + indent + brackets[1]


def encode_string(text: str) -> str:
    """A JSON string: surrogate pairs become their character, lone surrogates an escape."""
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    if not text.isascii():
        text = _PAIR.sub(lambda pair: pair[0].encode("utf-16-le", "surrogatepass").decode("utf-16-le"), text)
    return _SURROGATE.sub(lambda half: f"\\u{ord(half[0]):04x}", json.dumps(text, ensure_ascii=False))


def encode_number(number: int | float) -> str:
    """The shortest decimal that reads back as the same double, in JavaScript's notation."""
    if isinstance(number, int):
        if -SAFE_INTEGER <= number <= SAFE_INTEGER:
            return str(number)
        try:
            number = float(number)
        except OverflowError:
            return "null"
    if not math.isfinite(number):
        return "null"
    if number == 0:
        return "0"
    return ("-" if number < 0 else "") + _decimal(repr(abs(number)))


def _decimal(python_form: str) -> str:
    mantissa, _, exponent = python_form.partition("e")
    whole, _, fraction = mantissa.partition(".")
    fraction = "" if fraction == "0" else fraction
    leading_zeros = len(fraction) - len(fraction.lstrip("0"))
    point = (len(whole) if whole != "0" else -leading_zeros) + int(exponent or 0)
    digits = (whole + fraction).lstrip("0").rstrip("0") or "0"
    if len(digits) <= point <= 21:
        return digits + "0" * (point - len(digits))
    if 0 < point <= 21:
        return digits[:point] + "." + digits[point:]
    if -6 < point <= 0:
        return "0." + "0" * -point + digits
    tail = "." + digits[1:] if len(digits) > 1 else ""
    return f"{digits[0]}{tail}e{'+' if point > 0 else '-'}{abs(point - 1)}"


def same(left: Value, right: Value) -> bool:
    """Whether JavaScript would call these two the same JSON: 1 is 1.0, but never `true`; key order does not count."""
    if left is right:
        return True
    if not isinstance(left, (dict, list)) or not isinstance(right, (dict, list)):
        return left == right if isinstance(left, str) else _same_scalar(left, right)
    if _same_to_the_byte(left, right):
        return True
    pending: list[tuple[Value, Value]] = [(left, right)]
    while pending:
        one, other = pending.pop()
        if isinstance(one, dict) and isinstance(other, dict):
            if one.keys() != other.keys():
                return False
            pending += [(value, other[key]) for key, value in one.items()]
        elif isinstance(one, list) and isinstance(other, list):
            if len(one) != len(other):
                return False
            pending += zip(one, other, strict=True)
        elif not _same_scalar(one, other):
            return False
    return True


def _same_to_the_byte(left: Json, right: Json) -> bool:
    """The usual case, without a step in Python for every value; format 0 of `marshal` keeps types and order apart."""
    try:
        return marshal.dumps(left, 0) == marshal.dumps(right, 0)
    except ValueError:  # nested too deep for it
        return False


def _same_scalar(left: Value, right: Value) -> bool:
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, (int, float)) and isinstance(right, (int, float)):
        return _double(left) == _double(right)
    return type(left) is type(right) and left == right


def _double(number: int | float) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf
