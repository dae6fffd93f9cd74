"""What of a row is searched again with every key press, worked out once."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Final

from store.summary import EntrySummary
from tui.look.forms import route_sign, route_words, short_channel, short_form

MOST_KEPT: Final = 50_000


class Texts:
    """The texts of a row, in lower case (casefolded).

    `keys` are the key in full and as it is shown. `lines` is what bare words are looked for in: key, label, model and
    route, key and route also as the table has them; `together` is that as one text.
    """

    __slots__ = ("_sign", "keys", "lines", "summary", "together")

    def __init__(self, summary: EntrySummary) -> None:
        self.summary = summary
        self._sign: str | None = None
        chosen, route = summary.override, summary.route
        model = f"{chosen.provider}/{chosen.model}" if chosen else f"{summary.used_provider}/{summary.used_model}"
        routes = f"{route_words(route)}\n{short_channel(route.channel)} {route.to}" if route else "no route"
        self.keys = (summary.key.casefold(), short_form(summary.key).casefold())
        rest = f"{summary.label}\n{model}\n{routes}".casefold()
        self.lines = (*self.keys, *rest.split("\n"))
        self.together = f"{self.keys[0]}\n{self.keys[1]}\n{rest}"

    @property
    def sign(self) -> str:
        """How the reply route stands to the key."""
        if self._sign is None:
            self._sign = route_sign(self.summary)
        return self._sign


_kept: Final[dict[int, Texts]] = {}


def texts_of(summary: EntrySummary) -> Texts:
    """The texts of this row, kept with it."""
    known = _kept.get(id(summary))
    if known is None:  # the summary is kept with its texts, so no other one can have its id
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        known = _kept[id(summary)] = Texts(summary)
    return known


def prepare(summaries: Iterable[EntrySummary], seconds: float) -> bool:
    """Work out texts ahead, for so long at most; whether they all are there, so that typing need not wait for them."""
    until = time.monotonic() + seconds
    for summary in summaries:
        if id(summary) not in _kept:
            texts_of(summary)
            if time.monotonic() > until:
                return False
    return True
