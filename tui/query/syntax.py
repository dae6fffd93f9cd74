"""The regular expressions of a filter, taken apart: what `re` knows, less what cannot be matched in linear time.

Literals, `.`, `[a-z]`, `\\d \\w \\s`, groups, `|`, `* + ? {2,5}`, `^ $`. No references back and no looking around.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

START: Final = "^^"
END: Final = ""
"""What stands before and after a text; no character is equal to either."""
_START_SOURCE, _END_SOURCE = r"\A", r"\Z"
LONGEST: Final = 200
MOST_POSITIONS: Final = 300
_DEEPEST: Final = 20

Test: TypeAlias = "Callable[[str], bool]"
Node: TypeAlias = "Symbol | Sequence | Choice | Repeat"


class WrongPattern(ValueError):
    """No pattern, or not one of this language; `at` is the offset of what is wrong in it."""

    def __init__(self, at: int, message: str) -> None:
        super().__init__(message)
        self.at = at
        self.message = message


@dataclass(frozen=True, slots=True)
class Symbol:
    """One character that passes the test, or one end of the text; `source` says the same to `re`, where it can."""

    test: Test
    source: str = ""


@dataclass(frozen=True, slots=True)
class Sequence:
    """One after the other; none at all is the empty text."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of these."""

    options: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """At least and at most so often; `most` is None without a limit."""

    part: Node
    least: int
    most: int | None


def parse_pattern(text: str) -> Node:
    """The pattern's tree; its tests are for text in lower case (casefolded). Raises WrongPattern."""
    if len(text) > LONGEST:
        raise WrongPattern(LONGEST, f"a pattern has at most {LONGEST} characters")
    reader = _Reader(text)
    node = reader.choice(0)
    if reader.at < len(text):
        raise WrongPattern(reader.at, "a ) without its (")
    if size(node) > MOST_POSITIONS:
        raise WrongPattern(0, f"this repeats too much: more than {MOST_POSITIONS} places for a character")
    return node


def size(node: Node) -> int:
    """How many places for a character the node has, its repetitions written out."""
    match node:
        case Symbol():
            return 1
        case Sequence(parts) | Choice(parts):
            return sum(map(size, parts))
        case Repeat(part, least, most):
            return size(part) * max(1, least if most is None else most)


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def choice(self, depth: int) -> Node:
        if depth > _DEEPEST:
            raise WrongPattern(self.at, f"groups are nested at most {_DEEPEST} deep")
        options = [self.sequence(depth)]
        while self.next_is("|"):
            self.at += 1
            options.append(self.sequence(depth))
        return options[0] if len(options) == 1 else Choice(tuple(options))

    def sequence(self, depth: int) -> Node:
        parts: list[Node] = []
        while self.at < len(self.text) and self.text[self.at] not in "|)":
            part = self.repeated(self.single(depth))
            if not (parts and _is_end(part) and parts[-1] == part):  # `$$` is `$`
                parts.append(part)
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def single(self, depth: int) -> Node:
        start, sign = self.at, self.text[self.at]
        self.at += 1
        match sign:
            case "(":
                return self.group(start, depth)
            case "[":
                return Symbol(self.character_class(start))
            case "\\":
                return self.escaped(start)
            case ".":
                return Symbol(lambda character: len(character) == 1, ".")
            case "^":
                return Symbol(START.__eq__, _START_SOURCE)
            case "$":
                return Symbol(END.__eq__, _END_SOURCE)
            case "*" | "+" | "?":
                raise WrongPattern(start, f"{sign} has nothing before it to repeat")
        return literal(sign)

    def group(self, start: int, depth: int) -> Node:
        if self.text.startswith("?:", self.at):
            self.at += 2
        elif self.next_is("?"):
            raise WrongPattern(start, "(? is not known here: only plain groups and (?: )")
        node = self.choice(depth + 1)
        if not self.next_is(")"):
            raise WrongPattern(start, "a ( without its )")
        self.at += 1
        return node

    def escaped(self, start: int) -> Node:
        if self.at >= len(self.text):
            raise WrongPattern(start, "a \\ with nothing after it")
        sign = self.text[self.at]
        self.at += 1
        test = _shorthand(sign)
        if test is not None:
            return Symbol(test, f"\\{sign}")
        if sign.isalnum():
            raise WrongPattern(start, f"\\{sign} is not known here: \\d \\w \\s \\D \\W \\S are")
        return literal(sign)

    def character_class(self, start: int) -> Test:
        inverted = self.next_is("^")
        self.at += inverted
        tests: list[Test] = []
        while not self.next_is("]") or not tests:
            if self.at >= len(self.text):
                raise WrongPattern(start, "a [ without its ]")
            tests.append(self.class_member(start))
        self.at += 1
        return lambda character: len(character) == 1 and any(test(character) for test in tests) is not inverted

    def class_member(self, start: int) -> Test:
        first = self.class_character()
        if callable(first):
            return first
        if not (self.next_is("-") and self.text[self.at + 1 : self.at + 2] not in ("]", "")):
            return _one_of(first, first)
        self.at += 1
        last = self.class_character()
        if callable(last) or last < first:
            raise WrongPattern(start, "a range in [ ] goes from a lower to a higher character")
        return _one_of(first, last)

    def class_character(self) -> str | Test:
        sign = self.text[self.at]
        self.at += 1
        if sign != "\\" or self.at >= len(self.text):
            return sign
        sign = self.text[self.at]
        self.at += 1
        return _shorthand(sign) or sign

    def repeated(self, node: Node) -> Node:
        while (counts := self.counts()) is not None:
            node = Repeat(node, *counts)
        return node

    def counts(self) -> tuple[int, int | None] | None:
        """How often what stands before is repeated; that a repetition may be lazy makes no difference here."""
        sign = self.text[self.at : self.at + 1]
        if sign and sign in "*+?":
            self.at += 1
            counts: tuple[int, int | None] = {"*": (0, None), "+": (1, None), "?": (0, 1)}[sign]
        elif (found := self.braces()) is not None:
            counts = found
        else:
            return None
        self.at += self.next_is("?")
        return counts

    def braces(self) -> tuple[int, int | None] | None:
        """`{2}`, `{2,}`, `{,5}`, `{2,5}`; any other brace is a character like every other."""
        end = self.text.find("}", self.at) if self.next_is("{") else -1
        least, comma, most = self.text[self.at + 1 : end].partition(",") if end > 0 else ("", "", "")
        if not (least + most).isdecimal() or not (least + most).isascii() or (most and not comma):
            return None
        start, self.at = self.at, end + 1
        lower, upper = int(least or 0), int(most) if most else None if comma else int(least)
        if upper is not None and upper < lower:
            raise WrongPattern(start, "a repetition goes from fewer to more")
        return lower, upper

    def next_is(self, sign: str) -> bool:
        return self.text[self.at : self.at + 1] == sign


