"""After an agent's run: its figures go into the entry (`updateSessionStoreAfterAgentRun`).

Until 2026.2.22 the snapshot from before the run was assigned whole, until 2026.6.35 it was merged over the fresh entry:
what somebody set during the run went back (#15882). With agents that share a store the snapshot was of all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from store.gateway.gateway import Copy, Entries, Gateway, Moment, Think, merged, no_time
from store.gateway.rules import Rules
from store.js import ABSENT, JsonObject, Value

Form: TypeAlias = Literal["assigned", "merged", "store"]
"""What is written of the snapshot: the entry instead of the fresh one, the entry over it, or every agent's entry."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of the run's last call."""

    input: int
    output: int
    cache_read: int = 0
    cache_write: int = 0

    @property
    def prompt(self) -> int:
        """What the model was given."""
        return self.input + self.cache_read + self.cache_write


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a run leaves to be noted; `report` is its systemPromptReport, ABSENT where there is none."""

    provider: str
    model: str
    context_tokens: int
    usage: Usage | None = None
    aborted: bool = False
    report: Value = ABSENT


def record(
    gateway: Gateway, key: str, result: RunResult, think: Think = no_time, *, expected: str = ""
) -> JsonObject | None:
    """Let the run happen, then note its result in the fresh entry; the gateway's memory has the same afterwards.

    None when the session was replaced meanwhile: `expected` is the sessionId the run began with.
    """
    think()
    moment = gateway.moment()
    return gateway.change(key, lambda fresh: next_entry(fresh, result, moment, gateway.rules), expected=expected)


def next_entry(fresh: JsonObject | None, result: RunResult, moment: Moment, rules: Rules) -> JsonObject:
    """The entry with the run's figures in it."""
    return merged(fresh, figures(result, moment, rules), moment)


def figures(result: RunResult, moment: Moment, rules: Rules) -> dict[str, Value]:
    """All fields that a run says something about."""
    patch: dict[str, Value] = {
        "updatedAt": moment.now,
        "modelProvider": result.provider,
        "model": result.model,
        "contextTokens": result.context_tokens,
        "abortedLastRun": result.aborted,
    }
    if result.report is not ABSENT:
        patch["systemPromptReport"] = result.report
    if rules.dates_sessions:
        patch["lastInteractionAt"] = moment.now
    return patch | (_tokens(result.usage, rules) if result.usage else {})


def record_racy(
    gateway: Gateway, key: str, result: RunResult, think: Think = no_time, form: Form = "assigned"
) -> JsonObject:
    """The same from the snapshot the run began with."""
    copy = gateway.cached()
    think()
    moment = gateway.moment()
    entry = next_entry(copy.entries.get(key), result, moment, gateway.rules)

    def mutate(entries: Entries) -> JsonObject:
        if form == "store":
            put_whole(copy, entries)
        fresh = entries.get(key) if form == "merged" else None
        entries[key] = written = merged(fresh, entry, moment) if fresh is not None else entry
        return written

    gateway.memory[key] = entry
    return gateway.write_back(copy, mutate)


def put_whole(copy: Copy, entries: Entries) -> None:
    """Every entry as the copy has it; one that is new since stays, for no write here removes entries."""
    for key, entry in copy.entries.items():
        entries[key] = dict(entry)


def _tokens(usage: Usage, rules: Rules) -> dict[str, Value]:
    tokens: dict[str, Value] = {
        "inputTokens": usage.input,
        "outputTokens": usage.output,
        "totalTokens": usage.prompt or usage.input,
    }
    if rules.fresh_totals:
        tokens |= {"totalTokensFresh": True, "cacheRead": usage.cache_read, "cacheWrite": usage.cache_write}
    return tokens
