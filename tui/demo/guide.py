"""The tour of the demo as a state machine: five steps, what each says, and what it asks of the simulated gateway.

Pure: it is told what the user does and what was seen, and asks in lines (see `tui.demo.stagehand`). Keys are those of
entries.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from store.findings.finding import Finding, Grade

PATIENCE_S: Final = 20.0
"""A step in which nothing is done for so long is done by somebody else, or left out."""
MOVES: Final = 3
"""A few times."""
LAST_STEP: Final = 5

Place: TypeAlias = Literal["table", "form", "preview", "finding", "conflict", "elsewhere"]
"""The screen on top, as far as the tour cares."""

_FIRST: Final = (
    "A simulated gateway writes this temporary store. Nothing of yours is touched.",
    "Press j a few times. Figures move with every run; a ● marks what matters.",
)
_ONLY_HERE: Final = (
    "w writes. Nothing else does, and only in a preview.",
    "The disk is compared once more first: nobody else's write is undone.",
)
_FOURTH: Final = ("u puts it back, w writes.", "What goes back is shown before, and compared with the disk.")
_CONFLICT: Final = (
    "What you typed was not thrown away: m keeps it, t takes theirs, e edits it.",
    "Esc closes, and keeps it as a draft.",
)
_END: Final = (
    "That was the tour. ? has all keys. On your own store: clobberwatch",
    "The gateway goes on, and loses something now and then: f lists it.",
)
_WHY: Final = {
    "confirmed": "Confirmed: times of an old copy came back with it, which no person writes.",
    "probable": "Probable, not confirmed: only the model went back, with the figures of a run.",
    "unknown": "How sure that is cannot be said: versions in between were not seen.",
}


class Said(NamedTuple):
    """What is said: the title of its rule, two lines of at most 78 cells, and what Esc does."""

    title: str
    first: str
    second: str
    escape: str


class Guide:
    """Where the tour stands. `clock` is in seconds; `ask` takes one line for the simulated gateway."""

    def __init__(self, ask: Callable[[str], None], clock: Callable[[], float]) -> None:
        self._ask = ask
        self._clock = clock
        self._since = clock()
        self._moves = 0
        self._place: Place = "table"
        self._edited = ""
        self._by_user = True
        self._grade: Grade | None = None
        self._several = False
        self._left_at = 1
        self.step = 1
        """1 to 5; 6 when all are done, 0 when the tour is over."""

    @property
    def over(self) -> bool:
        """There is nothing left to say."""
        return self.step == 0

    def leave(self) -> None:
        """The user has seen enough."""
        self._left_at, self.step = self.step or self._left_at, 0

    def come_back(self) -> None:
        """The user wants to see more: it goes on where it was left."""
        self.step, self._since = self.step or self._left_at, self._clock()

    def pressed(self) -> None:
        """A key, whatever it does: somebody is there."""
        self._since = self._clock()

    def moved(self) -> None:
        """The cursor went to another row."""
        self._moves += 1
        if self.step == 1 and self._moves >= MOVES:
            self._go_to(2)

    def came_to(self, place: Place, key: str = "") -> None:
        """Another screen is on top; `key` is that of the entry it is about."""
        self._place = place
        self.pressed()
        if self.over:
            return
        if place == "form":
            self._ask(f"rival {key}" if self.step == LAST_STEP else f"spare {key}")
        elif place == "finding" and self.step == 3:
            self._go_to(4)
        elif place == "conflict" and self.step == LAST_STEP:
            self._go_to(LAST_STEP + 1)

    def edited(self, key: str) -> None:
        """A write of the user's is on disk. The first one is always lost, tour or no tour."""
        if self.step in (3, 4):
            self._go_to(LAST_STEP)
        if self._edited and (self._by_user or self.step != 2):
            return
        self._ask(f"pinned {key}")
        self._edited, self._by_user, self._since = key, True, self._clock()
        self.step = self.step and 2

    def found(self, findings: Iterable[Finding], *, several: bool) -> None:
        """Something was found just now; `several` rows have findings by now."""
        for finding in findings:
            if self.step == 2 and finding.key == self._edited and finding.grade != "possible":
                self._grade, self._several = finding.grade, several
                self._go_to(3)

    def tick(self, key: str) -> None:
        """Time passes; `key` is that of the row under the cursor. While another screen is on, the tour waits."""
        if self.over or self._place != "table" or self._clock() - self._since < PATIENCE_S:
            return
        if self.step == 2 and not self._edited:
            self._ask(f"colleague {key}")
            self._edited, self._by_user, self._since = key, False, self._clock()
        elif self.step == 2:
            self._go_to(LAST_STEP)
        elif self.step > LAST_STEP:
            self.leave()
        else:
            if self.step == 4:
                self._ask(f"again {self._edited}")
            self._go_to(self.step + 1)

    def says(self, model: str = "", key: str = "") -> Said:
        """What to do now; `model` is the one that the row under the cursor has, `key` its key."""
        wish, name = ("gemini", "gemini-3-pro") if "opus" in model else ("opus", "claude-opus-4-6")
        lines = {
            1: _FIRST,
            2: self._second(wish, name),
            3: self._third(key),
            4: _ONLY_HERE if self._place == "preview" else _FOURTH,
            LAST_STEP: self._fifth(wish),
        }.get(self.step, _CONFLICT if self._place == "conflict" else _END)
        ended = self.step > LAST_STEP and self._place != "conflict"
        title = "demo, the end" if ended else f"demo {min(self.step, LAST_STEP)} of {LAST_STEP}"
        return Said(title, *lines, "Esc ends the tour")

    def _second(self, wish: str, name: str) -> tuple[str, str]:
        if self._edited:
            who = "Your pin is on disk." if self._by_user else "A colleague has pinned this session to another model."
            run = "The simulated gateway holds a copy from before, and a run of it is ending."
            return f"{who} Watch the MODEL cell.", run
        if self._place == "preview":
            return _ONLY_HERE
        if self._place == "form":
            return f"Type {wish}, Enter. A preview comes next.", "Whoever writes meanwhile is seen in this form."
        return (
            f"Press e then m, type {wish}, Enter, w: you pin this session to {name}.",
            "The simulated gateway holds a copy from before. Watch the MODEL cell.",
        )

    def _third(self, key: str) -> tuple[str, str]:
        whose = "Your" if self._by_user else "The colleague's"
        elsewhere = "Press n until you are on it" if self._several else "Press n"
        how = "Press f" if key == self._edited else f"{elsewhere}, then f"
        return f"{whose} pin is gone. {how}: the proof.", _WHY.get(self._grade or "", _WHY["unknown"])

    def _fifth(self, wish: str) -> tuple[str, str]:
        match self._place:
            case "table":
                said = "Two writers at once: press e then m on this row again."
                return said, f"Type {wish}, Enter. Somebody else changes the model under your form."
            case "form":
                return f"Type {wish}, Enter. Somebody else changes the model meanwhile.", "What you type is kept."
            case "preview":
                return "w writes, unless somebody else was faster.", "What you typed is kept."
        return "Esc goes back to the table. Then two writers at once: e m on this row again.", ""

    def _go_to(self, step: int) -> None:
        self.step, self._since = step, self._clock()
        if step == 2:
            self._ask("copy")
