"""Every window, weight and threshold of the detectors.

They were tuned on generated traffic with ground truth (`tests/support/traffic.py`) and on real OpenClaw writers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from store.entry.schema import FIELDS

MODEL, AUTH, DELIVERY = "MODEL", "AUTH", "DELIVERY"
"""Fields that are written together and count as one; in capitals, so that no field is called the same."""
RUN_MODEL, FALLBACK, GROUP = "RUN MODEL", "FALLBACK", "GROUP"
"""Fields that follow from one fact (the model of the last run, say): they return together without being stale."""

MEMBERS: Final[Mapping[str, tuple[str, ...]]] = {
    MODEL: ("providerOverride", "modelOverride", "modelOverrideSource", "modelOverrideRouteResolution"),
    AUTH: ("authProfileOverride", "authProfileOverrideSource", "authProfileOverrideCompactionCount"),
    DELIVERY: (
        *("deliveryContext", "lastChannel", "lastTo", "lastAccountId", "lastThreadId"),
        *("channel", "origin", "route", "delivery"),
    ),
    RUN_MODEL: (
        *("model", "modelProvider", "contextTokens", "contextTokensSource"),
        *("contextBudgetStatus", "agentHarnessId"),
    ),
    FALLBACK: (
        *("modelOverrideFallbackOriginProvider", "modelOverrideFallbackOriginModel", "fallbackNotice"),
        *("fallbackNoticeSelectedModel", "fallbackNoticeActiveModel", "fallbackNoticeReason"),
    ),
    GROUP: ("groupId", "subject", "groupChannel", "space", "topicName", "displayName"),
}
UNIT_OF: Final = {field: unit for unit, fields in MEMBERS.items() for field in fields}

CYCLING: Final = frozenset(
    {
        *("status", "abortedLastRun", "systemSent", "liveModelSwitchPending", "totalTokensFresh", "chatType"),
        *("groupActivationNeedsSystemIntro", "initializationPending", "pendingFinalDelivery", "lastRunError"),
        *("lastHeartbeatText", "pendingFinalDeliveryLastError", "agentStatus"),
    }
)
"""They take the same few values again and again: their return is no evidence for anything."""

LEVELS: Final = frozenset(known.name for known in FIELDS.values() if known.unit == "level")
PATCHED: Final = LEVELS | {MODEL}
"""What one `sessions.patch` may clear, all of it at once."""
STICKY: Final = LEVELS | {MODEL, AUTH, DELIVERY, "sessionId", "spawnedBy"}
"""What somebody chose and nobody derives again: its loss is a loss."""

RUN: Final = frozenset(
    {
        *("inputTokens", "outputTokens", "totalTokens", "cacheRead", "cacheWrite", "estimatedCostUsd"),
        *("model", "modelProvider", "contextTokens", "systemPromptReport", "compactionCount"),
        *("endedAt", "runtimeMs"),
    }
)
"""What the end of a run writes, and no person."""
MESSAGE: Final = frozenset({*MEMBERS[DELIVERY], "lastInteractionAt"})
"""What a message writes that comes in, and no person."""
ROUTE: Final = frozenset({DELIVERY, GROUP})
"""What follows from the chat of a message."""
HANDLER: Final = frozenset(
    {
        *("sessionId", "thinkingLevel", "verboseLevel", "reasoningLevel", "sendPolicy", "skillsSnapshot"),
        *(DELIVERY, MODEL, "label", "spawnedBy", "cliSessionIds", "claudeCliSessionId"),
    }
)
"""What the gateway's agent handler lays over an entry, from its cached copy (2026.2.26 to 5.20); it leaves the rest."""
VANISH_TOGETHER: Final[Mapping[str, frozenset[str]]] = {
    MODEL: frozenset(field for unit in (MODEL, AUTH, RUN_MODEL, FALLBACK) for field in MEMBERS[unit]),
    "USAGE": frozenset({"inputTokens", "outputTokens", "totalTokens", "cacheRead", "cacheWrite"}),
    "REPORTS": frozenset({"systemPromptReport", "skillsSnapshot"}),
}
"""What one act removes: clearing a model, compacting a transcript, refreshing what the model is told."""

# How surprising it is to write exactly that older value: -log2 of the chance, roughly.
UNIQUE, LARGE_NUMBER, LONG_TEXT, CHOSEN, SMALL_NUMBER, ONE_OF_FEW = 20, 14, 8, 6, 4, 2
SOFT: Final = frozenset({"origin", "modelOverrideSource", "modelOverrideRouteResolution"})
"""Members that say nothing alone, and that a writer of the unit may leave as they are.

The agent handler of 2026.2.26 to 5.20 erases a model and leaves its source.
"""
ABSENT_WEIGHT: Final = ONE_OF_FEW
"""Removing a field is an act of its own; to remove what an older version did not have proves little."""
FIXED_WEIGHTS: Final[Mapping[str, int]] = {
    MODEL: CHOSEN,
    AUTH: CHOSEN,
    DELIVERY: CHOSEN,
    "label": CHOSEN,
    RUN_MODEL: ONE_OF_FEW,
    FALLBACK: ONE_OF_FEW,
    GROUP: ONE_OF_FEW,
    "cacheRead": ONE_OF_FEW,
    "cacheWrite": ONE_OF_FEW,
}
LONG_TEXT_OVER: Final = 12
LARGE_FROM: Final = 1000

CONFIRMED_SCORE: Final = 26
PROBABLE_SCORE: Final = 12
UNCHOSEN_SCORE: Final = UNIQUE
"""Where nothing that was chosen came back: in thousands of runs, one has the token count and model of another."""
PAYLOAD_FIELDS: Final = 2
"""So many fields that no person writes, in one write, and it was none who put the old value back."""

BASE_WINDOW_S: Final = 30 * 60.0
"""A copy is not looked for among versions that were replaced longer ago."""
STEPS_PER_ENTRY: Final = 300
MEMORY_BYTES: Final = 16 << 20

FUTURE_MS: Final = 60_000
"""An `updatedAt` that lies further ahead was wrong when it was written, and may be put right."""
MILLISECONDS_FROM: Final = 10**12
"""Anything smaller is not a time in milliseconds."""
FORK_WINDOW_S: Final = 10.0
MIGRATION_ENTRIES: Final = 3
"""A field that leaves so many entries in one write was removed on purpose."""
DROPPED_UNITS: Final = 3
LEFT_OUT_UNITS: Final = 2
"""A write that removes so many units its writer does not know, and sets none of that kind, is made from a list."""
WRITE_BACK_ENTRIES: Final = 2
EXACT_ENTRIES: Final = 3
UNLOCKED_QUIET_S: Final = 60.0
"""A writer without the lock is reported again after this long."""
EDIT_WATCHED_S: Final = 24 * 3600.0
"""An edit of ours that stood for longer is no longer watched."""
EDITED_ENTRIES: Final = 1000
"""The edits of so many entries are watched."""
