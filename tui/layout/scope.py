"""Line 2: the views with their counts, the filter in force, or what is being typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from tui.look.figures import clock_time, count
from tui.look.line import Line, Span, cut_right, fit, pad, width
from tui.look.printable import printable
from tui.roster import VIEW_NAMES, View
from tui.state import StoreState

if TYPE_CHECKING:
    from tui.config.settings import OwnView

WIDE_FROM = 140
"""From this width on the views stand further apart."""
_SHORT_NAMES: Mapping[View, str] = {"1": "all", "2": "over", "3": "auto", "4": "chg", "5": "find", "6": "lint"}
SIGN_CELLS = 3
"""What stands before a typed text."""


def views_line(
    counts: Mapping[View, int],
    active: View,
    cells: int,
    right: str = "",
    own: Mapping[str, OwnView] | None = None,
    order: str = "",
) -> Line:
    """The views, the active one marked; a word at the right end, else, where there is room, the order.

    The user's own are not counted, only named. Where there is no room for every count the names are shorter.
    """
    gap = "   " if cells >= WIDE_FROM else "  "
    names = {key: f"{key}:{view.name}" for key, view in own.items()} if own else {}
    first = [Span(" ")]
    if active in names:  # on a narrow screen there is no room behind the others
        first += [Span(printable(names.pop(active)), "active"), Span(gap)]
    room = cells - len(right) - 1 if right else cells
    for called, apart in ((VIEW_NAMES, gap), (VIEW_NAMES, " "), (_SHORT_NAMES, "  "), (_SHORT_NAMES, " ")):
        spans = [*first, *_built_in(counts, active, called, apart)]
        if width(spans) <= room:
            break
    for key in sorted(names):
        spans += [Span(gap), Span(printable(names[key]))]
    if not right and order and width(spans) + len(order) + 3 <= cells:
        return (*pad(tuple(spans), cells - len(order) - 1), Span(order, "faint"), Span(" "))
    if right:
        spans = [*pad(tuple(spans), cells - len(right) - 1), Span(right, "strong")]
    return pad(tuple(spans), cells)


def _built_in(counts: Mapping[View, int], active: View, names: Mapping[View, str], gap: str) -> list[Span]:
    spans: list[Span] = []
    for view, name in names.items():
        text = f"{view}:{name} {count(counts.get(view, 0))}"
        spans += [Span(gap), Span(text, "active" if view == active else "text")]
    return spans[1:]


def filter_line(text: str, shown: int, of: int, cells: int, marked: str = "") -> Line:
    """The filter in force, and how many rows are marked."""
    right = f"{f'   {marked}' if marked else ''}   {count(shown)} of {count(of)}   Esc clears "
    left = cut_right(f" / {printable(text)}", max(4, cells - len(right)))
    return pad((Span(left, "strong"), Span(right)), cells)


def typed_line(sign: str, text: str, cursor: int, right: str, cells: int) -> Line:
    """What is being typed after `/` or `:`, with the cursor's cell reversed, and a word at the right end."""
    start, room = window_of(cursor, right, cells)
    shown = printable(text) + " "
    window, at = shown[start : start + room], cursor - start
    spans = (
        Span(f" {sign} ", "strong"),
        Span(window[:at]),
        Span(window[at : at + 1] or " ", "cursor"),
        Span(window[at + 1 :]),
    )
    return pad((*pad(spans, cells - len(right) - 1), Span(right, "faint")), cells)


def window_of(cursor: int, right: str, cells: int) -> tuple[int, int]:
    """Which part of a typed text is shown: where it begins, and how many characters of it there is room for."""
    room = max(8, cells - len(right) - 5)
    return max(0, cursor - room + 1), room


def banner_line(state: StoreState, now: float, cells: int) -> Line:
    """A store that cannot be shown as it is; the last good version stays."""
    return (Span(fit(" ! " + banner_words(state, now), cells), "alarm"),)


def banner_words(state: StoreState, now: float) -> str:
    """The sentence of the banner."""
    broken = state.broken
    if broken is None:
        return ""
    since = clock_time(broken.at, now)
    shown = f"of {clock_time(broken.last_good.at, now)}" if broken.last_good is not None else "none yet"
    match broken.kind:
        case "shrank":
            before, after = count(broken.entries_before), count(broken.entries_now or 0)
            return f"STORE SHRANK at {since} from {before} entries to {after}. Shown: the version before."
        case "vanished":
            return f"STORE GONE since {since}. Shown: the last good version, {shown}."
        case "denied":
            return f"STORE FORBIDDEN since {since}. Shown: the last good version, {shown}."
        case "empty":
            return f"STORE EMPTY since {since}. Shown: the last good version, {shown}."
        case _:
            return f"STORE UNREADABLE since {since}. Shown: the last good version, {shown}."
