"""On which line of a TOML text a setting stands, so that a mistake can be told with its line."""

from __future__ import annotations

import re
from typing import Final, TypeAlias

Place: TypeAlias = "tuple[str, ...]"

_TABLE: Final = re.compile(r"\s*\[\[?\s*([^\[\]#]+?)\s*\]\]?\s*(?:#.*)?$")
_SETTING: Final = re.compile(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
_PART: Final = re.compile(r"""[\w-]+|"[^"]*"|'[^']*'""")


def lines_of(text: str) -> dict[Place, int]:
    """Table and setting -> the number of the first line that names it or something within it, from 1 on."""
    found: dict[Place, int] = {}
    table: Place = ()
    for number, line in enumerate(text.splitlines(), 1):
        if opened := _TABLE.match(line):
            table = _parts(opened[1])
            place = table
        elif setting := _SETTING.match(line):
            place = (*table, *_parts(setting[1]))
        else:
            continue
        for length in range(1, len(place) + 1):
            found.setdefault(place[:length], number)
    return found


def line_of(lines: dict[Place, int], place: Place) -> int:
    """The line of a setting, or of the innermost table around it that has one; 1 without any."""
    while place and place not in lines:
        place = place[:-1]
    return lines.get(place, 1)


def _parts(name: str) -> Place:
    return tuple(part.strip("\"'") for part in _PART.findall(name))
