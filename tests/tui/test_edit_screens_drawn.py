"""Entry, cached against fresh, preview and conflict as the specification draws them, from the incident's data."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.entry.levels import SetField
from store.entry.overrides import SetModel
from store.events import FileId, Version, Writer
from store.history import EntryVersion, FieldChange
from store.js import ABSENT, JsonObject
from store.writing.permit import Permit
from tests.support.incident import NOW, local
from tests.support.pinned import BASE, KEY, THEIRS
from tui.editing.proposal import Proposal
from tui.editing.their_write import TheirWrite
from tui.layout.cached_lines import Comparison, body_lines, copies_of
from tui.layout.conflict_lines import Conflict, conflict_lines
from tui.layout.conflict_lines import scope_line as conflict_scope
from tui.layout.entry_fields import FieldRow, rows_of
from tui.layout.entry_lines import EntryView, field_lines, header, next_reply_lines, not_set_lines
from tui.layout.entry_lines import scope_line as entry_scope
from tui.layout.preview_lines import PreviewFacts, diff_lines, leaves, preview_lines
from tui.layout.preview_lines import scope_line as preview_scope
from tui.layout.text_page import text_lines
from tui.look.line import Line, plain, width

OPUS = SetModel("anthropic", "claude-opus-4-6")
EDIT = Proposal(Path("/s"), KEY, BASE, (OPUS,), NOW)
FACTS = PreviewFacts(Permit.allowed("locked"), 0.008, ("A run is active. You will be told.",), "")
GATEWAY, YOU = Writer(48213, "lock"), Writer(None, "you")


def texts(lines: Sequence[Line]) -> list[str]:
    return [plain(line).rstrip() for line in lines]


def version(number: int, at: float, writer: Writer = GATEWAY) -> Version:
    return Version(number, at, FileId(1, number, 1000, int(at * 1e9)), writer)


def test_the_preview_is_drawn_as_specified() -> None:
    assert plain(preview_scope(EDIT, 80, "nothing is written yet")).rstrip() == (
        " preview   nothing is written yet                             1 entry, 3 fields"
    )
    lines, furthest = preview_lines(EDIT, FACTS, 80, 21, 0, NOW)
    assert furthest == 0
    assert texts(lines) == [
        "─ agent:main:telegram:group:-1001987654321:topic:42 ────────────────────────────",
        "",
        "   model",
        "   - providerOverride           openai",
        "   + providerOverride           anthropic",
        "   - modelOverride              gpt-5.2",
        "   + modelOverride              claude-opus-4-6",
        "     modelOverrideSource        user                     stays",
        "   - authProfileOverride        openai:default           not for anthropic",
        "   with every edit",
        "   ~ updatedAt                  now",
        "",
        "",
        "   only if    provider, model, source, auth profile and sessionId are as above",
        "   how        lock file, fresh read, compare, replace; lock held about 8 ms",
        "   after      next reply uses anthropic/claude-opus-4-6, thinking medium",
        "   then       these fields are watched until 1 min after the next run ends",
        "",
        " ! A run is active. You will be told.",
        "",
    ]


def test_a_preview_without_permission_says_why_not() -> None:
    facts = PreviewFacts(Permit.refused("Not written: OpenClaw 2026.6.6 takes no lock."), None, (), "")
    lines, _ = preview_lines(EDIT, facts, 80, 21, 0, NOW)
    assert "   how        not from here: OpenClaw 2026.6.6 takes no lock." in texts(lines)
    assert "nothing can be written" in plain(preview_scope(EDIT, 80, "nothing can be written"))


def test_a_long_change_scrolls_and_the_condition_stays_in_sight() -> None:
    lines, furthest = preview_lines(EDIT, FACTS, 80, 12, 0, NOW)
    assert furthest > 0
    assert "more below" in texts(lines)[0]
    below, _ = preview_lines(EDIT, FACTS, 80, 12, 99, NOW)
    assert "   ~ updatedAt                  now" in texts(below)
    assert any(text.startswith("   only if") for text in texts(below))


def test_nested_values_are_shown_by_their_leaves() -> None:
    assert list(leaves("origin", {"to": "a", "label": "x"}, {"to": "b", "label": "x"})) == [("origin.to", "a", "b")]
    assert list(leaves("route", ABSENT, {"thread": {"id": 1}})) == [("route.thread.id", ABSENT, 1)]
    assert list(leaves("route", "text", {"a": 1})) == [("route", "text", {"a": 1})]


def test_values_that_would_read_alike_are_told_apart() -> None:
    disk: JsonObject = {"sessionId": "5b", "queueCap": "5"}
    proposal = Proposal(Path("/s"), KEY, disk, (SetField("queueCap", 5),), NOW)
    drawn = texts(diff_lines(proposal, 80, NOW))
    assert '   - queueCap                   "5"' in drawn
    assert "   + queueCap                   5" in drawn


WRITE = TheirWrite(
    "14:03:17.204",
    "pid 48213, lock",
    "pid 48213, named in the lock file",
    "openclaw gateway, alive",
    ("fallbackNoticeReason", "fallbackNoticeActiveModel"),
    "a fallback of the gateway, from gpt-5.2 to glm-4.7",
)
TWO = Proposal(Path("/s"), KEY, BASE, (OPUS, SetField("thinkingLevel", "high")), NOW)


def test_the_conflict_is_drawn_as_specified() -> None:
    conflict = Conflict(TWO, THEIRS, ("model",), {}, WRITE)
    assert plain(conflict_scope(conflict, 80)).rstrip() == (
        " conflict   not written; your change is kept                   1 unit to decide"
    )
    lines, cursor = conflict_lines(conflict, "model", 80, 21, NOW)
    assert texts(lines) == [
        "─ agent:main:telegram:group:-1001987654321:topic:42 ────────────────────────────",
        " The model changed on disk under you: 14:03:17, pid 48213, lock.",
        "",
        "                               BASE            MINE             THEIRS",
        "                               when you began  what you want    on disk now",
        "▌decide   model                kept or taken as a whole",
        "   both   providerOverride     openai          anthropic        zai",
        "   both   modelOverride        gpt-5.2         claude-opus-4-6  glm-4.7",
        "   theirs modelOverrideSource  user            user             auto",
        "   both   authProfileOverride  openai:default  -                zai:default",
        "   mine   thinkingLevel        medium          high             medium",
        "           only you changed thinkingLevel: it is written whatever you decide",
        "─ their write ──────────────────────────────────────────────────────────────────",
        "   14:03:17.204   pid 48213, named in the lock file   (openclaw gateway, alive)",
        "   also changed   fallbackNoticeReason, fallbackNoticeActiveModel",
        "   this reads as  a fallback of the gateway, from gpt-5.2 to glm-4.7",
        "",
        "   m keep mine     writes claude-opus-4-6 over glm-4.7, after a preview",
        "   t take theirs   leaves the model as it is; thinkingLevel is still written",
        "   e edit mine     back to the form, now based on what is on disk",
    ]
    assert cursor == 5


def test_a_unit_that_was_decided_says_so() -> None:
    both = {**THEIRS, "thinkingLevel": "low"}
    conflict = Conflict(TWO, both, ("model", "thinkingLevel"), {"model": "theirs"}, WRITE)
    lines, cursor = conflict_lines(conflict, "thinkingLevel", 80, 21, NOW)
    drawn = texts(lines)
    assert " theirs   model                theirs, as a whole" in drawn
    assert drawn[cursor] == "▌decide   thinkingLevel        kept or taken as a whole"


def test_another_session_is_said_in_the_first_line() -> None:
    conflict = Conflict(TWO, {**BASE, "sessionId": "new"}, TWO.units, {}, TheirWrite("", "", "", "", (), ""))
    lines, _ = conflict_lines(conflict, "model", 80, 21, NOW)
    assert "another sessionId" in texts(lines)[1]
    assert "   not seen       not known by whom" in texts(lines)


CHANGES = {
    "modelOverride": [
        FieldChange(KEY, "modelOverride", "claude-opus-4-6", "gpt-5.2", version(1189, local("14:02:09"))),
        FieldChange(KEY, "modelOverride", "gpt-5.2", "claude-opus-4-6", version(1187, local("14:02:07") + 0.4, YOU)),
    ],
    "authProfileOverride": [
        FieldChange(KEY, "authProfileOverride", ABSENT, "openai:default", version(1189, local("14:02:09"))),
    ],
}


def entry_rows(entry: JsonObject = BASE) -> list[FieldRow]:
    return rows_of(entry, "override", lambda name: CHANGES.get(name, []), NOW, every=False)


def test_on_a_wide_screen_what_a_field_was_has_a_column() -> None:
    lines, starts = field_lines(entry_rows(), 1, EntryView(140, NOW, local("13:02:11")))
    said = texts([header(140), *lines])
    assert said[0].split() == ["FIELD", "VALUE", "WAS", "CHANGED", "BY"]
    at = said[0].index("WAS")
    assert said[2][at:].startswith("claude-opus-4-6, yours, for 1.6 s ")
    assert starts == [0, 1, 2, 4, 5]
    without, _ = field_lines(entry_rows(), 1, EntryView(140, NOW, local("13:02:11"), old=False))
    assert "claude" not in "".join(texts(without))


def test_the_entry_is_drawn_as_specified() -> None:
    view = EntryView(80, NOW, local("13:02:11"))
    lines, starts = field_lines(entry_rows(), 1, view)
    assert texts([header(80), *lines]) == [
        "   FIELD                   VALUE                    CHANGED   BY",
        "   providerOverride        openai                   -         before 13:02",
        "▌• modelOverride           gpt-5.2                  14:02:09  pid 48213, lock",
        "     was claude-opus-4-6, yours, for 1.6 s",
        "   modelOverrideSource     user                     -         before 13:02",
        "     strict: no fallback, survives /new, until it is cleared",
        " • authProfileOverride     openai:default           14:02:09  pid 48213, lock",
        "     was not set",
        "   thinkingLevel           medium                   -         before 13:02",
    ]
    assert starts == [0, 1, 3, 5, 7]
    assert plain(entry_scope("override", 31, "58.2 KB", "", 80)).rstrip() == (
        " entry   1:override  2:delivery  3:levels  4:run  5:other 31  6:raw     58.2 KB"
    )


def test_the_foot_of_the_entry_says_what_the_next_reply_uses() -> None:
    route: JsonObject = {"lastChannel": "telegram", "lastTo": "-1001987654321", "lastThreadId": 42}
    used: JsonObject = {"modelProvider": "openai", "model": "gpt-5.2"}
    assert texts(next_reply_lines({**BASE, **route, **used}, 80, NOW))[:3] == [
        "─ what the next reply uses ─────────────────────────────────────────────────────",
        "   model     openai/gpt-5.2, thinking medium   (last run used openai/gpt-5.2)",
        "   goes to   telegram -1001987654321 · topic 42 · allowed",
    ]
    denied = texts(next_reply_lines({"sendPolicy": "deny", "modelOverride": "half"}, 80, NOW))
    assert denied[2] == "   goes to   nowhere until a message comes · denied by sendPolicy"
    assert denied[3] == "   ! model half without a provider"


def test_fields_that_are_not_set_take_two_lines_at_most() -> None:
    lines = texts(not_set_lines([f"fieldNumber{number}" for number in range(40)], 80))
    assert len(lines) == 2
    assert lines[1].endswith("…")


OLD = {**BASE, "thinkingLevel": "low", "outputTokens": 8810}
NEW = {**BASE, "thinkingLevel": "high", "outputTokens": 9244}


def comparison(read_at: str, on_disk: FileId | None = None) -> Comparison:
    since, until = version(7, local(read_at)), version(8, local("14:02:58"))
    older = [EntryVersion((json.dumps(OLD).encode(),), since, until)]
    return Comparison(
        KEY,
        NEW,
        NOW,
        on_disk or until.file,
        "mtime and size",
        copies_of(older, NEW),
        0,
        local("13:02:11"),
    )


def test_cached_against_fresh_is_drawn_as_specified() -> None:
    lines, _, _ = body_lines(comparison("14:02:31"), "differing", 80, 21, 0, NOW)
    drawn = texts(lines)
    assert drawn[:16] == [
        "─ agent:main:telegram:group:-1001987654321:topic:42 ────────────────────────────",
        "   cached  read 14:02:31, 29 s old   gateway's rule  not valid, mtime moved",
        "   fresh   read 14:03:00 from disk",
        "",
        "   FIELD                   CACHED 14:02:31           FRESH 14:03:00",
        " ≠ thinkingLevel           low                       high",
        " ≠ outputTokens            8,810                     9,244  noise",
        "   6 fields are equal. v shows them.",
        "",
        "─ if a writer still holds this copy ────────────────────────────────────────────",
        "   and writes it back whole, thinkingLevel goes from high back to low.",
        "   Fields marked noise move with every run and are not counted as harm.",
        "",
        "─ copies of this entry ───────────────────────────────────── [ older   ] newer ─",
        "   READ           AGE     GATEWAY'S RULE          WOULD UNDO",
        "▌  14:02:31       20s     not valid, mtime moved  thinkingLevel",
    ]


def test_fields_that_there_is_no_room_for_are_counted() -> None:
    one = comparison("14:02:31")
    fresh: JsonObject = {**OLD, **{f"field{number}": number for number in range(30)}}
    copies = copies_of([EntryVersion((json.dumps(OLD).encode(),), version(7, 0), version(8, 1))], fresh)
    lines = texts(body_lines(replace(one, fresh=fresh, copies=copies), "differing", 80, 21, 0, NOW)[0])
    seen = sum(text.startswith(" ≠ ") for text in lines)
    assert lines[0].endswith(f" {30 - seen} more below ─")


def test_a_long_harm_takes_two_lines_and_names_both_values() -> None:
    one = comparison("14:02:31")
    fresh: JsonObject = {**OLD, "label": "a long label " * 9, "sendPolicy": "deny"}
    older: JsonObject = {**OLD, "label": "a short one"}
    copies = copies_of([EntryVersion((json.dumps(older).encode(),), version(7, 0), version(8, 1))], fresh)
    drawn = texts(body_lines(replace(one, fresh=fresh, copies=copies), "differing", 80, 24, 0, NOW)[0])
    at = drawn.index("─ if a writer still holds this copy ────────────────────────────────────────────")
    assert drawn[at + 1].startswith("   and writes it back whole, label goes from a long label a long")
    assert drawn[at + 2].endswith("a short one, and 1 other field with it.")
    assert drawn[at + 3].startswith("   Fields marked noise")


def test_the_harm_to_a_unit_is_said_in_the_units_words() -> None:
    fresh: JsonObject = {**BASE, **THEIRS, "lastChannel": "telegram", "lastTo": "7"}
    copies = copies_of([EntryVersion((json.dumps(BASE).encode(),), version(7, 0), version(8, 1))], fresh)
    compared = replace(comparison("14:02:31"), fresh=fresh, copies=copies)
    drawn = texts(body_lines(compared, "differing", 80, 24, 0, NOW)[0])
    said = " ".join(text.strip() for text in drawn)
    assert "whole, model goes from zai/glm-4.7 back to openai/gpt-5.2, and 2 other fields with it." in said


def test_a_copy_the_gateway_would_still_serve_and_that_is_wrong_is_the_alarming_case() -> None:
    same = version(7, local("14:02:31")).file
    lines, _, _ = body_lines(comparison("14:02:31", on_disk=same), "differing", 80, 21, 0, NOW)
    assert "VALID by the gateway's rule, and wrong" in texts(lines)[1]
    lines, _, _ = body_lines(comparison("14:02:10", on_disk=same), "differing", 80, 21, 0, NOW)
    assert "not valid, over 45 s" in texts(lines)[1]


def test_a_gateway_keeps_no_row_of_a_database_that_was_written_since_and_writes_none_over_it() -> None:
    of_database = replace(comparison("14:02:58"), rule="commit")
    drawn = texts(body_lines(of_database, "differing", 80, 24, 0, NOW)[0])
    assert drawn[1] == "   cached  read 14:02:58, 2.0 s old   gateway's rule  not valid, later commit"
    assert "▌  14:02:58       2.0s " in "\n".join(drawn)
    assert "   A gateway compares the row before it writes one; another tool may not." in drawn
    assert drawn[-2].endswith(" not valid, later commit thinkingLevel")


@pytest.mark.parametrize(("show", "shown"), [("differing", 2), ("unit", 6), ("all", 8)])
def test_v_shows_more_fields(show: str, shown: int) -> None:
    assert show in ("differing", "unit", "all")
    lines, top, cursor = body_lines(comparison("14:02:31"), show, 80, 40, 0, NOW)  # type: ignore[arg-type]
    named = [text for text in texts(lines) if text[3:].split(" ")[0] in NEW]
    assert len(named) == shown
    assert (top, cursor) == (0, None)


def test_without_an_older_text_nothing_is_claimed() -> None:
    nothing = Comparison(KEY, NEW, NOW, FileId(1, 1, 1, 1), "mtime", (), 0, local("13:02:11"))
    lines, _, _ = body_lines(nothing, "differing", 80, 21, 0, NOW)
    assert "   No older text of this entry was seen since 13:02:11: every reader since" in texts(lines)


nasty = st.text(max_size=30)
values = st.recursive(st.none() | st.booleans() | st.integers() | nasty, lambda inner: st.lists(inner, max_size=2))


names = nasty | st.sampled_from(list(BASE))


@given(st.dictionaries(names, values, max_size=8), st.integers(60, 200), st.integers(8, 50))
def test_whatever_an_entry_holds_no_line_is_too_wide_or_obeyed(entry: JsonObject, cells: int, rows: int) -> None:
    proposal = Proposal(Path("/s"), "key\x1b[31m", entry, (OPUS, SetField("label", "x")), NOW)
    view = EntryView(cells, NOW, 0.0)
    drawn = [
        *preview_lines(proposal, FACTS, cells, rows, 3, NOW)[0],
        *conflict_lines(Conflict(proposal, THEIRS, proposal.units, {}, WRITE), "label", cells, rows, NOW)[0],
        *field_lines(rows_of(entry, "other", lambda _: [], NOW, every=False), 0, view)[0],
        *next_reply_lines(entry, cells, NOW),
        *body_lines(comparison("14:02:31"), "all", cells, rows, 0, NOW)[0],
        *text_lines(json.dumps(entry, ensure_ascii=False, indent=1), cells),
    ]
    for line in drawn:
        assert width(line) <= max(80, cells)
        assert not any(ord(character) < 0x20 or 0x7F <= ord(character) < 0xA0 for character in plain(line))
