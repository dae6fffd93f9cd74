"""What the headless verbs print: aligned text for people, JSON of a fixed shape for programs.

Text from a store passes `printable`; JSON is pure ASCII, so that no terminal obeys it either.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from store.errors import TooDeep
from store.js import ABSENT, Value
from tui.look.printable import printable

if TYPE_CHECKING:
    from store.entry.delivery import Route
    from store.entry.overrides import ModelOverride


def say(text: str) -> None:
    """One line of text, whatever it holds."""
    sys.stdout.write(f"{printable(text)}\n")


def say_json(value: object) -> None:
    """One line of JSON."""
    sys.stdout.write(f"{_json(value)}\n")


def say_json_array(items: Iterable[object]) -> None:
    """An array with one item a line."""
    lines = ",\n".join(map(_json, items))
    sys.stdout.write(f"[\n{lines}\n]\n" if lines else "[]\n")


def warn(sentence: str) -> None:
    """One line on stderr; the command goes on."""
    print(f"clobberwatch: {printable(sentence)}", file=sys.stderr)


def table(header: Sequence[str], rows: Sequence[Sequence[str]], limit: int = 40) -> None:
    """Aligned columns, the last one as long as it needs to be; cells beyond `limit` push their row only."""
    shown = [[printable(cell) for cell in row] for row in (header, *rows)]
    widths = [min(limit, max(map(len, column))) for column in zip(*shown, strict=True)]
    for row in shown:
        cells = [f"{cell:<{width}}" for cell, width in zip(row[:-1], widths, strict=False)]
        sys.stdout.write(f"{'  '.join([*cells, row[-1]])}\n")


def model_json(override: ModelOverride | None) -> dict[str, str] | None:
    """The `model` of the JSON output; null when the agent's default decides."""
    if override is None:
        return None
    return {"provider": override.provider, "model": override.model, "source": override.source}


def route_json(route: Route) -> dict[str, str | int | None] | None:
    """The `delivery` of the JSON output; null without a route, members null where they are not set."""
    if not route:
        return None
    return {
        "channel": route.channel or None,
        "to": route.to or None,
        "accountId": route.account or None,
        "threadId": route.thread,
    }


def change_json(field: str, old: Value, new: Value) -> dict[str, Value]:
    """One changed field; null where the field was, or is, not set."""
    return {"field": field, "old": None if old is ABSENT else old, "new": None if new is ABSENT else new}


def value_text(value: Value, limit: int) -> str:
    """A value in one line, `-` where it is not set; one longer than `limit` is cut and says how long it is."""
    if value is ABSENT:
        return "-"
    try:
        text = value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False)
    except RecursionError:
        return "(nested too deeply to be shown)"
    return text if len(text) <= limit else f"{text[: limit - 20]}… ({len(text):,} characters)"


def _json(value: object) -> str:
    try:
        return json.dumps(value, allow_nan=False, separators=(",", ":"))
    except ValueError:
        return json.dumps(_as_javascript_writes(value), separators=(",", ":"))
    except RecursionError:
        raise TooDeep("The entry is nested too deeply to be printed.") from None


def _as_javascript_writes(value: object) -> object:
    """The value with null for what is no finite number (1e400 in a file)."""
    if isinstance(value, dict):
        return {name: _as_javascript_writes(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_as_javascript_writes(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
