"""Rows of a database that OpenClaw itself would stumble over, as rows of the dashboard."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from store.summary import with_flaw
from tui.state import Dashboard, Update


def mark_flaws(dashboard: Dashboard, store: Path, flaws: Mapping[str, str]) -> Update:
    """Take in which rows of a store these are now, and why: a repair takes the mark away without touching the entry."""
    moved = {
        row: marked
        for row, summary in dashboard.rows.items()
        if row.store == store and (marked := with_flaw(summary, flaws.get(row.key, ""))) is not summary
    }
    dashboard.rows.update(moved)
    return Update(changed=frozenset(moved))
