"""Fields of delivery; columns as in `store.entry.schema`."""

from typing import Final

TABLE: Final = """\
deliveryContext | object | delivery | ..2026.7.2-beta.1 | where the next reply goes; last* wins over it
lastChannel | string | delivery | ..2026.7.2-beta.1 | channel of the last message; the next reply goes there
lastTo | string | delivery | ..2026.7.2-beta.1 | address of the last message
lastAccountId | string | delivery | ..2026.7.2-beta.1 | bot account of the last message
lastThreadId | thread | delivery | ..2026.7.2-beta.1 | thread or topic of the last message
channel | string | delivery | ..2026.7.2-beta.1 | channel of the session; stands in for lastChannel
origin | object | delivery | ..2026.7.2-beta.1 | where the session came from; fills gaps of account and thread
route | object | delivery | 2026.5.20..2026.7.2-beta.1 | where the next reply goes; wins over all the others
delivery | object | delivery | 2026.7.2-beta.7.. | where the next reply goes, in one object that replaces all the others
pendingFinalDelivery | boolean | ~ | 2026.5.7.. | a final reply still has to be delivered
pendingFinalDeliveryCreatedAt | time | ~ | 2026.5.7..2026.7.2-beta.1 | since when a final reply waits
pendingFinalDeliveryLastAttemptAt | time | ~ | 2026.5.7..2026.7.2-beta.1 | when its delivery was last tried
pendingFinalDeliveryAttemptCount | number | ~ | 2026.5.7..2026.7.2-beta.1 | how often its delivery was tried
pendingFinalDeliveryLastError | string | ~ | 2026.5.7..2026.7.2-beta.1 | why its delivery failed
pendingFinalDeliveryText | string | ~ | 2026.5.7..2026.7.2-beta.1 | its text
pendingFinalDeliveryContext | object | ~ | 2026.5.7..2026.7.2-beta.1 | where it is to go
pendingFinalDeliveryIntentId | string | ~ | 2026.5.12..2026.7.2-beta.1 | id of the send it waits for
pendingDeliveryNotice | object | ~ | 2026.8.1.. | a notice about a delivery that still has to be sent
pendingTranscriptRepair | array | ~ | 2026.8.1.. | repairs the transcript still needs
restartRecoveryDeliveryContext | object | ~ | 2026.6.1..2026.7.35 | where a run cut off by a restart was replying to
restartRecoveryDeliveryRunId | string | ~ | 2026.6.1..2026.7.35 | that run's id
"""
