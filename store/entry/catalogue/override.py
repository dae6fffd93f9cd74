"""Fields of the model override; columns as in `store.entry.schema`."""

from typing import Final

TABLE: Final = """\
providerOverride | string | model | | the provider to use for this session instead of the agent's default
modelOverride | string | model | | the model to use for this session instead of the agent's default
modelOverrideSource | string | model | 2026.4.10.. | user: strict, survives /new; auto: a fallback | user auto default
modelOverrideRouteResolution | string | - | 2026.7.2-beta.7.. | resolved as a pair or not | resolved
modelOverrideFallbackOriginProvider | string | - | 2026.5.12.. | provider of the selection this fallback stands in for
modelOverrideFallbackOriginModel | string | - | 2026.5.12.. | model of the selection this fallback stands in for
modelFallback | object | - | 2026.7.2-beta.7.. | fallback models set for this session
agentRuntimeOverride | string | - | 2026.4.26.. | agent runtime chosen with the model
authProfileOverride | string | model | | credentials profile (provider:name) to use
authProfileOverrideSource | string | model | | who chose the profile | user auto user-link
authProfileOverrideCompactionCount | number | model | | compactions when it was chosen; the next may rotate it
liveModelSwitchPending | boolean | ~ | 2026.4.5.. | a run that is under way is to switch to the override
modelSelectionLocked | boolean | - | 2026.7.2-beta.1.. | the model cannot be changed by users
contextWindow | string | - | 2026.8.1.. | context window chosen for the model
"""
