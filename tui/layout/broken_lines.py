"""What happened to a store that cannot be shown as it is, and what to do."""

from __future__ import annotations

import textwrap

from store.events import Broken
from store.openclaw.databases import is_database
from tui.layout.scope import banner_words
from tui.look.figures import clock_time, count, counted
from tui.look.line import Line, Span, cut_right, pad, plain, rule
from tui.look.printable import printable
from tui.state import StoreState

BROKEN_ROWS, DETAIL_ROWS = 12, 3
"""Lines below the table while the banner stands, without the key line."""

_DANGER = {
    "shrank": "if a writer did this, its next save loses what it left out as well",
    "vanished": "OpenClaw starts with an empty store when the file is gone",
    "denied": "nothing is lost; what happens from now on cannot be seen",
    "empty": "OpenClaw reads such a file as empty; its next save makes that real",
    "unreadable": "OpenClaw reads such a file as empty; its next save makes that real",
}
_DANGER_OF_DATABASE = {
    "shrank": "the rows are gone from the database; this copy has them yet",
    "vanished": "a gateway that starts without it begins with an empty one",
    "denied": _DANGER["denied"],
    "empty": "a gateway that starts with it begins without a session",
    "unreadable": "OpenClaw is stopped by the same; it does not take it for empty",
}


def good_name(state: StoreState) -> str:
    """The file name proposed for the last good version, which is JSON whatever the store is."""
    return f"{'sessions.json' if is_database(state.path) else state.path.name}.good"


def broken_lines(state: StoreState, now: float, cells: int, rows: int = BROKEN_ROWS) -> list[Line]:
    """`what happened` and `what to do` in so many lines, as text to read in a hurry; what to do comes before why."""
    broken = state.broken
    if broken is None:
        return []
    whole = f"{counted(broken.entries_before, 'entry', 'entries')}, whole; kept here in memory"
    happened = [
        *_wrapped(clock_time(broken.at, now)[-8:], _detail(state, broken), cells),
        _labelled("before", whole if broken.last_good is not None else "nothing of it was read yet", cells),
        _labelled("danger", _danger(state, broken), cells),
    ]
    advice = [pad((Span(cut_right(text, cells)),), cells) for text in _advice(state)]
    steps = sum(plain(text).strip()[:1].isdigit() for text in advice)
    happened = happened[: max(1, rows - steps - 2)]
    return [rule(cells, "what happened"), *happened, rule(cells, "what to do"), *advice][:rows]


def broken_report(state: StoreState, now: float) -> str:
    """The same as plain text, for a ticket."""
    broken = state.broken
    if broken is None:
        return ""
    facts = (banner_words(state, now), f"store: {state.path}", f"detail: {_detail(state, broken)}")
    return "\n".join((*facts, f"entries before: {count(broken.entries_before)}", *_advice(state))) + "\n"


def edits_are_off(broken: Broken) -> str:
    """Why nothing can be edited, and what can be done."""
    if broken.kind == "shrank":
        return (
            "Edits are off while it is not said whether the smaller store is right: :accept takes it as it is;"
            " :save-good FILE writes the version before out."
        )
    why = {"vanished": "is gone", "denied": "may not be read", "empty": "is empty"}.get(broken.kind, "cannot be read")
    return f"Edits are off while the store {why}; :save-good FILE writes the last good version out."


def _detail(state: StoreState, broken: Broken) -> str:
    """What was found, without advice for a start: this run watches on."""
    return f"There is no store at {state.path}." if broken.kind == "vanished" else broken.detail


def _danger(state: StoreState, broken: Broken) -> str:
    if _was_migrated(state):
        return "none: OpenClaw moves its sessions so, and reads the database from then on"
    return (_DANGER_OF_DATABASE if is_database(state.path) else _DANGER)[broken.kind]


def _was_migrated(state: StoreState) -> bool:
    """Whether the file is gone because OpenClaw keeps its sessions in a database by now (2026.8.1 and later)."""
    gone = state.broken is not None and state.broken.kind == "vanished"
    return gone and state.discipline.kind == "sqlite"


def _advice(state: StoreState) -> list[str]:
    save = f":save-good {printable(good_name(state))}"
    if _was_migrated(state):
        return [
            "   1  Leave, and open what has the sessions now:",
            f"      clobberwatch {printable(str(state.discipline.database or ''))}",
            f"   2  {save}   writes the version before to a new file",
        ]
    if state.broken is not None and state.broken.kind == "denied":
        return [
            "   1  Give yourself the right to read it, or run clobberwatch as its owner.",
            f"   2  {save}   writes the last good version to a new file",
        ]
    if is_database(state.path):
        return _advice_on_database(state, save)
    if state.broken is not None and state.broken.kind == "shrank":
        return [
            "   1  If this is right (a clean-up, a reset): :accept shows the store as it is.",
            "   2  If it is not: stop the gateway, so that it cannot save what is left.",
            f"   3  {save}   writes the version before to a new file",
            "   4  Look at it, put it in place, start the gateway.",
        ]
    return [
        "   1  Stop the gateway, so that it cannot save the empty store.",
        f"   2  {save}   writes the last good version to a new file",
        "   3  Look at it, put it in place, start the gateway.",
        "",
        "   If the file becomes whole again by itself, this banner goes.",
    ]


def _advice_on_database(state: StoreState, save: str) -> list[str]:
    save = f"   2  {save}   writes the last good rows as JSON"
    if state.broken is not None and state.broken.kind == "shrank":
        return [
            "   1  If this is right (a clean-up, a reset): :accept shows the store as it is.",
            save,
            "   3  If it is not: stop the gateway and restore a backup (openclaw backup),",
            "      without the -wal and -shm that lie beside it now.",
        ]
    return [
        "   1  During a repair, a restore or a migration: wait, and the banner goes.",
        save,
        "   3  If not: stop the gateway and restore a backup (openclaw backup),",
        "      without the -wal and -shm that lie beside it now.",
    ]


def _wrapped(label: str, text: str, cells: int) -> list[Line]:
    first, *more = textwrap.wrap(printable(text), max(10, cells - 14), max_lines=DETAIL_ROWS, placeholder=" …") or [""]
    return [_labelled(label, first, cells), *(_labelled("", rest, cells) for rest in more)]


def _labelled(label: str, text: str, cells: int) -> Line:
    return pad((Span(f"   {label:<11}", "faint"), Span(cut_right(text, max(1, cells - 14)))), cells)
