"""Editing through a gateway that runs: what is asked, and what is made of every kind of answer."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from store.edit import EditResult, RowEdit, apply_edit
from store.entry.delivery import ClearDelivery, Route, SetDelivery
from store.entry.intent import Intent
from store.entry.levels import SetField
from store.entry.overrides import ClearModel, SetModel
from store.errors import Busy, NoSafeWrite, Refused
from store.js import ABSENT, Json, JsonObject
from store.openclaw.paths import StorePath, user_state_dir
from store.openclaw.release import Discipline, write_permit
from store.remote import lookup
from store.remote.call import CommandGateway, Declined, SessionChangedError, UnansweredError, gateway_of
from store.remote.edit import edits_through_gateway
from store.remote.patch import PATCHED, guards, patch_of
from store.writing.journal import Journal
from store.writing.own import OwnWrites
from store.writing.permit import Permit
from tests.support.databases import MAIN, entry, make_database, opened, put
from tests.support.stores import replace_store, write_store
from tui.__main__ import main

PERMIT = write_permit(Discipline("database", "2026.9.6", "the test says so", 4711))
OPUS = SetModel("anthropic", "claude-opus-4-6")
NONE = {"kind": "none"}


class FakeGateway:
    """Answers by doing what a test tells it to do with the patch."""

    def __init__(self, act: Callable[[JsonObject], object]) -> None:
        self.act = act
        self.asked: list[tuple[str, JsonObject]] = []

    def call(self, method: str, params: JsonObject) -> JsonObject:
        self.asked.append((method, params))
        answer = self.act(params)
        return answer if isinstance(answer, dict) else {"ok": True}


@pytest.fixture
def database(tmp_path: Path) -> Path:
    fields = {"lifecycleRevision": "r1", "label": "one", "delivery": NONE}
    return make_database(tmp_path / "openclaw-agent.sqlite", {MAIN: entry(**fields)})


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup, "SETTLE_S", 0.0)


def rows(path: Path, **fields: object) -> Callable[[JsonObject], object]:
    """The gateway writes these fields into the row."""

    def act(_: JsonObject) -> None:
        with opened(path) as connection:
            put(connection, {MAIN: entry(**{"lifecycleRevision": "r1", "label": "one", "delivery": NONE, **fields})})

    return act


def edit(path: Path, gateway: FakeGateway, *intents: Intent, seen: Any = None, **options: Any) -> EditResult:
    row = RowEdit(options.pop("key", MAIN), intents, seen)
    (result,) = edits_through_gateway(path, [row], gateway, permit=options.pop("permit", PERMIT), **options)
    return result


MODEL = {"providerOverride": "anthropic", "modelOverride": "claude-opus-4-6", "modelOverrideSource": "user"}


def test_model_and_levels_are_patched_with_the_session_as_guard(database: Path) -> None:
    gateway = FakeGateway(rows(database, **MODEL, label="two"))
    result = edit(database, gateway, OPUS, SetField("label", "two"))
    assert gateway.asked == [
        (
            "sessions.patch",
            {
                "key": MAIN,
                "model": "anthropic/claude-opus-4-6",
                "label": "two",
                "expectedSessionId": entry()["sessionId"],
                "expectedLifecycleRevision": "r1",
            },
        )
    ]
    assert (result.outcome, result.reason, result.proven) == ("applied", "", False)
    assert {change.field: change.new for change in result.changes} == {**MODEL, "label": "two"}


def test_a_file_of_a_release_without_guards_is_patched_without(tmp_path: Path) -> None:
    old: JsonObject = {"sessionId": "s", "updatedAt": 1, "lifecycleRevision": "r1"}
    store = write_store(tmp_path / "sessions.json", {MAIN: old})
    gateway = FakeGateway(lambda _: replace_store(store, {MAIN: {**old, "label": "two"}}))
    permit = write_permit(Discipline("unlocked", "2026.6.6", "test", 4711))
    result = edit(store, gateway, SetField("label", "two"), permit=permit)
    assert gateway.asked == [("sessions.patch", {"key": MAIN, "label": "two"})]
    assert result.outcome == "applied"


def test_what_is_judged_before_anything_is_asked(database: Path) -> None:
    gateway = FakeGateway(lambda _: pytest.fail("asked"))
    seen: dict[str, Any] = entry(label="zero", lifecycleRevision="r1", delivery=NONE)
    assert edit(database, gateway, SetField("label", "one")).outcome == "unchanged"
    assert edit(database, gateway, SetField("label", "two"), seen=seen).outcome == "conflict"
    assert edit(database, gateway, OPUS, dry_run=True).outcome == "applied"
    assert edit(database, gateway, OPUS, permit=Permit.read_only("no")).outcome == "refused"
    assert edit(database, gateway, OPUS, permit=Permit.allowed("a file")).outcome == "refused"
    assert edit(database, gateway, OPUS, key="none").outcome == "unreadable"


@pytest.mark.parametrize(
    ("intent", "why"),
    [
        (SetDelivery(Route("telegram", "1")), "no call for delivery. Stop the gateway, edit, and start it again"),
        (ClearDelivery(), "no call for delivery"),
        (SetField("queueCap", 5), "no call for queueCap"),
        (SetModel("a", "b", "auto"), "no call for a model as auto (through it one is always set as user)"),
    ],
)
def test_what_no_gateway_can_be_asked_for_is_refused_with_the_way_out(database: Path, intent: Intent, why: str) -> None:
    with opened(database) as connection:
        context = {"channel": "slack", "to": "C1"}
        put(connection, {MAIN: entry(delivery={"kind": "external", "route": {}, "context": context, "origin": {}})})
    result = edit(database, FakeGateway(lambda _: pytest.fail("asked")), intent)
    assert result.outcome == "refused" and why in result.reason


def test_clearing_is_null() -> None:
    assert patch_of([ClearModel(), SetField("label", ABSENT)]) == {"model": None, "label": None}
    assert patch_of([SetModel("a", "b", "user", "a:me")]) == {"model": "a/b@a:me"}
    assert {"thinkingLevel", "sendPolicy"} <= PATCHED
    assert guards({"sessionId": "s"}) == {"expectedSessionId": "s"}


def test_the_agents_default_is_cleared_by_the_gateway_and_said(database: Path) -> None:
    result = edit(database, FakeGateway(rows(database, modelOverrideSource="default")), OPUS)
    assert result.outcome == "applied"
    assert result.reason == "The gateway cleared the model instead: it is the agent's default."


def test_another_value_than_asked_for_is_said(database: Path) -> None:
    result = edit(database, FakeGateway(rows(database, label="One!")), SetField("label", "two"))
    assert result.reason == "The gateway left label otherwise than asked for."


def test_a_session_that_is_another_one_by_now_is_a_conflict(database: Path) -> None:
    def changed(_: JsonObject) -> None:
        raise SessionChangedError

    result = edit(database, FakeGateway(changed), OPUS)
    assert (result.outcome, result.changes) == ("conflict", ()) and "not the one you saw" in result.reason


def test_no_answer_is_looked_up(database: Path) -> None:
    def late(_: JsonObject) -> None:
        rows(database, **MODEL)(_)
        raise UnansweredError

    def never(_: JsonObject) -> None:
        raise UnansweredError

    assert edit(database, FakeGateway(never), OPUS).outcome == "busy"
    assert edit(database, FakeGateway(late), OPUS).outcome == "applied"


MANY = [MAIN, *(f"agent:main:s{number}" for number in range(4))]


def labelled(path: Path, *left_alone: str) -> Callable[[JsonObject], JsonObject]:
    """The gateway gives the label to every target it is not told to leave alone."""

    def act(params: JsonObject) -> JsonObject:
        targets: Any = params.get("targets", [params])
        label = cast("JsonObject", params.get("patch", params))["label"]
        keys = [target["key"] for target in targets if target["key"] not in left_alone]
        with opened(path) as connection:
            put(connection, {key: entry(lifecycleRevision="r1", label=label, delivery=NONE) for key in keys})
        changed: JsonObject = {"ok": False, "error": {"message": "Session changed before patch. Retry."}}
        outcomes: list[Json] = [{"ok": True, "key": key} for key in keys]
        outcomes += [{**changed, "key": key} for key in left_alone]
        return {"outcomes": outcomes}

    return act


def edit_many(path: Path, gateway: FakeGateway, *labels: str, **options: Any) -> list[EditResult]:
    wishes = dict(zip(MANY, labels, strict=False))
    edits = [RowEdit(key, (SetField("label", label),)) for key, label in wishes.items()]
    return [*edits_through_gateway(path, edits, gateway, permit=PERMIT, **options)]


@pytest.fixture
def many(database: Path) -> Path:
    with opened(database) as connection:
        put(connection, {key: entry(lifecycleRevision="r1", label="one", delivery=NONE) for key in MANY})
    return database


def test_rows_that_are_patched_alike_are_one_request(many: Path, tmp_path: Path) -> None:
    gateway, own, done = FakeGateway(labelled(many, MANY[1])), OwnWrites(tmp_path / "own"), list[int]()
    labels = ("two", "two", "two", "one", "three")
    results = edit_many(many, gateway, *labels, journal=Journal(tmp_path / "own"), progress=done.append)
    assert [result.outcome for result in results] == ["applied", "conflict", "applied", "unchanged", "applied"]
    (first, together), (second, single) = gateway.asked
    assert (first, second) == ("sessions.patchMany", "sessions.patch") and done == [3, 4, 5]
    session = {"expectedSessionId": entry()["sessionId"], "expectedLifecycleRevision": "r1"}
    assert together == {"targets": [{"key": key, **session} for key in MANY[:3]], "patch": {"label": "two"}}
    assert single == {"key": MANY[4], **session, "label": "three"}
    assert {edit.key for edit in own.edits(many)} == {MANY[0], MANY[2], MANY[4]}


def test_no_request_is_for_more_than_the_gateway_takes(many: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("store.remote.edit.MOST", 2)
    gateway = FakeGateway(labelled(many))
    assert {result.outcome for result in edit_many(many, gateway, *["two"] * 5)} == {"applied"}
    assert [len(cast("list[Json]", asked.get("targets", [asked]))) for _, asked in gateway.asked] == [2, 2, 1]


def test_what_is_wrong_with_the_whole_request_is_not_asked_for_again(
    many: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.remote.edit.MOST", 2)

    def declines(_: JsonObject) -> JsonObject:
        raise Declined("Not written: the gateway refused: missing scope.")

    gateway = FakeGateway(declines)
    results = edit_many(many, gateway, *["two"] * 4)
    assert {result.outcome for result in results} == {"refused"} and len(gateway.asked) == 1
    assert results[3].reason == "Not tried: the gateway refused: missing scope."


@pytest.mark.parametrize(
    ("error", "outcomes"),
    [
        (UnansweredError(), ["applied", "busy", "busy"]),
        (Busy("Not written: the gateway does not answer (ECONNREFUSED)."), ["applied", "busy", "busy"]),
        (Refused("Not written: the gateway did not accept the token."), ["applied", "refused", "refused"]),
        (Declined("Not written: the gateway refused: label in use"), ["applied", "refused", "applied"]),
        (SessionChangedError(), ["applied", "conflict", "applied"]),
    ],
)
def test_after_a_request_that_did_not_get_through_nothing_more_is_asked(
    many: Path, error: Exception, outcomes: list[str]
) -> None:
    act = labelled(many)

    def second_fails(params: JsonObject) -> JsonObject:
        if params["label"] == "second":
            raise error
        return act(params)

    gateway = FakeGateway(second_fails)
    results = edit_many(many, gateway, "first", "second", "third")
    assert [result.outcome for result in results] == outcomes
    tried = outcomes[2] == "applied"
    assert len(gateway.asked) == (3 if tried else 2) and results[2].reason.startswith("Not tried: ") != tried


def test_a_refusal_is_an_outcome(database: Path) -> None:
    def refuse(_: JsonObject) -> None:
        raise Declined("Not written: the gateway refused: Unknown provider.")

    def gone(_: JsonObject) -> None:
        with opened(database) as connection:
            put(connection, {MAIN: None, "agent:main:other": entry()})

    assert edit(database, FakeGateway(refuse), OPUS).reason == "Not written: the gateway refused: Unknown provider."
    assert edit(database, FakeGateway(gone), OPUS).outcome == "unreadable"


def test_what_it_changed_is_journalled(database: Path, tmp_path: Path) -> None:
    journal, own = Journal(tmp_path / "own"), OwnWrites(tmp_path / "own")
    result = edit(database, FakeGateway(rows(database, **MODEL)), OPUS, journal=journal)
    (known,) = own.edits(database)
    assert known.file == result.version and known.changes["modelOverride"] == (ABSENT, "claude-opus-4-6")
    blocked = tmp_path / "blocked"
    blocked.write_text("")
    undone = edit(database, FakeGateway(rows(database)), ClearModel(), journal=Journal(blocked))
    assert "not journalled" in undone.reason


# The command

SCRIPT = """#!{python}
import json, os, sys
with open({log!r}, "w") as log:
    json.dump({{"argv": sys.argv[1:], "env": dict(os.environ)}}, log)
{body}
"""


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Put an `openclaw` on the PATH that notes what it was asked, then does as told; returns the notes."""

    def install(body: str) -> Path:
        folder, log = tmp_path / "bin", tmp_path / "asked.json"
        folder.mkdir(exist_ok=True)
        script = folder / "openclaw"
        script.write_text(SCRIPT.format(python=sys.executable, log=str(log), body=body))
        script.chmod(0o755)
        monkeypatch.setenv("PATH", str(folder))
        return log

    return install


