from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.js import Json, encode
from store.summary import EntrySummary, summarise
from tests.support import incident
from tests.support.incident import NOW
from tui.query.completion import complete
from tui.query.facts import Facts
from tui.query.fields import FIELDS
from tui.query.language import Query, Term, parse
from tui.query.match import Matcher

HEARTBEAT = "agent:main:cron:morning-brief"
CRON_RUN = "agent:ops:cron:nightly-backup:run:5d2e6c14-91d4-4b6e-a1f0-2c9b6f0e7a11"
ENTRIES: dict[str, Json] = {
    **incident.at_first(),
    "agent:main:hook:1": [],
    "agent:main:telegram:direct:99887766": {
        **incident.entry(5, fastMode=True, verboseLevel="full", label="two words", sendPolicy="deny"),
        **incident.route("whatsapp", "+4915112345678", account="shop"),
    },
}
ROWS = {key: summarise(key, encode(entry).encode()) for key, entry in ENTRIES.items()}
FACTS = {
    incident.PINNED: Facts("/one/sessions.json", NOW - 50, (("lost-update", "confirmed"),)),
    incident.CODER: Facts("/two/sessions.json", NOW - 2, (("torn-pair", "possible"), ("cross-session", "probable"))),
}


def found(text: str) -> set[str]:
    query = parse(text)
    assert query.mistakes == ()
    matcher = Matcher(query, NOW)
    return {key for key, row in ROWS.items() if matcher(row, FACTS.get(key, Facts("/one/sessions.json")))}


def where(condition: object) -> set[str]:
    assert callable(condition)
    return {key for key, row in ROWS.items() if condition(row)}


def test_nothing_asked_for_is_everything() -> None:
    assert found("") == found("   ") == set(ROWS)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("TOPIC 42", incident.PINNED),
        ("main:tg:-1001987654321:topic:42", incident.PINNED),
        ("agent:main:telegram:group:-1001987654321:topic:42", incident.PINNED),
        ("telegram -1001987654321 topic:42", incident.PINNED),
        ("group:-1001987654321:topic:42", incident.PINNED),
        ("telegram:group:-1001987654321", incident.PINNED),
        ("coder:subagent:7f3a", incident.CODER),
        ("ops:cron:nightly-backup:run:5d2e", CRON_RUN),
        ('"topic 42"', incident.PINNED),
        ("subagent:7f3a", incident.CODER),
        ("gemini", "agent:coder:slack:channel:c0a1b2c3ad:thread:1771204418.334519"),
        ('"two words"', "agent:main:telegram:direct:99887766"),
        ("two words", "agent:main:telegram:direct:99887766"),
        ("wa label:any", "agent:main:telegram:direct:99887766"),
    ],
)
def test_words_are_looked_for_in_key_label_model_and_route_as_they_are_shown(text: str, key: str) -> None:
    assert key in found(text)
    assert len(found(text)) <= 2


