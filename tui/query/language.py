"""From what is typed to a query and back: words, `field:value`, and what is wrong with them where.

Whatever is typed there is a query: what cannot be meant is left out of it and told as a mistake.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Final, Literal, TypeAlias, get_args

from tui.query.facts import Fact
from tui.query.fields import FIELDS, NOT_FIELDS, OTHER_NAMES, Field
from tui.query.syntax import WrongPattern, parse_pattern

Comparison: TypeAlias = Literal["", "~", "<", ">"]

_HEAD: Final = re.compile(r"(-?)(?:([a-z][a-z_.]*):)?([~<>]?)", re.IGNORECASE)
_AFTER_AGENT: Final = re.compile(r"main(?!\S)|([a-z]+):", re.IGNORECASE)
_SIGN: Final = re.compile("(-?)()()")
_NO_HEAD: Final = re.compile("()()()")
_ADDRESS: Final = re.compile(r"-\d{5,}\S*")
_AGE: Final = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)([smhd])")
_SIZE: Final = re.compile(r"(\d{1,12}(?:\.\d{1,9})?)([kmg]?)b?", re.IGNORECASE)
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_PLAIN: Final = re.compile(r'[^\s"]+')
_LONGEST_SHOWN: Final = 24
MOST_TERMS: Final = 50
ANYTHING: Final = ("any", "none")
"""What a field may have instead of a certain value."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """What cannot be meant; `column` counts from 0 where in the text it stands."""

    column: int
    message: str


@dataclass(frozen=True, slots=True)
class Term:
    """One condition; a bare word has no field, and `quoted` takes a value as text and nothing else."""

    field: str
    comparison: Comparison
    value: str
    negated: bool = False
    quoted: bool = False

    def __str__(self) -> str:
        """What reads as this very term."""
        head = f"{'-' if self.negated else ''}{f'{self.field}:' if self.field else ''}{self.comparison}"
        return head + (quote(self.value) if self.quoted else self.value)


@dataclass(frozen=True, slots=True)
class Query:
    """All of these conditions; none at all lets every row through. `mistakes` are what could not be made one."""

    terms: tuple[Term, ...] = ()
    mistakes: tuple[Mistake, ...] = field(default=(), compare=False)

    def __str__(self) -> str:
        """The query as it would be typed."""
        return " ".join(map(str, self.terms))

    @property
    def facts(self) -> frozenset[Fact]:
        """What must be known beside the entries to answer it."""
        return frozenset(FIELDS[term.field].fact for term in self.terms if term.field) - {""}


def parse(text: str) -> Query:
    """The query of a text; nothing is raised."""
    read = list(islice(_read(text), MOST_TERMS + 1))
    terms = tuple(part for part in read[:MOST_TERMS] if isinstance(part, Term))
    mistakes = tuple(part for part in read[:MOST_TERMS] if isinstance(part, Mistake))
    if len(read) > MOST_TERMS:
        mistakes += (Mistake(len(text), f"more than {MOST_TERMS} conditions"),)
    return Query(terms, mistakes)


def quote(value: str) -> str:
    """The value between quotes, as `parse` reads it."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def seconds(age: str) -> float:
    """The seconds of an age such as `5m`; ValueError for any other text."""
    found = _AGE.fullmatch(age)
    if found is None:
        raise ValueError(age)
    return float(found[1]) * _SECONDS[found[2]]


def octets(size: str) -> float:
    """The bytes of a size such as `50k`; ValueError for any other text."""
    found = _SIZE.fullmatch(size)
    if found is None:
        raise ValueError(size)
    return float(found[1]) * 1024.0 ** (" kmg".index(found[2].lower()) if found[2] else 0)


def _read(text: str) -> Iterator[Term | Mistake]:
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        start = at
        head = _head(text, at)
        name = (head[2] or "").lower()
        value, at, quoted = _value(text, head.end())
        yield _term(name, head, value, quoted, start)


def _head(text: str, at: int) -> re.Match[str]:
    """The sign, the field and the comparison a term begins with; what is no field is the beginning of a word."""
    if _ADDRESS.match(text, at):
        return _match(_NO_HEAD, text, at)
    head = _match(_HEAD, text, at)
    name = (head[2] or "").lower()
    if name and (_is_text(name) or _is_agent(name, head) or (name == "agent" and _is_key(text, head.end()))):
        return _match(_SIGN, text, at)
    if head.end() == at + 1 and head[1] and _ends_at(text, at + 1):
        return _match(_NO_HEAD, text, at)
    return head


def _match(pattern: re.Pattern[str], text: str, at: int) -> re.Match[str]:
    found = pattern.match(text, at)
    if found is None:
        raise AssertionError("a pattern of optional parts matches everywhere")
    return found


def _ends_at(text: str, at: int) -> bool:
    return at >= len(text) or text[at].isspace()


def _is_text(name: str) -> bool:
    """Whether a word before a colon is one that stands there in keys and addresses, and no field."""
    return name in NOT_FIELDS and name not in FIELDS


