"""An entry with a pinned model, and the same after the gateway fell back to another one."""

from __future__ import annotations

from store.js import JsonObject

KEY = "agent:main:telegram:group:-1001987654321:topic:42"
BASE: JsonObject = {
    "sessionId": "5b",
    "updatedAt": 1,
    "providerOverride": "openai",
    "modelOverride": "gpt-5.2",
    "modelOverrideSource": "user",
    "authProfileOverride": "openai:default",
    "thinkingLevel": "medium",
}
THEIRS: JsonObject = {
    **BASE,
    "updatedAt": 2,
    "providerOverride": "zai",
    "modelOverride": "glm-4.7",
    "modelOverrideSource": "auto",
    "authProfileOverride": "zai:default",
}