@pytest.mark.parametrize("text", ["-topic", "-agent:main:telegram:group:-1001987654321:topic:42", '-"topic 42"'])
def test_a_minus_leaves_out(text: str) -> None:
    assert incident.PINNED not in found(text)
    assert found(text) | found(text[1:]) == set(ROWS)
    assert not found(text) & found(text[1:])


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("agent:main", lambda row: row.parts.agent == "main"),
        ("AGENT:Main", lambda row: row.parts.agent == "main"),
        ("agent:mai", lambda row: False),
        ("kind:cron", lambda row: row.parts.kind in ("cron", "cron run")),
        ('kind:"cron run"', lambda row: row.parts.kind == "cron run"),
        ("kind:run", lambda row: row.parts.kind == "cron run"),
        ("kind:cron -key:~run", lambda row: row.parts.kind == "cron"),
        ("override:yes", lambda row: row.override is not None),
        ("override:no", lambda row: row.override is None),
        ("source:auto", lambda row: row.override is not None and row.override.source == "auto"),
        ("auto:yes", lambda row: row.override is not None and row.override.source == "auto"),
        ("source:none", lambda row: row.override is None),
        ("model:~^anthropic/.*opus", lambda row: "opus" in (row.override.model if row.override else row.used_model)),
        ("provider:zai", lambda row: (row.override.provider if row.override else row.used_provider) == "zai"),
        ("used:gpt", lambda row: "gpt" in row.used_model),
        ("think:high", lambda row: row.thinking == "high"),
        ("think:any", lambda row: row.thinking != ""),
        ("think:none -kind:hook", lambda row: row.thinking == "" and row.parts.kind != "hook"),
        ("fast:on", lambda row: dict(row.levels).get("fastMode") == "on"),
        ("verbose:full", lambda row: dict(row.levels).get("verboseLevel") == "full"),
        ("send:deny", lambda row: row.send_policy == "deny"),
        ("to:heartbeat", lambda row: row.route.to == "heartbeat"),
        ("reply:poisoned", lambda row: row.route.to == "heartbeat"),
        ("reply:elsewhere", lambda row: row.key.endswith("99887766")),
        ("reply:none", lambda row: not row.route),
        ("channel:wa", lambda row: "whatsapp" in (row.route.channel, row.parts.channel)),
        ("channel:telegram", lambda row: "telegram" in (row.route.channel, row.parts.channel)),
        ("account:shop", lambda row: row.route.account == "shop"),
        ("thread:42", lambda row: row.parts.thread == "42"),
        ("label:two", lambda row: "two" in row.label),
        ("session:5b0c71e2", lambda row: row.session_id.startswith("5b0c71e2")),
        ("updated:<1m", lambda row: row.updated_at is not None and row.updated_at > (NOW - 60) * 1000),
        ("updated:>0.5h", lambda row: row.updated_at is not None and row.updated_at < (NOW - 1800) * 1000),
        ("updated:none", lambda row: row.updated_at is None),
        ("size:<100", lambda row: row.size < 100),
        ("size:>0.1k", lambda row: row.size > 102.4),
        ("lint:invalid", lambda row: bool(row.invalid)),
        ("lint:yes", lambda row: bool(row.lint)),
        ("lint:poisoned-route", lambda row: row.route.to == "heartbeat"),
    ],
)
def test_fields(text: str, condition: object) -> None:
    assert found(text) == where(condition)


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("finding:any", {incident.PINNED, incident.CODER}),
        ("finding:confirmed", {incident.PINNED}),
        ("finding:possible finding:probable", {incident.CODER}),
        ("finding:lost-update", {incident.PINNED}),
        ("changed:<10s", {incident.CODER}),
        ("changed:any", {incident.PINNED, incident.CODER}),
        ("-changed:none", {incident.PINNED, incident.CODER}),
        ("store:two", {incident.CODER}),
    ],
)
def test_what_is_known_beside_the_entry(text: str, keys: set[str]) -> None:
    assert parse(text).facts
    assert found(text) == keys


def test_a_query_says_what_it_must_know_beside_the_entries() -> None:
    assert parse("finding:any changed:<5m opus").facts == {"findings", "changed"}
    assert parse("opus -kind:run size:>5k").facts == frozenset()


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("agent:main changed:<5x", 20, "5x: a time is a number and s, m, h or d"),
        ("updated:5m", 8, "say < or >: updated:<5m"),
        ("size:>9q", 6, "9q: a size is a number, and k, m or g"),
        ("size:>", 6, "a size is a number, and k, m or g"),
        ("override:maybe", 9, "maybe: override is yes or no"),
        ("lint:no-such", 5, "no-such: lint is yes, no,"),
        ("a modle:x", 2, "no field modle: perhaps model; in quotes it is text"),
        ("-foo:bar", 1, "no field foo; in quotes it is text"),
        ("mdl:opus", 0, "no field mdl: perhaps model; in quotes it is text"),
        ("route:wa", 0, "no field route: perhaps to"),
        ("pin:any", 0, "no field pin: perhaps override"),
        ("-modelOverride:opus", 1, "no field modeloverride: perhaps model"),
        ("delivery_context.to:x", 0, "no field delivery_context.to"),
        ("-foo:<5m", 1, "no field foo"),
        ("-ops:cron:daily", 1, "no field ops; in quotes it is text"),
        ("knd:cron:daily", 0, "no field knd: perhaps kind"),
        ("-overide:yes", 1, "no field overide: perhaps override"),
        ("label:", 6, "label needs a value; label:none"),
        ("label:<x", 7, "label is no age and no size"),
        ("key:~a(b", 6, "a ( without its )"),
        ("~*", 1, "* has nothing before it to repeat"),
        ("key:~", 5, "~ needs a regular expression"),
        ("changed:~5", 8, "changed is compared with < or >, not with ~"),
        ("<5m", 0, "< needs a field"),
    ],
)
def test_a_mistake_says_where_it_is_and_what_would_be_right(text: str, column: int, message: str) -> None:
    (mistake,) = parse(text).mistakes
    assert mistake.column == column
    assert message in mistake.message


