"""What is said about an edit, word for word."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import get_args

import pytest

from store.edit import EditResult, Outcome
from store.entry.levels import SetField
from store.entry.overrides import ClearModel, SetModel
from store.js import JsonObject
from store.writing.permit import Permit
from tests.support.incident import NOW, local
from tui.editing.drafts import Draft
from tui.editing.proposal import Proposal
from tui.look import sentences

KEY = "agent:main:main"
GPT: JsonObject = {"sessionId": "5b", "providerOverride": "openai", "modelOverride": "gpt-5.2", "thinkingLevel": "low"}
OPUS = Proposal(Path("/s"), KEY, GPT, (SetModel("anthropic", "claude-opus-4-6"),), NOW)


def result(outcome: Outcome, reason: str = "", rebased: tuple[str, ...] = ()) -> EditResult:
    return EditResult(outcome, KEY, Path("/s"), reason=reason, rebased=rebased)


def test_applied() -> None:
    assert sentences.written(result("applied"), OPUS, NOW) == (
        "Written: model is anthropic/claude-opus-4-6 (was openai/gpt-5.2). "
        "Watched until 1 min after the next run ends; u undoes it."
    )


def test_applied_without_a_journal_says_that_first() -> None:
    said = sentences.written(result("applied", "Written, but not journalled (disk full)."), OPUS, NOW)
    assert said.startswith("Written, but not journalled (disk full). Written: model is")


def test_rebased() -> None:
    assert sentences.written(result("rebased", rebased=("status", "outputTokens")), OPUS, NOW) == (
        "Written on a newer version: model is anthropic/claude-opus-4-6. "
        "2 other fields had moved since you looked (status, outputTokens); they were kept."
    )
    one = sentences.written(result("rebased", rebased=("status",)), OPUS, NOW)
    assert one.endswith("1 other field had moved since you looked (status); it was kept.")
    many = sentences.written(result("rebased", rebased=("a", "b", "c", "d", "e")), OPUS, NOW)
    assert "(a, b, c and 2 more)" in many


def test_a_rebased_outcome_names_as_many_fields_as_fit_into_two_lines() -> None:
    moved = ("endedAt", "inputTokens", "outputTokens", "totalTokens", "updatedAt")
    said = sentences.written(result("rebased", rebased=moved), OPUS, NOW)
    assert said.endswith("5 other fields had moved since you looked (endedAt, inputTokens and 3 more); they were kept.")
    assert len(textwrap.wrap(said, 78)) == 2


def test_another_source_for_the_same_model() -> None:
    base: JsonObject = {**GPT, "modelOverrideSource": "user"}
    edit = Proposal(Path("/s"), KEY, base, (SetModel("openai", "gpt-5.2", "auto"),), NOW)
    said = sentences.written(result("applied"), edit, NOW)
    assert said.startswith("Written: the source of openai/gpt-5.2 is auto (was user).")


def test_conflict() -> None:
    theirs: JsonObject = {**GPT, "providerOverride": "zai", "modelOverride": "glm-4.7"}
    assert sentences.conflict("model", OPUS, theirs, "pid 48213, 14:03:17", NOW) == (
        "Not written: model is now zai/glm-4.7 (pid 48213, 14:03:17), not openai/gpt-5.2 as you saw it. "
        "Your change is kept: m mine, t theirs, e edit."
    )


def test_busy_keeps_the_change_and_says_what_to_do() -> None:
    held = "Not written: pid 48213 (openclaw gateway, alive) has held the store lock for 12 s; waited 10 s."
    assert sentences.not_written(result("busy", held)) == f"{held} Your change is kept: w tries again."


def test_a_bare_reason_becomes_a_sentence() -> None:
    said = sentences.not_written(result("refused", "disk full"))
    assert said == "Not written: disk full. Your change is kept: y c copies the command that would do it."


def test_a_permit_says_why_before_anybody_tries() -> None:
    assert sentences.why_not(Permit.refused("Not written: OpenClaw 2026.6.6 takes no lock.")) == (
        "OpenClaw 2026.6.6 takes no lock."
    )


def test_what_moved_under_a_form() -> None:
    since = local("14:03:05")
    assert sentences.moved_beside_form(["outputTokens"], since, NOW, 76) == (
        "1 change under this form since 14:03:05: outputTokens. Not a field you edit."
    )
    assert sentences.moved_beside_form([], since, NOW, 75) == "nothing changed under this form since 14:03:05"
    theirs: JsonObject = {"providerOverride": "zai", "modelOverride": "glm-4.7"}
    assert sentences.moved_under_form("model", theirs, local("14:03:17"), NOW) == (
        "model changed on disk at 14:03:17: zai/glm-4.7. Enter shows both."
    )


def test_cautions_are_at_most_two_the_run_first() -> None:
    running: JsonObject = {**GPT, "status": "running", "startedAt": local("14:03:02") * 1000}
    strict = Proposal(Path("/s"), KEY, running, (SetModel("openai", "gpt-5.2", "user"),), NOW)
    first, second = sentences.cautions(strict, "2026.4.23", NOW)
    assert first.startswith("A run is active since 14:03:02. When it ends, the gateway may write its old copy back")
    assert second == "This pins the model strictly: if openai is down, this session gets no fallback."
    first, second = sentences.cautions(strict, "2026.6.6", NOW)
    assert second.startswith("OpenClaw 2026.6 drops an incoming message")
    assert sentences.cautions(Proposal(Path("/s"), KEY, GPT, (ClearModel(),), NOW), "", NOW) == ()


def test_a_draft_says_when_it_was_typed_and_what_moved_meanwhile() -> None:
    draft = Draft(Path("/s"), KEY, "model", {}, "openai/gpt-5.2", local("13:58:02"))
    assert sentences.draft_is_back(draft, "openai/gpt-5.2", NOW) == "Kept from 13:58:02; typing replaces it."
    assert sentences.draft_is_back(draft, "zai/glm-4.7", NOW).endswith(
        "On disk it was openai/gpt-5.2 then; now it is zai/glm-4.7."
    )


@pytest.mark.parametrize("outcome", get_args(Outcome))
def test_no_outcome_is_reported_in_words_that_blame_or_beg(outcome: Outcome) -> None:
    level = Proposal(Path("/s"), KEY, GPT, (SetField("thinkingLevel", "high"),), NOW)
    if outcome in ("applied", "rebased", "unchanged"):
        said = sentences.written(result(outcome, rebased=("x",)), level, NOW)
    elif outcome == "conflict":
        said = sentences.conflict("thinkingLevel", level, GPT, "", NOW)
    else:
        said = sentences.not_written(result(outcome, "Not written: it is so."))
    assert not any(word in said.lower() for word in ("error", "failed", "oops", "please", "successfully"))
    assert ("Your change is kept" in said) == (outcome in ("busy", "refused", "unreadable", "conflict"))


def test_the_foot_of_a_form_names_fewer_fields_where_it_is_narrow_and_is_never_cut() -> None:
    fields = ["authProfileOverrideCompactionCount", "outputTokens", "status", "label"]
    for cells in (115, 95, 75, 56, 55):
        said = sentences.moved_beside_form(fields, local("14:03:05"), NOW, cells)
        assert len(said) <= cells and "…" not in said
    said = sentences.moved_beside_form(fields[:1], local("14:03:05"), NOW, 75)
    assert len(said) <= 75 and said.endswith("Not a field you edit.")


def test_what_was_written_fits_in_two_lines_and_says_once_what_was_the_same() -> None:
    long = Proposal(
        Path("/s"), KEY, GPT, (SetModel("anthropic", "claude-opus-4-6-with-a-name-that-is-very-long"),), NOW
    )
    said = sentences.written(result("applied"), long, NOW)
    assert len(textwrap.wrap(said, 78)) <= 2 and said.endswith("u undoes it.")
    bare = Proposal(Path("/s"), KEY, {}, (SetField("sendPolicy", "deny"), SetField("label", "x")), NOW)
    assert "(was not set)" in sentences.written(result("applied"), bare, NOW)