def _is_agent(name: str, head: re.Match[str]) -> bool:
    """Whether an unknown word before a colon is an agent's id, as a key follows it: `ops:cron:daily`, `coder:main`.

    Never after a minus: there a field that was misspelt would leave out nothing.
    """
    after = _AFTER_AGENT.match(head.string, head.end())
    if after is None or head[1] or name in FIELDS or _meant(name):
        return False
    return after[1] is None or after[1].lower() in NOT_FIELDS


def _meant(name: str) -> str:
    """The field that is meant by a name which none has, or blank."""
    from difflib import get_close_matches

    return OTHER_NAMES.get(name) or next(iter(get_close_matches(name, FIELDS, 1, 0.7)), "")


def _no_field(name: str) -> str:
    meant = _meant(name)
    shown = name if len(name) <= _LONGEST_SHOWN else f"{name[: _LONGEST_SHOWN - 1]}…"
    return f"no field {shown}{f': perhaps {meant}' if meant else ''}; in quotes it is text"


def _is_key(text: str, at: int) -> bool:
    """Whether what follows `agent:` is the rest of a session key: an agent's id has no colon."""
    word = _PLAIN.match(text, at)
    return word is not None and ":" in word[0]


def _value(text: str, at: int) -> tuple[str, int, bool]:
    """The value that begins here, where it ends, and whether it stands in quotes; a last quote may be missing."""
    if text[at : at + 1] != '"':
        plain = _PLAIN.match(text, at)
        return (plain[0], plain.end(), False) if plain else ("", at, False)
    value, at = "", at + 1
    while at < len(text) and text[at] != '"':
        at += text[at] == "\\" and text[at + 1 : at + 2] in ("\\", '"') and bool(text[at + 1 : at + 2])
        value += text[at]
        at += 1
    return value, at + 1, True


def _term(name: str, head: re.Match[str], value: str, quoted: bool, start: int) -> Term | Mistake:
    comparison: Comparison = head[3]  # type: ignore[assignment]
    negated, at = bool(head[1]), head.end()
    if name and name not in FIELDS:
        return Mistake(start + negated, _no_field(name))
    if comparison == "~":
        return _pattern_term(Term(name, "~", value, negated, quoted), at)
    if not name:
        if comparison:
            return Mistake(start, f"{comparison} needs a field: changed:<5m, updated:>2h, size:>50k")
        return Term("", "", value, negated, quoted)
    term = Term(name, comparison, _as_spelt(FIELDS[name], value, quoted), negated, quoted)
    message = _wrong(FIELDS[name], term)
    return Mistake(at, message) if message else term


def _pattern_term(term: Term, at: int) -> Term | Mistake:
    if not term.value:
        return Mistake(at, "~ needs a regular expression: key:~cron.*daily")
    if term.field and FIELDS[term.field].kind in ("age", "size"):
        return Mistake(at - 1, f"{term.field} is compared with < or >, not with ~")
    try:
        parse_pattern(term.value)
    except WrongPattern as wrong:
        return Mistake(at + (0 if term.quoted else wrong.at), wrong.message)
    return term


def _as_spelt(known: Field, value: str, quoted: bool) -> str:
    fixed = known.kind in ("choice", "age", "size") or (not quoted and value.lower() in ANYTHING)
    return value.lower() if fixed else value


def _wrong(known: Field, term: Term) -> str:
    """Why this field cannot have this value; empty when it can."""
    match known.kind:
        case "age" | "size":
            return _wrong_amount(known, term)
        case _ if term.comparison:
            return f"{known.name} is no age and no size: {known.name}:VALUE"
        case "choice":
            values = allowed(known)
            if term.value not in values:
                return f"{_shown(term.value)}{known.name} is {_or(values)}"
        case _ if not term.value:
            return f"{known.name} needs a value; {known.name}:none for those without one"
    return ""


def _wrong_amount(known: Field, term: Term) -> str:
    example = f"{known.name}:<5m" if known.kind == "age" else f"{known.name}:>50k"
    if not term.comparison:
        return "" if term.value in ANYTHING and known.kind == "age" else f"say < or >: {example}"
    try:
        (seconds if known.kind == "age" else octets)(term.value)
    except ValueError:
        what = "a time is a number and s, m, h or d" if known.kind == "age" else "a size is a number, and k, m or g"
        return f"{_shown(term.value)}{what}"
    return ""


def allowed(known: Field) -> tuple[str, ...]:
    """The values a field of the kind "choice" can have."""
    if known.name == "finding":
        from store.findings.finding import Kind

        return (*known.values, *get_args(Kind))
    if known.name == "lint":
        from store.entry.lint import RULES

        return (*known.values, *RULES)
    return known.values


def _shown(value: str) -> str:
    if not value:
        return ""
    return f"{value if len(value) <= _LONGEST_SHOWN else value[: _LONGEST_SHOWN - 1] + '…'}: "


def _or(values: tuple[str, ...]) -> str:
    return f"{', '.join(values[:-1])} or {values[-1]}"