def test_the_main_key_of_any_agent_is_text() -> None:
    assert parse("coder:main opus") == Query((Term("", "", "coder:main"), Term("", "", "opus")))


def test_what_can_be_meant_of_a_query_with_mistakes_is_kept() -> None:
    query = parse("opus changed:<5x -kind:run")
    assert query.terms == (Term("", "", "opus"), Term("kind", "", "run", negated=True))


def test_more_conditions_than_anybody_types_are_a_mistake() -> None:
    query = parse("x " * 5000)
    assert len(query.terms) == 50 and len(query.mistakes) == 1


PIECES = st.sampled_from(
    [
        *(f"{name}:" for name in FIELDS),
        *'-~<>"\\ :*.()[]{}',
        "any",
        "none",
        "5m",
        "50k",
        "yes",
        "agent:main:",
        "-100200300",
    ]
)
TYPED = st.lists(PIECES | st.text(max_size=4), max_size=12).map("".join)


@given(TYPED)
def test_whatever_is_typed_is_a_query_that_reads_back_as_itself(text: str) -> None:
    query = parse(text)
    assert parse(str(query)) == query
    assert all(0 <= mistake.column <= len(text) and mistake.message for mistake in query.mistakes)
    matcher = Matcher(query, NOW)
    for row in ROWS.values():
        assert matcher(row, FACTS[incident.PINNED]) in (True, False)


@given(TYPED, st.integers(0, 60))
def test_every_completion_can_be_taken(text: str, cursor: int) -> None:
    known = [(row, Facts()) for row in ROWS.values()]
    completion = complete(text, cursor, known)
    assert 0 <= completion.start <= cursor
    for option in completion.options[:5]:
        taken = text[: completion.start] + option.text
        mistakes = {mistake.column for mistake in parse(taken).mistakes}
        assert option.text.endswith(":") or not any(column >= completion.start for column in mistakes), taken


TERMS = st.builds(
    Term,
    st.sampled_from(["", "label", "model", "key", "to", "agent"]),
    st.just(""),
    st.text(max_size=8),
    st.booleans(),
    st.just(True),
)


@given(st.lists(TERMS, max_size=4))
def test_any_text_can_be_asked_for_in_quotes(terms: list[Term]) -> None:
    wanted = tuple(term for term in terms if term.value or not term.field)
    query = parse(str(Query(wanted)))
    assert query.terms == wanted and query.mistakes == ()


def options(text: str, rows: dict[str, EntrySummary] = ROWS) -> list[str]:
    return [option.text for option in complete(text, len(text), [(row, Facts()) for row in rows.values()]).options]


def test_fields_are_completed_by_their_beginning() -> None:
    assert options("opus -s") == ["source:", "security:", "send:", "status:", "session:", "size:", "store:"]
    assert len(options("")) == len(FIELDS)


def test_values_are_completed_from_the_rows_the_most_frequent_first() -> None:
    assert options("agent:")[:3] == ["main", "coder", "ops"]
    assert options("source:")[:2] == ["none", "user"]
    assert options("label:") == ["home", '"two words"', "any", "none"]
    assert options("label:tw") == ['"two words"']
    assert options("model:opus") == ["anthropic/claude-opus-4-6"]
    assert options("override:y") == ["yes"]
    assert options("changed:<") == ["<5m", "<1h", "<1d"]
    assert options('label:"tw') == ['"two words"']
    assert options('"tw') == []


def test_a_completion_of_a_value_that_would_mean_something_else_is_quoted() -> None:
    rows = {key: summarise(key, encode({"label": key}).encode()) for key in ("any", "~x", 'a"b')}
    assert options("label:", rows)[:3] == ['"any"', '"~x"', '"a\\"b"']
