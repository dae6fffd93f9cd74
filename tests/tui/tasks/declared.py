"""The tasks of an operator: a wish, the keys for it from the table with the row selected, and what is true then."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from tests.tui.tasks.shift import ADDRESS, CHAT, CLOBBERED, FALLBACKS, MISDIRECTED, Shift

Happening: TypeAlias = Callable[[Shift], Awaitable[None]]
Truth: TypeAlias = Callable[[Shift], bool]


@dataclass(frozen=True, slots=True)
class Text:
    """Something to type; it is no key to know, and not counted."""

    text: str


async def nothing(_shift: Shift) -> None:
    """A quiet moment."""


@dataclass(frozen=True, slots=True)
class Task:
    """`before` happens before the first key, `after` after the last; then `done` holds, and without the keys not."""

    wish: str
    keys: tuple[str | Text, ...]
    done: Truth
    before: Happening = nothing
    after: Happening = nothing

    @property
    def count(self) -> str:
        """How many keys it takes: `3`, or `4 + text` where something is typed too."""
        pressed = sum(not isinstance(key, Text) for key in self.keys)
        return f"{pressed} + text" if pressed < len(self.keys) else str(pressed)


async def _two_chats_changed(shift: Shift) -> None:
    await shift.choose(CHAT, thinkingLevel="high")
    await shift.choose(CLOBBERED, thinkingLevel="high")


async def _pinned_in_vain(shift: Shift) -> None:
    await shift.choose_in_vain(CLOBBERED, model="zai/glm-4.7")


def _next_reply_is_told(shift: Shift) -> bool:
    return shift.shows(
        "model     openai/gpt-5.2 · user", "replies   telegram -1001987654321 · topic 42 · account default · allowed"
    )


def _writer_is_told(shift: Shift) -> bool:
    return shift.shows("WRITTEN BY", "thinking   medium → high", f"writer pid {shift.gateway.pid}")


def _only_the_changed_are_shown(shift: Shift) -> bool:
    return shift.rows() == ["coder:subagent:7f3a01c2…", "main:tg:…7654321:topic:42"]


def _harm_is_told(shift: Shift) -> bool:
    return shift.shows("and writes it back whole, thinkingLevel goes from high back to medium")


def _pin_is_back(shift: Shift) -> bool:
    return shift.model(CLOBBERED) == "zai/glm-4.7 user" and shift.shows("Written: model is zai/glm-4.7")


def _evidence_is_copied(shift: Shift) -> bool:
    return all(said in shift.clipboard for said in (CLOBBERED, "lost-update", "glm-4.7", "(UTC"))


def _regression_rang(shift: Shift) -> bool:
    return "\a" in shift.sent and shift.shows("Guarded model", "went from openai/gpt-5.2 to zai/glm-4.7")


def _fallbacks_are_gone(shift: Shift) -> bool:
    cleared = all(shift.model(key) == "" for key in FALLBACKS)
    return cleared and shift.model(CHAT) == "openai/gpt-5.2 user" and shift.shows(f"{len(FALLBACKS)} written")


def _opus_is_pinned(shift: Shift) -> bool:
    return shift.model(CHAT) == "anthropic/claude-opus-4-6 user" and shift.shows("Written: model is")


def _route_is_right(shift: Shift) -> bool:
    entry = shift.entry(MISDIRECTED)
    context = entry["deliveryContext"]
    return isinstance(context, dict) and {entry["lastTo"], context["to"]} == {ADDRESS}


TASKS: Final = (
    Task("what will the next reply use, and where does it go", (), _next_reply_is_told),
    Task(
        "who changed this last, and from what",
        ("h",),
        _writer_is_told,
        before=lambda shift: shift.choose(thinkingLevel="high"),
    ),
    Task("what changed in the last minutes", ("4",), _only_the_changed_are_shown, before=_two_chats_changed),
    Task(
        "what would a stale writer undo here",
        ("d",),
        _harm_is_told,
        before=lambda shift: shift.choose(thinkingLevel="high"),
    ),
    Task("restore a clobbered override", ("n", "u", "w"), _pin_is_back, before=_pinned_in_vain),
    Task("copy the evidence for a ticket", ("n", "y", "f"), _evidence_is_copied, before=_pinned_in_vain),
    Task(
        "hold the model against regression, with a bell",
        ("!", "m", "b"),
        _regression_rang,
        after=lambda shift: shift.choose(model="zai/glm-4.7"),
    ),
    Task("clear every automatic pin", ("3", "*", "e", "c", "w"), _fallbacks_are_gone),
    Task("pin a model", ("e", "m", Text("opus"), "enter", "w"), _opus_is_pinned),
    Task(
        "repair a wrong route (the key's own chat is proposed)",
        ("6", "e", "d", "enter", "w"),
        _route_is_right,
        before=lambda shift: shift.reply(MISDIRECTED, "whatsapp", "+4915112345678"),
    ),
)


def table() -> str:
    """The tasks as the README lists them; `n` is not needed where the row that it goes to is selected already."""
    head = ["| task, from the table with the row selected; with `n` or `6` from any | keys | count |", "|---|---|---|"]
    return "\n".join([*head, *(f"| {task.wish} | {_keys(task)} | {task.count} |" for task in TASKS)])


def _keys(task: Task) -> str:
    shown = [key.text if isinstance(key, Text) else f"`{_NAMES.get(key, key)}`" for key in task.keys]
    there = f" (on its row: {' '.join(shown[1:])})" if task.keys[:1] == ("n",) else ""
    return " ".join(shown) + there or "(shown)"


_NAMES: Final = {"enter": "Enter"}
