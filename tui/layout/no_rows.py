"""What the table says where it has no rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.look.figures import counted

if TYPE_CHECKING:
    from tui.roster import View
    from tui.state import Dashboard


def no_rows_words(dashboard: Dashboard, view: View, *, filtered: bool) -> str:
    """Why there are none, and where what is looked for may be; blank as long as nothing was read."""
    if not dashboard.rows:
        read = any(state.first_at for state in dashboard.stores.values())
        return "The store has no entries." if read else ""
    if filtered:
        return (
            "No entry has this; Esc lifts the filter."
            if view == "1"
            else "No entry of this view has this; Esc lifts it."
        )
    if view != "5":
        return "No entry is in this view; 1 shows all."
    of_store = sum(not finding.key for finding in dashboard.findings.listed())
    if of_store:
        return f"{counted(of_store, 'finding', 'findings')} of the store itself, none of an entry: f."
    return "No entry has an open finding; 1 shows all."