STATE = StorePath(Path("store"), "main", Path("the-state"))


def test_the_command_is_asked_with_the_stores_own_state(command: Callable[[str], Path]) -> None:
    log = command("print('note: something'); print(json.dumps({'ok': True, 'key': 'k'}, indent=2))")
    answer = gateway_of(STATE, None, {**os.environ, "OPENCLAW_GATEWAY_TOKEN": "s3cret"}).call(
        "sessions.patch", {"key": "k"}
    )
    assert answer == {"ok": True, "key": "k"}
    asked = json.loads(log.read_text())
    assert asked["argv"] == [
        "gateway",
        "call",
        "sessions.patch",
        "--params",
        '{"key": "k"}',
        *("--timeout", "40000", "--json"),
    ]
    assert asked["env"]["OPENCLAW_STATE_DIR"] == "the-state" and "s3cret" not in asked["argv"]


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        ({"type": "gateway_transport_error", "message": "Gateway not reachable (ECONNREFUSED)."}, Busy, "not answer"),
        ({"message": "unauthorized: gateway token mismatch"}, Refused, "no token or password that it accepts"),
        ({"message": "gateway x requires credentials before opening a websocket"}, Refused, "OPENCLAW_GATEWAY_TOKEN"),
        ({"message": "scope upgrade pending approval (requestId: 1)"}, Refused, "openclaw devices approve"),
        ({"message": 'Unknown provider "nix".'}, Refused, 'refused: Unknown provider "nix".'),
        ({"message": "no such thing as s3cret"}, Refused, "no such thing as ***"),
    ],
)
def test_every_refusal_in_words(
    command: Callable[[str], Path], error: JsonObject, kind: type[Exception], words: str
) -> None:
    command(f"print({json.dumps({'ok': False, 'error': error})!r}); sys.exit(1)")
    gateway = gateway_of(STATE, None, {**os.environ, "OPENCLAW_GATEWAY_TOKEN": "s3cret"})
    with pytest.raises(kind) as raised:
        gateway.call("sessions.patch", {})
    assert words in str(raised.value) and "s3cret" not in str(raised.value)


