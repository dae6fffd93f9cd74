"""A report without what identifies people: each such value gives way to a token, the same one for the same value.

Kept are agents, channels, kinds, providers, models, levels, states, numbers and times: what a lost update is told by.
The tokens of two reports have nothing in common: they are salted anew each time.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable
from pathlib import PurePath
from typing import Final

from store.entry.schema import FIELDS
from store.findings.words import VALUE_LENGTH

_KEY_WORDS: Final = frozenset(
    {
        *("agent", "main", "direct", "dm", "group", "channel", "room", "topic", "thread", "subagent", "cron", "run"),
        *("hook", "acp", "node", "global", "unknown", "heartbeat", "explicit", "dashboard"),
        *("telegram", "whatsapp", "slack", "discord", "signal", "imessage", "matrix", "msteams", "webchat", "irc"),
        *("googlechat", "mattermost", "line", "nostr", "zalo", "twitch", "sms", "email", "voice"),
    }
)
_PLAIN_NESTED: Final = frozenset({"channel", "provider", "surface", "chatType", "kind", "source", "model"})
_PLAIN: Final = frozenset(
    {
        *(known.name for known in FIELDS.values() if known.group in ("override", "levels") and known.name != "label"),
        *("lastChannel", "model", "modelProvider", "contextTokensSource", "status", "chatType", "createdVia"),
        *_PLAIN_NESTED,
    }
) - {"authProfileOverride"}
_NUMBERS_THAT_NAME: Final = frozenset({"lastThreadId", "threadId", "thread", "id", "to"})
_NAME: Final = re.compile(r"[A-Za-z_]\w*")
_TELLING: Final = re.compile(
    r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[\w.+-]+@[\w-]+\.[\w.]+|\+?\d{7,}", re.IGNORECASE
)
_A_KEY: Final = re.compile(r"\bagent:[^\s,;]*[^\s,;.]")
_SHORTEST = 3
"""A shorter value names nobody, and would tear sentences apart."""


class Redactor:
    """One report's tokens; every value that was replaced is remembered, for the sentences that quote it."""

    def __init__(self, salt: bytes | None = None) -> None:
        self._salt = os.urandom(16) if salt is None else salt
        self._tokens: dict[str, str] = {}

    def token(self, text: str) -> str:
        """What stands for a text."""
        token = "x" + hashlib.sha256(self._salt + text.encode("utf-8", "surrogatepass")).hexdigest()[:6]
        self._tokens[text] = token
        return token

    def key(self, key: str) -> str:
        """A session key: the agent, the channel and the kind stay."""
        words = key.split(":")
        agent_at = 1 if words[0] == "agent" and len(words) > 1 else None
        shown = [
            word if word in _KEY_WORDS or at == agent_at or not word else self.token(word)
            for at, word in enumerate(words)
        ]
        self._tokens[key] = redacted = ":".join(shown)
        return redacted

    def value(self, name: str, given: object) -> object:
        """The value of a field or member of this name."""
        match given:
            case dict():
                return {self.name(member): self.value(member, value) for member, value in given.items()}
            case list():
                return [self.value(name, item) for item in given]
            case str():
                known = FIELDS.get(name)
                plain = not given or name in _PLAIN or (known is not None and given in known.allowed)
                return given if plain else self.token(given)
            case int() | float() if not isinstance(given, bool) and name in _NUMBERS_THAT_NAME:
                return self.token(str(given))
            case _:
                return given

    def name(self, name: str) -> str:
        """The name of a field or member; one that looks like no name is a value."""
        return name if _NAME.fullmatch(name) else self.token(name)

    def sentence(self, text: str) -> str:
        """A sentence about values that were redacted before."""
        text = _A_KEY.sub(lambda found: self.key(found[0]), text)
        quoted = {form: token for secret, token in self._tokens.items() for form in _forms(secret)}
        if quoted:
            longest_first = sorted(quoted, key=len, reverse=True)
            pattern = re.compile("|".join(rf"(?<!\w){re.escape(form)}(?!\w)" for form in longest_first))
            text = pattern.sub(lambda found: quoted[found[0]], text)
        return _TELLING.sub(lambda found: self.token(found[0]), text)


def _forms(secret: str) -> Iterable[str]:
    """A value as a sentence may quote it: whole, or cut."""
    if len(secret) >= _SHORTEST:
        yield secret
    if len(secret) > VALUE_LENGTH:
        yield secret[: VALUE_LENGTH - 1]


def redacted(report: dict[str, object], redactor: Redactor) -> dict[str, object]:
    """The report with tokens in place of what identifies people; its shape stays."""
    found = _walked(report, redactor)
    assert isinstance(found, dict)
    return {**_told(found, redactor), "redacted": True}


def _walked(given: object, redactor: Redactor) -> object:
    """Everything but the sentences: they can only be redacted once all values are known."""
    if isinstance(given, list):
        return [_walked(item, redactor) for item in given]
    if not isinstance(given, dict):
        return given
    field = str(given.get("field", ""))
    return {name: _member(name, value, field, redactor) for name, value in given.items()}


def _member(name: str, value: object, field: str, redactor: Redactor) -> object:
    match name, value:
        case "key", str():
            return redactor.key(value)
        case (("store" | "source"), str()):
            return PurePath(value).name
        case "field", str():
            return redactor.name(value)
        case (("old" | "new" | "lost" | "now"), _):
            return redactor.value(field, value)
        case "entry", _:
            return redactor.value("", value)
        case "user", str():
            return redactor.token(value)
        case "fields", dict():
            return redactor.value("", value)
        case _:
            return _walked(value, redactor)


def _told(report: dict[str, object], redactor: Redactor) -> dict[str, object]:
    findings, timeline = (
        [_with_sentences(item, redactor) for item in items] if isinstance(items := report[name], list) else items
        for name in ("findings", "timeline")
    )
    return {**report, "findings": findings, "timeline": timeline}


def _with_sentences(item: object, redactor: Redactor) -> object:
    if not isinstance(item, dict):
        return item
    return {
        name: redactor.sentence(value) if name in ("because", "detail") and isinstance(value, str) else value
        for name, value in item.items()
    }
