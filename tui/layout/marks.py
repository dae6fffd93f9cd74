"""The dots that say how new a change is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tui.state import Freshness

MARKS: Final[Mapping[Freshness, str]] = {"": " ", "since": "·", "recent": "•", "now": "●"}
