"""What can be asked of a row: every field of the language, and where its texts come from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from store.entry.keys import KINDS
from store.entry.overrides import SOURCES
from store.entry.routes import CHANNELS
from store.entry.schema import FIELDS as ENTRY_FIELDS
from store.summary import EntrySummary
from tui.look.forms import TWO_LETTERS, short_channel
from tui.query.facts import Fact, Facts
from tui.query.haystack import texts_of

FieldKind: TypeAlias = Literal["part", "whole", "choice", "age", "size"]


Texts: TypeAlias = "Callable[[EntrySummary, Facts], Iterable[str]]"


@dataclass(frozen=True, slots=True)
class Field:
    """One field.

    Its value is found within a text ("part"), is a whole text ("whole"), is one of `values` ("choice"), or is compared
    with `<` or `>` ("age", "size"). `fact` names what is needed beside the entry.
    """

    name: str
    kind: FieldKind
    meaning: str
    texts: Texts
    values: tuple[str, ...] = ()
    fact: Fact = ""


def _models(row: EntrySummary, _facts: Facts) -> Iterable[str]:
    """The intended model, or the one last used where none is intended, as in the column MODEL."""
    override = row.override
    provider, model = (override.provider, override.model) if override else (row.used_provider, row.used_model)
    return (f"{provider}/{model}" if provider and model else provider or model,)


def _providers(row: EntrySummary, _facts: Facts) -> Iterable[str]:
    return (row.override.provider if row.override else row.used_provider,)


def _used(row: EntrySummary, _facts: Facts) -> Iterable[str]:
    return ("/".join(filter(None, (row.used_provider, row.used_model))),)


def _channels(row: EntrySummary, _facts: Facts) -> Iterable[str]:
    names = {row.route.channel, row.parts.channel} - {""}
    return sorted(names | {short_channel(name) for name in names})


def _threads(row: EntrySummary, _facts: Facts) -> Iterable[str]:
    return {row.parts.thread, "" if row.route.thread is None else str(row.route.thread)}


def _kinds(row: EntrySummary, _facts: Facts) -> Iterable[str]:
    """A cron run is of kind "cron", "run" and "cron run"."""
    return {row.parts.kind, *row.parts.kind.split()}


def _override(row: EntrySummary, _facts: Facts) -> Iterable[str]:
    return ("yes" if row.override else "no",)


def _auto(row: EntrySummary, _facts: Facts) -> Iterable[str]:
    return ("yes" if row.override and row.override.source == "auto" else "no",)


def _source(row: EntrySummary, _facts: Facts) -> Iterable[str]:
    return (row.override.source if row.override else "none",)


def _send(row: EntrySummary, _facts: Facts) -> Iterable[str]:
    return (row.send_policy or "none",)


_REPLIES: Final[Mapping[str, str]] = {"=": "ok", "": "ok", "≠": "elsewhere", "~": "poisoned"}


def _reply(row: EntrySummary, _facts: Facts) -> Iterable[str]:
    return (_REPLIES[texts_of(row).sign] if row.route else "none",)


def _lint(row: EntrySummary, _facts: Facts) -> Iterable[str]:
    return ("yes", *(remark.rule for remark in row.lint)) if row.lint else ("no",)


def _findings(_row: EntrySummary, facts: Facts) -> Iterable[str]:
    return {"any", *(word for finding in facts.findings for word in finding)} if facts.findings else ("none",)


def _level(name: str) -> Texts:
    return lambda row, _facts: (value for level, value in row.levels if level == name)


LEVELS: Final[Mapping[str, str]] = {
    "think": "thinkingLevel",
    "verbose": "verboseLevel",
    "reasoning": "reasoningLevel",
    "elevated": "elevatedLevel",
    "fast": "fastMode",
    "trace": "traceLevel",
    "usage": "responseUsage",
    "exec": "execHost",
    "security": "execSecurity",
    "ask": "execAsk",
    "node": "execNode",
    "activation": "groupActivation",
    "queue": "queueMode",
}
"""The language's word for a level -> the field of the entry."""

_YES_NO: Final = ("yes", "no")
_FINDING_VALUES: Final = ("any", "confirmed", "probable", "unknown", "possible", "none")

_ALL: Final = (
    Field("agent", "whole", "the agent's id", lambda row, _: (row.parts.agent,)),
    Field("kind", "choice", "what the key is for; run: of a cron job", _kinds, (*KINDS, "run")),
    Field("key", "part", "the session key, in full or as it is shown", lambda row, _: texts_of(row).keys),
    Field("label", "part", "the label", lambda row, _: (row.label,)),
    Field("model", "part", "provider/model: intended, or else last used", _models),
    Field("provider", "whole", "the provider of that model", _providers),
    Field("source", "choice", "where the override came from", _source, (*SOURCES, "none")),
    Field("override", "choice", "whether a model is set", _override, _YES_NO),
    Field("auto", "choice", "whether it was set as a fallback", _auto, _YES_NO),
    Field("used", "part", "provider/model of the last run", _used),
    *(
        Field(word, "whole", ENTRY_FIELDS[name].meaning, _level(name), ENTRY_FIELDS[name].allowed)
        for word, name in LEVELS.items()
    ),
    Field("send", "choice", "whether replies may be sent", _send, ("allow", "deny", "none")),
    Field("reply", "choice", "where the next reply goes", _reply, ("ok", "elsewhere", "poisoned", "none")),
    Field("to", "part", "the address replies go to", lambda row, _: (row.route.to,)),
    Field("channel", "whole", "the channel of the route or of the key", _channels),
    Field("account", "whole", "the bot account replies go through", lambda row, _: (row.route.account,)),
    Field("thread", "whole", "the thread or topic", _threads),
    Field("status", "whole", "how the last run stands", lambda row, _: (row.status,)),
    Field("session", "part", "the sessionId", lambda row, _: (row.session_id,)),
    Field("changed", "age", "when a change was last seen", lambda *_: (), fact="changed"),
    Field("updated", "age", "the entry's own updatedAt", lambda *_: ()),
    Field("size", "size", "the entry's size in the file", lambda *_: ()),
    Field("finding", "choice", "open findings: grade or name", _findings, _FINDING_VALUES, "findings"),
    Field("lint", "choice", "what is wrong as it stands", _lint, _YES_NO),
    Field("store", "part", "the store's path", lambda _, facts: (facts.store,), fact="store"),
)
FIELDS: Final[Mapping[str, Field]] = {field.name: field for field in _ALL}

NOT_FIELDS: Final = frozenset(
    {*CHANNELS, *TWO_LETTERS.values(), *KINDS, "run", "topic", "dm", "room", "user", "chat", "explicit"}
)
"""Words that stand before a colon in keys and addresses: what begins with them is text."""

OTHER_NAMES: Final[Mapping[str, str]] = {
    "route": "to",
    "address": "to",
    "peer": "to",
    "pin": "override",
    "pinned": "override",
    "modeloverride": "model",
    "provideroverride": "provider",
    "modeloverridesource": "source",
    "sessionid": "session",
    "updatedat": "updated",
    "age": "updated",
    **{name.lower(): word for word, name in LEVELS.items()},
    "sendpolicy": "send",
}
"""What else a field may be called by who does not know its name, in lower case."""
