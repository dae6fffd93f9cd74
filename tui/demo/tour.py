"""What the demo says in place of the findings: the tour, or the legend of a scenario."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from tui.demo.guide import Guide, Place, Said
from tui.look.line import Line, Span, fit, rule

if TYPE_CHECKING:
    from store.findings.finding import Finding
    from store.gateway.scenarios.catalogue import Scenario

WHERE: Final = "simulated gateway, temporary store"
_TEXT_CELLS: Final = 78


class Tour:
    """Something to say; it is told what happens."""

    yields = False
    """Findings have its place where there is not enough room for both."""

    @property
    def says(self) -> Said | None:
        """Now; None when there is nothing to say (any more)."""
        raise NotImplementedError

    def leave(self) -> None:
        """Say nothing more."""
        raise NotImplementedError

    def come_back(self) -> None:
        """Go on where it was left."""
        raise NotImplementedError

    def at(self, key: str, model: str) -> None:
        """Time passes: the row under the cursor, and the model that is set there."""

    def pressed(self) -> None:
        """A key was pressed."""

    def came_to(self, place: Place, key: str) -> None:
        """Another screen is on top, about that entry."""

    def edited(self, key: str) -> None:
        """The user's write of that entry is on disk."""

    def found(self, findings: Iterable[Finding], *, several: bool) -> None:
        """Something was found just now; `several` rows have findings by now."""


class Guided(Tour):
    """The tour in five steps."""

    def __init__(self, ask: Callable[[str], None], clock: Callable[[], float]) -> None:
        self._guide = Guide(ask, clock)
        self._key = self._model = ""

    @property
    def says(self) -> Said | None:
        """The step it is at."""
        return None if self._guide.over else self._guide.says(self._model, self._key)

    def leave(self) -> None:
        """The user has seen enough."""
        self._guide.leave()

    def come_back(self) -> None:
        """The user has not."""
        self._guide.come_back()

    def at(self, key: str, model: str) -> None:
        """Moves of the cursor count, and so does time in which nothing is done."""
        if self._key and key != self._key:
            self._guide.moved()
        self._key, self._model = key, model
        self._guide.tick(key)

    def pressed(self) -> None:
        """Somebody is there."""
        self._guide.pressed()

    def came_to(self, place: Place, key: str) -> None:
        """The step may be done with that."""
        self._guide.came_to(place, key)

    def edited(self, key: str) -> None:
        """The pin, or what puts it back."""
        self._guide.edited(key)

    def found(self, findings: Iterable[Finding], *, several: bool) -> None:
        """The loss of the pin, perhaps."""
        self._guide.found(findings, several=several)


class Legend(Tour):
    """What to look for in a scenario."""

    yields = True

    def __init__(self, scenario: Scenario) -> None:
        look_for = f"Look for: {scenario.look_for}."
        first, second = [*textwrap.wrap(look_for, _TEXT_CELLS, max_lines=2, placeholder=" …"), ""][:2]
        self._said = Said(f"demo {scenario.name}", first, second, "Esc hides this")
        self._left = False

    @property
    def says(self) -> Said | None:
        """What the scenario itself says."""
        return None if self._left else self._said

    def leave(self) -> None:
        """It was read."""
        self._left = True

    def come_back(self) -> None:
        """It is read again."""
        self._left = False


def said_lines(said: Said, cells: int) -> list[Line]:
    """A rule and two lines; more where they are narrower than a terminal."""
    where = f"{WHERE}; {said.escape}"
    title = rule(cells, said.title, where if cells > len(where) + len(said.title) + 6 else said.escape, "faint")
    first, second = (textwrap.wrap(text, cells - 1) or [""] for text in (said.first, said.second))
    return [
        title,
        *((Span(fit(f" {text}", cells), "strong"),) for text in first),
        *((Span(fit(f" {text}", cells)),) for text in second),
    ]
