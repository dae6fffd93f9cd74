"""Fields of the runs: use, state and what they leave behind; columns as in `store.entry.schema`."""

from typing import Final

TABLE: Final = """\
inputTokens | number | ~ | | tokens sent in the last run
outputTokens | number | ~ | | tokens produced in the last run
totalTokens | number | ~ | | tokens in the context
totalTokensFresh | boolean | ~ | 2026.2.17.. | whether that figure is of the latest run
totalTokensVersion | number | ~ | 2026.8.1.. | how that figure was counted
cacheRead | number | ~ | 2026.2.22.. | tokens read from the provider's cache
cacheWrite | number | ~ | 2026.2.22.. | tokens written to the provider's cache
estimatedCostUsd | number | ~ | 2026.3.22.. | what the session cost so far, dollars
contextTokens | number | ~ | | size of the model's context window, tokens
contextTokensSource | string | ~ | 2026.8.1.. | how that size is known | runtime runtime-configured resolved resolved-v1
contextBudgetStatus | object | ~ | 2026.5.28.. | how full the context is
compactionCount | number | ~ | | how often the transcript was compacted
compactionCheckpoints | array | ~ | 2026.4.10..2026.9.5 | where it was compacted
modelProvider | string | - | | provider the last run used
model | string | - | | model the last run used
agentHarnessId | string | - | 2026.4.23.. | the runtime this transcript belongs to
status | string | ~ | 2026.3.22.. | how the last run stands | running done failed killed timeout
lastRunError | string | ~ | 2026.7.2-beta.7.. | why the last run failed
startedAt | time | ~ | 2026.3.22.. | when the run began
endedAt | time | ~ | 2026.3.22.. | when the run ended
runtimeMs | number | ~ | 2026.3.22.. | how long runs took, ms
systemSent | boolean | ~ | | whether the system prompt was sent
abortedLastRun | boolean | ~ | | whether the last run was stopped
abortCutoffMessageSid | string | ~ | 2026.2.26.. | messages up to this one were stopped
abortCutoffTimestamp | time | ~ | 2026.2.26.. | when they were stopped
restartRecoveryRuns | array | ~ | 2026.6.11.. | runs to take up again after a restart
restartRecoveryForceSafeTools | boolean | ~ | 2026.7.2-beta.1.. | such runs may use safe tools only
subagentRecovery | object | ~ | 2026.4.29.. | attempts to take up an orphaned subagent
quotaSuspension | object | - | 2026.5.12.. | the session waits because a quota is used up
goal | object | ~ | 2026.6.1.. | the goal the agent works towards, with its progress
cronRunContinuation | object | ~ | 2026.7.2-beta.1.. | how far a cron run got
cliSessionIds | object | - | | session ids of command-line runtimes, by provider
cliSessionBindings | object | - | 2026.3.28.. | the same, with what they are bound to
claudeCliSessionId | string | - | | session id of the Claude command line
acp | object | ~ | 2026.2.26.. | state of the agent-client-protocol session
acpSessionBinding | object | - | 2026.7.2-beta.7.. | the agent-client-protocol session it is bound to
fallbackNotice | object | ~ | 2026.7.2-beta.7.. | the fallback the chat was last told about
fallbackNoticeSelectedModel | string | ~ | 2026.2.22..2026.7.2-beta.1 | model selected when the chat was last told
fallbackNoticeActiveModel | string | ~ | 2026.2.22..2026.7.2-beta.1 | model used in its place
fallbackNoticeReason | string | ~ | 2026.2.22..2026.7.2-beta.1 | why another model was used
memoryFlush | object | ~ | 2026.7.2-beta.7.. | when memory was written out
memoryFlushAt | time | ~ | ..2026.7.2-beta.1 | when memory was written out
memoryFlushCompactionCount | number | ~ | ..2026.7.2-beta.1 | compactions at that time
memoryFlushContextHash | string | ~ | 2026.3.22..2026.7.2-beta.1 | hash of what was written out
memoryFlushFailureCount | number | ~ | 2026.6.1..2026.7.2-beta.1 | failures since
memoryFlushLastFailedAt | time | ~ | 2026.6.1..2026.7.2-beta.1 | last failure
memoryFlushLastFailureError | string | ~ | 2026.6.1..2026.7.2-beta.1 | why it failed
lastHeartbeatText | string | ~ | | last heartbeat message
lastHeartbeatSentAt | time | ~ | | when it was sent
heartbeatIsolatedBaseSessionKey | string | ~ | 2026.4.10.. | the session this heartbeat session belongs to
heartbeatTaskState | object | ~ | 2026.4.5.. | when each heartbeat task last ran
lastTtsReadLatestHash | string | ~ | 2026.4.26.. | the reply last read aloud
lastTtsReadLatestAt | time | ~ | 2026.4.26.. | when it was read aloud
skillsSnapshot | object | ~ | | skills as they were told to the model
skillLibrarySelections | array | - | 2026.9.1.. | skills chosen from a library
systemPromptReport | object | ~ | | what the system prompt was made of; most of an entry's bytes
pluginExtensions | object | - | 2026.4.29.. | state kept by plugins
pluginExtensionSlotKeys | object | - | 2026.5.7.. | fields of this entry that belong to plugins
pluginNextTurnInjections | object | ~ | 2026.4.29.. | text plugins add to the next turn
pluginDebugEntries | array | ~ | 2026.4.10.. | debug lines of plugins
ambientTranscriptWatermarks | object | ~ | 2026.7.1.. | how far the group's chatter was read
sessionDiffBaseline | object | ~ | 2026.7.2-beta.7.. | what file changes are compared with
providerReview | object | ~ | 2026.9.6.. | a review by the provider
agentStatus | object | ~ | 2026.7.2-beta.7.. | what the agent says it does
observerDigest | object | ~ | 2026.7.2-beta.7.. | summary for onlookers
activitySummary | object | ~ | 2026.9.5.. | summary of what happened
pendingSkillSuggestion | object | ~ | 2026.7.1..2026.7.2-beta.7 | a skill to be suggested
skillCaptureSignalHashes | array | ~ | 2026.7.1..2026.7.2-beta.7 | signals seen for such suggestions
"""