def test_no_secret_is_ever_repeated(
    command: Callable[[str], Path], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    state = tmp_path / "state"
    folder = state / "agents" / "main" / "sessions"
    folder.mkdir(parents=True)
    store = write_store(folder / "sessions.json", {MAIN: {"sessionId": "s", "updatedAt": 1, "label": "one"}})
    in_config, in_environment = "t0ken-of-the-config", "t0ken-of-the-environment"
    (state / "openclaw.json").write_text(f"{{gateway: {{auth: {{token: '{in_config}'}}}}}}")
    monkeypatch.setenv("OPENCLAW_GATEWAY_TOKEN", in_environment)
    monkeypatch.setattr("tui.cli.edit.discipline", lambda _: Discipline("unlocked", "2026.6.6", "test", 4711))
    leak = f"no: {in_config} {in_environment}"
    for body in (
        f"print(json.dumps({{'ok': False, 'error': {{'message': {leak!r}}}}})); sys.exit(1)",
        f"print('Error: {leak}', file=sys.stderr); sys.exit(1)",
        f"print(json.dumps({{'ok': True, 'note': {leak!r}}}))",
    ):
        command(body)
        for options in ([], ["--json"], ["--unsafe", "--dry-run"]):
            main(["set", MAIN, "label=two", *options, "--store", str(store)])
    printed = "".join(capsys.readouterr())
    journal = "".join(path.read_text() for path in user_state_dir().iterdir())
    assert "no: *** ***" in printed and '"label"' in journal
    assert "t0ken" not in printed + journal


def test_a_session_that_changed_is_told_apart(command: Callable[[str], Path]) -> None:
    error = {"message": "Session k changed before patch. Retry.", "details": {"reason": "session-changed"}}
    command(f"print({json.dumps({'ok': False, 'error': error})!r}); sys.exit(1)")
    with pytest.raises(SessionChangedError):
        gateway_of(STATE, None).call("sessions.patch", {})


def test_a_release_that_says_it_in_words_among_others(command: Callable[[str], Path]) -> None:
    said = "Gateway call failed: GatewayClientRequestError: unexpected property 'x'\\nGateway target: ws://y\\nBind: z"
    command(f'print("{said}", file=sys.stderr); sys.exit(1)')
    with pytest.raises(Refused, match=r"^Not written: the gateway refused: unexpected property 'x'\.$"):
        gateway_of(STATE, None).call("sessions.patch", {})
    command("print('Error: boom', file=sys.stderr); sys.exit(3)")
    with pytest.raises(Refused, match="refused: boom"):
        gateway_of(STATE, None).call("sessions.patch", {})
    command("sys.exit(3)")
    with pytest.raises(Refused, match="exit code 3"):
        gateway_of(STATE, None).call("sessions.patch", {})


def test_a_gateway_that_does_not_answer_in_time(command: Callable[[str], Path]) -> None:
    command("print('Gateway call failed: Error: gateway timeout after 40000ms', file=sys.stderr); sys.exit(1)")
    with pytest.raises(UnansweredError):
        gateway_of(STATE, None).call("sessions.patch", {})


def test_a_command_that_never_ends(command: Callable[[str], Path]) -> None:
    command("sys.stdin.read(); import time; time.sleep(60)")
    found = gateway_of(STATE, None)
    with pytest.raises(UnansweredError):
        CommandGateway(found.command, found.environment, patience=0.3).call("sessions.patch", {})


def test_without_the_command_the_way_out_is_said(monkeypatch: pytest.MonkeyPatch, database: Path) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(NoSafeWrite, match="not on the PATH"):
        gateway_of(STATE, None)
    result = apply_edit(database, MAIN, [OPUS], None, permit=PERMIT)
    assert result.outcome == "refused" and "not on the PATH" in result.reason
    with pytest.raises(NoSafeWrite, match="cannot be run"):
        CommandGateway("/nothing/openclaw", {}).call("x", {})


def test_an_edit_goes_through_the_gateway_where_the_permit_says_so(
    command: Callable[[str], Path], database: Path
) -> None:
    command("print(json.dumps({'ok': False, 'error': {'message': 'not today'}})); sys.exit(1)")
    result = apply_edit(database, MAIN, [OPUS], None, permit=PERMIT)
    assert (result.outcome, result.reason) == ("refused", "Not written: the gateway refused: not today.")
