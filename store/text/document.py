"""One version of a store as bytes: where each entry lies. Entries are decoded on demand."""

from __future__ import annotations

import json
import signal
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, TypeAlias

from store.errors import Damaged, StoreError, TooDeep
from store.js import Json, JsonObject

Buffer: TypeAlias = "bytes | bytearray"


class Document(ABC):
    """The entries of one version, in file order; valid as long as its buffer is."""

    why_not = ""
    """Why this text can be shown but not edited; empty when it can."""
    flaws: Mapping[str, str] = MappingProxyType({})
    """The entries that OpenClaw would stumble over whatever their text, and why: rows of a database."""

    @property
    def editable(self) -> bool:
        """Whether an entry can be spliced without touching any other byte."""
        return not self.why_not

    @abstractmethod
    def keys(self) -> list[str]:
        """Session keys in file order."""

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def __contains__(self, key: object) -> bool: ...

    @abstractmethod
    def raw(self, key: str) -> bytes:
        """A copy of the entry's JSON text; KeyError when there is no such entry."""

    def entry(self, key: str) -> Json:
        """The decoded entry; Damaged or TooDeep when it cannot be decoded."""
        return decode(self.raw(key))

    def raws(self) -> Iterator[tuple[str, bytes]]:
        """Every key with a copy of its JSON text."""
        return ((key, self.raw(key)) for key in self.keys())


def decode(raw: bytes) -> Json:
    """The value of one JSON text.

    orjson first; `json` for what orjson refuses and JavaScript writes (half an emoji, 1e400) or reads (bytes that are
    not UTF-8, which Node turns into U+FFFD). Raises Damaged for text that is no JSON, TooDeep where nesting is.
    """
    try:
        value: Json = _fast_loads()(raw)
    except ValueError:
        return _decode_leniently(raw)
    return value


@cache
def _fast_loads() -> Callable[[bytes], Any]:
    """orjson's `loads`; while it is imported no Ctrl-C is let in, which crashes the process there (orjson 3.13.0)."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    try:
        import orjson
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return orjson.loads


def decode_object(raw: bytes | None) -> JsonObject | None:
    """The object this text is; None where it is none, where it cannot be decoded, and where there is no text."""
    if raw is None:
        return None
    try:
        value = decode(raw)
    except StoreError:
        return None
    return value if isinstance(value, dict) else None


def _decode_leniently(raw: bytes) -> Json:
    try:
        value: Json = json.loads(raw.decode("utf-8", "replace"), parse_int=_integer, parse_constant=_refuse_constant)
    except RecursionError:
        raise TooDeep("An entry is nested deeper than can be read here; it is left alone.") from None
    except ValueError as error:
        raise Damaged(f"Not JSON: {error}") from None
    return value


def _integer(digits: str) -> int | float:
    """Python reads 4,300 digits at most; to JavaScript any number that long is infinite."""
    return int(digits) if len(digits) < 4300 else float(digits)


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")
