"""Fields of the levels, policies and queue; columns as in `store.entry.schema`."""

from typing import Final

TABLE: Final = """\
thinkingLevel | string | level | | how much the model thinks | off minimal low medium high xhigh adaptive max
fastMode | boolean | level | 2026.3.13.. | faster, less thorough service from the provider
verboseLevel | string | level | | whether tool calls are shown in the chat | off on full
traceLevel | string | level | 2026.4.12.. | whether plugin traces are shown in the chat | off on raw
reasoningLevel | string | level | | whether the model's reasoning is shown in the chat | off on stream
elevatedLevel | string | level | | whether commands may run on the host with raised rights | off on ask full
responseUsage | string | level | | whether replies end with their token use | tokens full on off
ttsAuto | string | - | | when replies are spoken | off always inbound tagged
toolOverrides | object | - | 2026.7.2-beta.7.. | tools switched on or off for this session
execHost | string | level | | where commands run | auto sandbox gateway node
execSecurity | string | level | ..2026.7.2-beta.7 | which commands may run | deny allowlist full
execAsk | string | level | ..2026.7.2-beta.7 | when a person is asked before a command runs | off on-miss always
execNode | string | level | | the node on which commands run
execCwd | string | - | 2026.7.2-beta.1.. | the directory in which commands run
sendPolicy | string | level | | whether replies may be sent at all | allow deny
groupActivation | string | level | | whether the group's messages need a mention | mention always
groupActivationNeedsSystemIntro | boolean | ~ | | the model still has to be told about a new activation
queueMode | string | level | | what a message during a run does | steer followup collect interrupt steer-backlog
queueDebounceMs | number | level | | how long to wait for further messages, ms
queueCap | number | level | | how many messages may wait
queueDrop | string | level | | which message goes when too many wait | old new summarize
label | string | level | | name given to the session, unique in the store
"""
