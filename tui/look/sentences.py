"""What the dashboard says about an edit: what happened, to what, because of whom, and what can be done next."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Sequence
from typing import Final

from store.edit import EditResult
from store.entry.intent import Intent
from store.entry.overrides import SetModel, model_override
from store.js import JsonObject
from store.writing.permit import Permit
from tui.editing.drafts import Draft, InHand
from tui.editing.proposal import Proposal
from tui.look.figures import clock_time, counted, duration
from tui.look.keyforms import short_key
from tui.look.line import first_fitting
from tui.look.printable import printable
from tui.look.values import running_since, unit_text

KEPT: Final = "Your change is kept"
KEY_CELLS: Final = 26
NOT_TAKEN_BACK: Final = "The write cannot be taken back now; this goes on when it is done, with what became of it."
LINES, LINE_CELLS = 2, 78
"""What a sentence may take at 80x24."""
NOT_WRITTEN: Final = "Not written:"
_NEXT: Final = {
    "busy": f"{KEPT}: w tries again.",
    "refused": f"{KEPT}: y c copies the command that would do it.",
    "unreadable": f"{KEPT}: w tries again.",
}


def written(result: EditResult, proposal: Proposal, now: float) -> str:
    """The sentence for an edit that needs nothing more: applied, rebased or unchanged."""
    said = [_said(intent, proposal.base, now) for intent in proposal.intents]
    wish, was = ("; ".join(words) for words in zip(*said, strict=True))
    if len({before for _, before in said}) == 1:
        was = said[0][1]
    if result.outcome == "unchanged":
        return result.reason or f"Nothing to write: {wish} already."
    if result.outcome == "rebased":
        told = [_rebased(wish, result.rebased, most) for most in (3, 2, 1, 0)]
        return with_notes(_in_two_lines(told), result)
    done = "Written, but it may not hold" if result.caveat else "Written"
    till, undo = "Watched until 1 min after the next run ends", "u undoes it."
    first = f"{done}: {wish}"
    told = [f"{first} (was {was}). {till}; {undo}", f"{first} (was {was}). Watched; {undo}", f"{first}. {undo}"]
    return with_notes(_in_two_lines(told), result)


def _in_two_lines(told: Sequence[str]) -> str:
    """The first of these that fits, from the longest to the shortest; the last one where none does."""
    return next((text for text in told if len(textwrap.wrap(text, LINE_CELLS)) <= LINES), told[-1])


def _said(intent: Intent, base: JsonObject, now: float) -> tuple[str, str]:
    was, before = unit_text(intent.unit, base, now), model_override(base)
    if isinstance(intent, SetModel) and before is not None and was == f"{intent.provider}/{intent.model}":
        return f"the source of {was} is {intent.source}", before.source
    return intent.describe(), was


def _rebased(wish: str, fields: Sequence[str], most: int) -> str:
    others = counted(len(fields), "other field", "other fields")
    kept = "it was kept" if len(fields) == 1 else "they were kept"
    names = f" ({_listed(fields, most)})" if most else ""
    return f"Written on a newer version: {wish}. {others} had moved since you looked{names}; {kept}."


def with_notes(sentence: str, result: EditResult) -> str:
    """The sentence, and before it what went less well than it should (an edit that could not be journalled)."""
    return f"{result.reason} {sentence}" if result.reason and result.outcome in {"applied", "rebased"} else sentence


def not_written(result: EditResult) -> str:
    """The sentence that stays in the preview: busy, refused or unreadable; always with what can be done next."""
    reason = result.reason.strip()
    reason = sentence(reason if reason.startswith(NOT_WRITTEN) else f"{NOT_WRITTEN} {reason}")
    following = _NEXT.get(result.outcome, "")
    return reason if KEPT in reason or not following else f"{reason} {following}"


def sentence(reason: str) -> str:
    """A reason as a sentence of its own."""
    reason = reason.strip()
    return f"{reason[:1].upper()}{reason[1:]}{'' if reason.endswith(('.', '!', '?')) else '.'}"


def broke_off(error: BaseException | None) -> str:
    """A write that ended in an exception of ours: what is on disk has to be looked at before trying again."""
    what = f"{type(error).__name__}: {error}" if error is not None else "no reason given"
    return f"The write broke off ({what}). {KEPT}; look at the entry before w tries again."


def why_not(permit: Permit) -> str:
    """Why this run may not write a store, before anybody tried."""
    return permit.how.removeprefix(NOT_WRITTEN).strip()


def only_at_a_risk(permit: Permit) -> str:
    """What `w` says where only a risk is left, which was not taken."""
    return f"{permit.how} Stop it, or :allow-risk; then w."


def risk_taken(permit: Permit) -> str:
    """The answer to `:allow-risk`."""
    return f"The risk is taken, for this preview: w writes the file beside {permit.beside}, and it may not hold."


def no_risk_to_take(refused: Permit | None) -> str:
    """The answer where it lifts nothing; `refused` is what stands in the way, None where nothing does."""
    if refused is None:
        return "There is no risk to take: w writes this safely."
    return f"No risk lifts this. {sentence(why_not(refused))}"


def no_write_from_here(permit: Permit) -> str:
    """The same in the one line that a form has for it."""
    if permit.may_be_risked:
        return "no safe write from here: the gateway has no lock and no call for this"
    return f"no write from here: {why_not(permit)}"


def conflict(unit: str, proposal: Proposal, disk: JsonObject | None, by: str, now: float) -> str:
    """Somebody else changed the unit first; `by` is who and when, '' where that was not seen."""
    if disk is None:
        return f"Not written: the entry is no longer in the store. {KEPT}: Esc closes, it comes back with e."
    is_now, was = unit_text(unit, disk, now), unit_text(unit, proposal.base, now)
    seen = f" ({by})" if by else ""
    return f"Not written: {unit} is now {is_now}{seen}, not {was} as you saw it. {KEPT}: m mine, t theirs, e edit."


def moved_under_form(unit: str, disk: JsonObject | None, at: float | None, now: float) -> str:
    """The strong foot rule of a form whose own unit changed on disk."""
    if disk is None:
        return "the entry was removed from the store. What you typed is kept."
    when = f" at {clock_time(at, now)}" if at is not None else ""
    return f"{unit} changed on disk{when}: {unit_text(unit, disk, now)}. Enter shows both."


def moved_under_preview(unit: str, disk: JsonObject | None, now: float) -> str:
    """A preview whose own unit changed on disk meanwhile."""
    if disk is None:
        return f"The entry was removed from the store. {KEPT}."
    says = unit_text(unit, disk, now)
    return f"The {unit} changed on disk under this preview: {says}. w shows both, and writes nothing."


def moved_beside_form(fields: Sequence[str], since: float, now: float, cells: int) -> str:
    """The foot rule of a form under which only other fields changed, or nothing; fewer names where it is narrow."""
    if not fields:
        return f"nothing changed under this form since {clock_time(since, now)}"
    head = counted(len(fields), "change", "changes")
    tail = "Not a field you edit." if len(fields) == 1 else "None of them a field you edit."
    when = f"since {clock_time(since, now)}"
    told = [f"{head} under this form {when}: {_listed(fields)}. {tail}"]
    told += [f"{head} {when}: {_listed(fields, most)}. {tail}" for most in (3, 2, 1)]
    return first_fitting([*told, f"{head} {when}. {tail}", f"{head} {when}, none of it yours"], cells)


def no_longer_stands(key: str, unit: str, wanted: str, found: str, after: float, by: str) -> str:
    """An edit of ours that somebody undid within the time it is watched; `after` is how long it stood, in seconds."""
    seen = f", {by}" if by else ""
    went = f"after {duration(after)} {unit} went from {_brief(wanted)} to {_brief(found)}{seen}"
    return f"Your edit of {short_key(key, KEY_CELLS)} no longer stands: {went}. u there puts it back."


def stand_no_longer(number: int, by: str) -> str:
    """So many edits of ours that one version undid."""
    return f"{number:,} edits of yours no longer stand{f', {by}' if by else ''}. 4 shows the rows; u puts one back."


def held(key: str, unit: str, writes: int, run_ended: bool) -> str:
    """A watched edit whose time is over and that stood."""
    run = " and the end of a run" if run_ended else ""
    through = f"{counted(writes, 'write', 'writes')}{run}"
    return f"Held: {unit} of {short_key(key, KEY_CELLS)} kept your value through {through}. It is no longer watched."


def held_many(number: int) -> str:
    """Several watched edits whose time is over at once and that stood."""
    return f"Held: {number:,} edits of yours kept their values. They are no longer watched."


def asks_to_quit(in_hand: Collection[InHand]) -> str:
    """What leaving now would leave behind, said once."""
    drafts = [one for one in in_hand if one.draft]
    watched = [one for one in in_hand if not one.draft]
    said = []
    if len(drafts) == 1:
        said.append(f"the {drafts[0].unit} you typed for {short_key(drafts[0].key, KEY_CELLS)} is a draft, not written")
    elif drafts:
        named = short_key(drafts[0].key, KEY_CELLS)
        said.append(f"{len(drafts)} drafts are not written ({drafts[0].unit} of {named}, {len(drafts) - 1} more)")
    if len(watched) == 1:
        said.append(f"your {watched[0].unit} of {short_key(watched[0].key, KEY_CELLS)} is still being watched")
    elif watched:
        said.append(f"{len(watched)} edits of yours are still being watched")
    way_out = " :drop forgets it." if len(drafts) == 1 else " :drop forgets them." if drafts else ""
    return f"Quit again to leave: {'; '.join(said)}.{way_out}"


def drafts_dropped(number: int) -> str:
    """The answer to `:drop`."""
    return f"Forgotten: {counted(number, 'draft', 'drafts')}." if number else "Nothing to drop: this run has no draft."


def draft_is_back(draft: Draft, now_says: str, now: float) -> str:
    """A draft came back into its form, and whether its unit has moved meanwhile."""
    said = f"Kept from {clock_time(draft.at, now)}; typing replaces it."
    if draft.was and now_says and draft.was != now_says:
        said += f" On disk it was {draft.was} then; now it is {now_says}."
    return said


def cautions(proposal: Proposal, release: str, now: float) -> tuple[str, ...]:
    """What may undo or cost more than expected, the weightiest first; never more than two."""
    found: list[str] = []
    if (since := running_since(proposal.base)) is not None:
        start = f" since {clock_time(since, now)}" if since else ""
        found.append(
            f"A run is active{start}. When it ends, the gateway may write its old copy back and undo this."
            " You will be told, and u will put it back."
        )
        if release.startswith("2026.6"):
            found.append(
                "OpenClaw 2026.6 drops an incoming message if the entry changes while a reply starts:"
                " wait for the run to end, or press w."
            )
    found.extend(strict for intent in proposal.intents if (strict := strict_pin(intent)))
    return tuple(found[:2])


def strict_pin(intent: Intent) -> str:
    """The caution of a model override that allows no fallback, '' for every other intent."""
    if isinstance(intent, SetModel) and intent.source == "user":
        return f"This pins the model strictly: if {intent.provider} is down, this session gets no fallback."
    return ""


def _listed(fields: Sequence[str], most: int = 3) -> str:
    shown = ", ".join(printable(field) for field in fields[:most])
    return f"{shown} and {len(fields) - most} more" if len(fields) > most else shown


def _brief(value: str) -> str:
    """A model without its provider."""
    provider, slash, model = value.partition("/")
    return model if slash and " " not in provider else value