def literal(sign: str) -> Node:
    """A character whatever its case; what has several letters in lower case is a sequence of them."""
    parts = [Symbol(wanted.__eq__, re.escape(wanted)) for wanted in sign.casefold()]
    return parts[0] if len(parts) == 1 else Sequence(tuple(parts))


def simple_source(node: Node) -> str | None:
    """The same for `re`, in whose hands it takes no more time than here: None for a pattern of which that is not sure.

    Each alternative begins with a certain character and has at most one thing that can be matched in several ways.
    """
    options = node.options if isinstance(node, Choice) else (node,)
    sources = [_simple_branch(option.parts if isinstance(option, Sequence) else (option,)) for option in options]
    return None if None in sources else "|".join(map(str, sources))


def _simple_branch(parts: tuple[Node, ...]) -> str | None:
    source, free = "", 0
    for number, part in enumerate(parts):
        least, most = (part.least, part.most) if isinstance(part, Repeat) else (1, 1)
        symbol = part.part if isinstance(part, Repeat) else part
        free += least != most
        if not isinstance(symbol, Symbol) or not symbol.source or free > (number > 0):
            return None
        ends = (_START_SOURCE, 0), (_END_SOURCE, len(parts) - 1)
        if any(symbol.source == end and (number != place or part is not symbol) for end, place in ends):
            return None
        source += symbol.source + ("" if (least, most) == (1, 1) else f"{{{least},{'' if most is None else most}}}")
    return source


def _is_end(node: Node) -> bool:
    return isinstance(node, Symbol) and node.source in (_START_SOURCE, _END_SOURCE)


def _one_of(first: str, last: str) -> Test:
    lower = (first.casefold(), last.casefold())
    return lambda character: first <= character.upper() <= last or first <= character <= last or character in lower


def _shorthand(sign: str) -> Test | None:
    test = {"d": str.isdecimal, "w": _is_word, "s": str.isspace}.get(sign.lower())
    if test is None or sign.islower():
        return test
    return lambda character: len(character) == 1 and not test(character)


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"
