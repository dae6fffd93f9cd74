"""How sure a finding is, as a sign and a role."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from tui.look.line import Role

if TYPE_CHECKING:
    from store.findings.finding import Grade

SIGNS: Final[Mapping[Grade, str]] = {"confirmed": "!!", "probable": " !", "possible": " ?", "unknown": " ?"}
ROLES: Final[Mapping[Grade, Role]] = {"confirmed": "alarm", "probable": "strong", "possible": "text", "unknown": "text"}
