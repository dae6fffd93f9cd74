"""Fields of the identity, lineage and display; columns as in `store.entry.schema`."""

from typing import Final

TABLE: Final = """\
sessionId | string | - | | id of the current transcript; changes with /new
updatedAt | time | ~ | | when the entry was last written, ms
sessionFile | string | - | ..2026.7.2-beta.1 | the transcript's file, where it is not the usual one
sessionStartedAt | time | - | 2026.4.26.. | since when this sessionId is in use
lastInteractionAt | time | ~ | 2026.4.26.. | last message of a person
lastActivityAt | time | ~ | 2026.7.1.. | last activity
lifecycleRevision | string | ~ | 2026.7.1.. | changes with each step of the session's life
previousSessionId | string | - | 2026.7.2-beta.7.. | the transcript before this one
usageFamilyKey | string | - | 2026.5.12.. | sessions whose use is counted together
usageFamilySessionIds | array | - | 2026.5.12.. | their ids
createdVia | string | - | 2026.7.2-beta.7.. | how the session came to be
createdActor | object | - | 2026.7.2-beta.7.. | who made it
createdAt | time | - | 2026.7.2-beta.7.. | when it was made
owner | object | - | 2026.8.1.. | who it belongs to
participants | array | - | 2026.8.1.. | who takes part
participantCount | number | - | 2026.8.1.. | how many take part
visibility | string | - | 2026.7.2-beta.7.. | who may see it
incognito | boolean | - | 2026.7.2-beta.7.. | never kept on disk
projectId | string | - | 2026.8.1.. | the project it belongs to
repositoryWorkspaceId | string | - | 2026.9.3.. | the repository workspace it works in
worktree | object | - | 2026.7.2-beta.1.. | the git worktree it works in
sandbox | string | - | 2026.8.1.. | a sandbox is demanded | required
initializationPending | boolean | ~ | 2026.7.2-beta.1.. | the session is being set up
archivedAt | time | - | 2026.7.1.. | when it was archived
archivedBy | object | - | 2026.7.2-beta.7.. | who archived it
archiveReason | string | - | 2026.9.3.. | why it was archived
pinnedAt | time | - | 2026.7.1.. | when it was pinned to the top
lastReadAt | time | ~ | 2026.7.1.. | when a person last read it
markedUnreadAt | time | ~ | 2026.7.1.. | when it was marked unread
chatType | string | - | | kind of chat | direct group channel
groupId | string | - | | id of the group
subject | string | - | | subject of the group
groupChannel | string | - | | name of the channel
space | string | - | | server or workspace of the channel
topicName | string | - | 2026.9.5.. | name of the topic
spawnedBy | string | - | | the session that started this one
spawnedWorkspaceDir | string | - | 2026.3.13.. | workspace taken over from it
spawnedCwd | string | - | 2026.5.28.. | directory taken over from it
parentSessionKey | string | - | 2026.3.22.. | the session above this one
parentSessionId | string | - | 2026.8.1.. | that session's id
forkedFromParent | boolean | - | 2026.2.22.. | its transcript began as a copy of the parent's
forkSource | object | - | 2026.7.2-beta.7.. | what it is a copy of
spawnDepth | number | - | 2026.2.17.. | 0 main, 1 subagent, 2 subagent of a subagent
subagentRole | string | - | 2026.3.13.. | may it start further subagents | orchestrator leaf
subagentControlScope | string | - | 2026.3.13.. | which sessions it may control | children none
inheritedToolPolicyVersion | number | - | 2026.7.2-beta.7.. | form of the tool rules taken over
inheritedToolDeny | array | - | 2026.5.18.. | tools it may not use, taken over
inheritedToolAllow | array | - | 2026.5.18.. | tools it may use, taken over
completionOwnerSessionKey | string | - | 2026.7.2-beta.7.. | the session told when this one is done
pluginOwnerId | string | - | 2026.4.26..2026.7.35 | the plugin that made it
swarmGroupId | string | - | 2026.7.2-beta.7.. | the swarm it belongs to
swarmCollector | boolean | - | 2026.7.2-beta.7.. | it collects the swarm's results
swarmOutputSchema | object | - | 2026.7.2-beta.7.. | form of those results
autoLabel | string | - | 2026.9.5.. | name made up by the gateway
displayName | string | - | | name shown for it
icon | string | - | 2026.7.2-beta.7.. | icon shown for it
color | string | - | 2026.8.1.. | colour shown for it
category | string | - | 2026.7.1.. | group it is listed under
boardFace | object | - | 2026.7.2-beta.7.. | how it looks on the board
boardPresentation | object | - | 2026.9.5.. | how it is laid out on the board
"""
