"""The fields of a session entry: what each one is, and who may edit it how.

A table line is `name | type | unit or ~ | since..until | meaning | allowed values`, `~` for noise. Types: string,
number, boolean, time (ms since 1970), thread (string or number), object, array. Releases are those of the type
declarations in which a field was first and last seen, blank for "from the first" and "to this day".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, TypeAlias, cast

from store.entry.catalogue import delivery, levels, other, override, run

Group: TypeAlias = Literal["override", "delivery", "levels", "run", "other"]
Unit: TypeAlias = Literal["model", "delivery", "level", ""]

GROUPS: Final[tuple[Group, ...]] = ("override", "delivery", "levels", "run", "other")
_TABLES: Final[Mapping[Group, str]] = {
    "override": override.TABLE,
    "delivery": delivery.TABLE,
    "levels": levels.TABLE,
    "run": run.TABLE,
    "other": other.TABLE,
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an entry; `unit` names what it is edited with, blank when this tool never edits it.

    `noise` moves with every run and is no news; `since` and `until` are release numbers or blank.
    """

    name: str
    group: Group
    type: str = "unknown"
    noise: bool = False
    unit: Unit = ""
    allowed: tuple[str, ...] = ()
    meaning: str = ""
    since: str = ""
    until: str = ""


def _fields() -> Iterator[Field]:
    for group, table in _TABLES.items():
        for line in table.splitlines():
            name, kind, mark, life, meaning, *allowed = (cell.strip() for cell in line.split("|"))
            since, _, until = life.partition("..")
            unit = cast("Unit", mark if mark in ("model", "delivery", "level") else "")
            values = tuple(allowed[0].split()) if allowed else ()
            yield Field(name, group, kind, mark == "~", unit, values, meaning, since, until)


FIELDS: Final[Mapping[str, Field]] = {known.name: known for known in _fields()}
LEVELS: Final = tuple(known.name for known in FIELDS.values() if known.unit == "level" and known.name != "label")
"""The fields that are set one by one and of which each has few values."""


@lru_cache(maxsize=4096)
def _unknown(name: str) -> Field:
    return Field(name, "other")


def field(name: str) -> Field:
    """What is known of a field; one this catalogue does not have is put with "other"."""
    return FIELDS.get(name) or _unknown(name)


def is_noise(name: str) -> bool:
    """Whether a change of this field is recorded but never announced."""
    known = FIELDS.get(name)
    return known is not None and known.noise


def release_number(release: str) -> tuple[int, ...]:
    """A release such as 2026.7.2-beta.1 as comparable numbers; the part after `-` is left out."""
    return tuple(int(part) for part in release.partition("-")[0].split(".") if part.isdigit())
