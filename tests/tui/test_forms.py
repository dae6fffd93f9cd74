"""The forms as drawn, and what they ask for."""

from __future__ import annotations

import time

import pytest

from store.entry.delivery import ClearDelivery, Route, SetDelivery, key_route
from store.entry.keys import parse_key
from store.entry.levels import SetField
from store.entry.overrides import ClearModel, SetModel
from store.errors import UsageError
from store.js import ABSENT, JsonObject
from store.summary import summarise
from tests.support.incident import NOW, OPUS, local
from tui.editing.form_delivery import DeliveryForm
from tui.editing.form_level import LevelForm
from tui.editing.form_model import ModelForm
from tui.editing.form_of import texts_of
from tui.editing.form_parts import Form, Typed, View, fitted
from tui.editing.known_models import KnownModel, known_models, matching
from tui.look.line import plain, width

KNOWN = [
    KnownModel("anthropic/claude-opus-4-6", 61, NOW * 1000),
    KnownModel("openai/gpt-5.2", 44, NOW * 1000),
    KnownModel("anthropic/claude-opus-4-5", 2, (NOW - 6 * 86400) * 1000),
]
PINNED: JsonObject = {
    "sessionId": "5b0c71e2",
    "providerOverride": "openai",
    "modelOverride": "gpt-5.2",
    "modelOverrideSource": "user",
    "authProfileOverride": "openai:default",
    "modelProvider": "openai",
    "model": "gpt-5.2",
    "endedAt": (NOW - 50) * 1000,
    "thinkingLevel": "medium",
}


def drawn(form: Form, disk: JsonObject, now: float = NOW) -> list[str]:
    return [plain(line.line).rstrip() for line in form.lines(View(disk, 80, now))]


def test_the_model_form_is_drawn_as_specified() -> None:
    form = ModelForm(KNOWN)
    form.type("set to", "anthropic/claude-op")
    running: JsonObject = {**PINNED, "status": "running", "startedAt": local("14:03:02") * 1000}
    assert drawn(form, running)[:9] == [
        "   on disk    openai/gpt-5.2 · user         last run  openai/gpt-5.2, 50s ago",
        "",
        "   set to                                            provider/model",
        "              anthropic/claude-opus-4-6       61 entries, last used now",
        "              anthropic/claude-opus-4-5        2 entries, last used 6d ago",
        "   source   › user       strict: no fallback, survives /new, until it is cleared",
        "              auto       a fallback: the gateway may probe and clear it",
        "              clear      no override: the agent's default decides",
        "",
    ]
    assert drawn(form, running)[9].startswith("   with it    authProfileOverride openai:default and 2 more are cleared")
    assert drawn(form, running)[10] == ("   running    a run is active since 14:03:02: it may undo this when it ends")


def test_a_long_model_leaves_room_for_when_it_was_last_used() -> None:
    opus: JsonObject = {**PINNED, "providerOverride": "anthropic", "modelOverride": "claude-opus-4-6"}
    same: JsonObject = {**opus, "modelProvider": "anthropic", "model": "claude-opus-4-6"}
    assert drawn(ModelForm(KNOWN), same)[0].endswith("anthropic/claude-opus-4-6 · user  last run  the same, 50s ago")
    other: JsonObject = {**opus, "modelProvider": "openrouter", "model": "gpt-5.2-chat"}
    assert drawn(ModelForm(KNOWN), other)[0].endswith("last run  gpt-5.2-chat, 50s ago")


def test_the_auth_profile_alone_goes_with_another_provider() -> None:
    form = ModelForm(KNOWN)
    form.type("set to", "anthropic/claude-opus-4-6")
    disk = {name: value for name, value in PINNED.items() if name not in ("model", "modelProvider")}
    assert drawn(form, disk)[9] == "   with it    authProfileOverride openai:default is cleared: not for anthropic"


def test_down_enters_the_list_and_enter_takes_the_suggestion() -> None:
    form = ModelForm(KNOWN)
    form.type("set to", "claude")
    assert not form.take()
    form.move(1)
    form.move(1)
    assert form.take()
    assert form.text("set to") == "anthropic/claude-opus-4-5"
    assert form.intents() == (SetModel("anthropic", "claude-opus-4-5", "user"),)


def test_escape_leaves_the_list_first() -> None:
    form = ModelForm(KNOWN)
    form.move(1)
    assert form.leave_list()
    assert not form.leave_list()


def test_a_word_stands_for_the_first_model_that_has_it() -> None:
    form = ModelForm(KNOWN)
    form.type("set to", "opus")
    assert form.intents() == (SetModel(*OPUS, "user"),)


def test_a_model_with_a_slash_is_taken_as_it_is_typed() -> None:
    form = ModelForm(KNOWN)
    form.type("set to", " openrouter/anthropic/claude ")
    assert form.intents() == (SetModel("openrouter", "anthropic/claude", "user"),)


@pytest.mark.parametrize("text", ["", "nothing-like-it", "a/"])
def test_half_a_model_is_refused_with_a_sentence(text: str) -> None:
    form = ModelForm(KNOWN)
    form.type("set to", text)
    with pytest.raises(UsageError):
        form.intents()


def test_clear_needs_no_model_and_typing_takes_it_back() -> None:
    form = ModelForm(KNOWN)
    form.stop = "source"
    form.move(-1)
    assert form.intents() == (ClearModel(),)
    form.type("set to", "opus")
    assert form.intents() == (SetModel(*OPUS, "user"),)


def test_a_draft_restores_text_and_source() -> None:
    form = ModelForm(KNOWN)
    form.restore({"set to": "zai/glm-4.7", "source": "auto"})
    assert form.intents() == (SetModel("zai", "glm-4.7", "auto"),)
    assert form.texts() == {"set to": "zai/glm-4.7", "source": "auto"}


def test_models_are_counted_once_an_entry_and_listed_by_use() -> None:
    rows = [
        summarise("a", b'{"providerOverride":"x","modelOverride":"m","modelProvider":"x","model":"m","updatedAt":5}'),
        summarise("b", b'{"modelProvider":"x","model":"m","updatedAt":9}'),
        summarise("c", b'{"modelProvider":"y","model":"n","updatedAt":1}'),
        summarise("d", b'{"model":"half"}'),
    ]
    assert known_models(rows) == [KnownModel("x/m", 2, 9), KnownModel("y/n", 1, 1)]
    assert matching(known_models(rows), "N") == [KnownModel("y/n", 1, 1)]


ASTRAY: JsonObject = {
    "deliveryContext": {"channel": "whatsapp", "to": "+4915112345678", "accountId": "default"},
    "lastChannel": "whatsapp",
    "lastTo": "+4915112345678",
    "lastAccountId": "default",
}
WHATSAPP = key_route(parse_key("agent:main:whatsapp:direct:+12065550142"))


def test_the_delivery_form_is_drawn_as_specified_and_proposes_the_chat_of_the_key() -> None:
    form = DeliveryForm(ASTRAY, WHATSAPP)
    assert drawn(form, ASTRAY) == [
        "              ON DISK                         SET TO",
        "   channel    whatsapp",
        "   to         +4915112345678",
        "   account    default",
        "   thread     -",
        "   do                                       › set  clear: next message sets it",
        "   next reply whatsapp +4915112345678         whatsapp +12065550142",
        "   key says   ≠ another chat                  = this key's own chat",
        "   note       proposed: the chat that the key itself names",
        "   writes     deliveryContext, lastChannel, lastTo, lastAccountId, lastThreadId,",
        "              channel, origin.provider/to/accountId/threadId: all or none",
        "",
    ]
    assert [form.text(stop) for stop in form.stops] == ["whatsapp", "+12065550142", "default", "", None]
    assert form.intents() == (SetDelivery(Route("whatsapp", "+12065550142", "default")),)


def test_a_route_that_agrees_with_the_key_is_left_as_it_is() -> None:
    disk: JsonObject = {"lastChannel": "slack", "lastTo": "channel:C07F1E9D2B"}
    form = DeliveryForm(disk, key_route(parse_key("agent:main:slack:channel:c07f1e9d2b")))
    assert form.text("to") == "channel:C07F1E9D2B"
    assert form.note == ""


def test_the_chat_of_the_key_is_addressed_as_the_entry_itself_does() -> None:
    """Keys are lower case; an id of Slack is not."""
    disk: JsonObject = {
        "lastChannel": "telegram",
        "lastTo": "77",
        "origin": {"provider": "slack", "to": "channel:C07F1E9D2B"},
    }
    form = DeliveryForm(disk, key_route(parse_key("agent:main:slack:channel:c07f1e9d2b")))
    assert (form.text("channel"), form.text("to")) == ("slack", "channel:C07F1E9D2B")


def test_a_route_to_nobody_is_proposed_to_be_cleared_where_the_key_names_no_chat() -> None:
    disk: JsonObject = {"lastChannel": "telegram", "lastTo": "heartbeat"}
    form = DeliveryForm(disk, None)
    assert form.intents() == (ClearDelivery(),)
    assert "proposed: clear" in "\n".join(drawn(form, disk))


def test_another_channel_empties_account_and_thread_and_says_so() -> None:
    disk: JsonObject = {"lastChannel": "telegram", "lastTo": "-1", "lastAccountId": "bot", "lastThreadId": 7}
    form = DeliveryForm(disk, None)
    form.type("channel", "slack")
    assert (form.text("account"), form.text("thread")) == ("", "")
    assert "another channel" in "\n".join(drawn(form, disk))


def test_a_channel_that_openclaw_does_not_have_is_remarked() -> None:
    disk: JsonObject = {"lastChannel": "telegram", "lastTo": "1"}
    form = DeliveryForm(disk, None)
    form.type("channel", "telegramm")
    assert "no channel telegramm" in "\n".join(drawn(form, disk))
    form.type("channel", "slack")
    assert "no channel" not in "\n".join(drawn(form, disk))


def test_a_thread_keeps_the_type_it_has_on_disk() -> None:
    disk: JsonObject = {"lastChannel": "slack", "lastTo": "c1", "lastThreadId": 1771204418}
    (intent,) = DeliveryForm(disk, None).intents()
    assert intent.edits(disk).get("lastThreadId", 1771204418) == 1771204418


def test_a_route_without_a_target_is_refused() -> None:
    form = DeliveryForm({"lastChannel": "slack", "lastTo": "c1"}, None)
    form.type("to", "")
    with pytest.raises(UsageError, match=r"a route on slack needs an address; choose clear to have none\."):
        form.intents()


def test_space_chooses_between_set_and_clear() -> None:
    form = DeliveryForm(ASTRAY, WHATSAPP)
    form.stop = "do"
    form.move(1)
    assert form.intents() == (ClearDelivery(),)
    assert "nowhere, until a message comes" in "\n".join(drawn(form, ASTRAY))


def test_up_and_down_go_through_what_the_key_and_the_disk_say() -> None:
    form = DeliveryForm(ASTRAY, WHATSAPP)
    form.stop = "to"
    form.move(1)
    assert form.text("to") == "+4915112345678"
    form.move(1)
    assert form.text("to") == "+12065550142"


def test_a_level_is_chosen_by_part_of_its_name_and_of_its_value() -> None:
    form = LevelForm()
    form.type("field", "think")
    form.stop = "set to"
    form.type("set to", "hi")
    assert form.intents() == (SetField("thinkingLevel", "high"),)


def test_an_ambiguous_field_has_to_be_chosen() -> None:
    form = LevelForm()
    form.type("field", "exec")
    with pytest.raises(UsageError, match="Which field"):
        form.intents()
    form.move(1)
    assert form.take()
    assert form.stop == "set to"


def test_a_level_is_cleared() -> None:
    form = LevelForm("sendPolicy")
    form.stop = "do"
    form.move(1)
    assert form.intents() == (SetField("sendPolicy", ABSENT),)


def test_a_value_the_field_does_not_take_is_refused() -> None:
    form = LevelForm("sendPolicy")
    form.type("set to", "perhaps")
    with pytest.raises(UsageError):
        form.intents()


@pytest.mark.parametrize(
    "intent",
    [
        SetModel("zai", "glm-4.7", "auto"),
        ClearModel(),
        SetDelivery(Route("telegram", "-100", "bot", 42)),
        ClearDelivery(),
        SetField("thinkingLevel", "high"),
        SetField("queueCap", 5),
        SetField("label", ABSENT),
    ],
)
def test_what_an_intent_reads_as_in_a_form_asks_for_the_same_again(intent: object) -> None:
    assert isinstance(intent, SetModel | ClearModel | SetDelivery | ClearDelivery | SetField)
    form: Form = (
        ModelForm([])
        if intent.unit == "model"
        else DeliveryForm({}, None)
        if intent.unit == "delivery"
        else LevelForm()
    )
    form.restore(texts_of(intent))
    assert form.intents() == (intent,)


def test_nothing_in_a_value_reaches_the_terminal_and_unchanged_text_is_still_the_value() -> None:
    nasty = "\x1b]0;title\x07\u202e[/foo]"
    typed = Typed(nasty)
    assert typed.value == nasty
    assert typed.shown.isprintable()
    typed.type(typed.shown + "x")
    assert typed.value != nasty
    disk: JsonObject = {"lastChannel": nasty, "lastTo": nasty, "label": nasty, "thinkingLevel": nasty}
    for form in (ModelForm([KnownModel(f"a/{nasty}", 1, 0)]), DeliveryForm(disk, None), LevelForm("label")):
        assert all(text.isprintable() for text in drawn(form, disk))


@pytest.mark.parametrize("rows", [12, 9, 7, 4])
def test_lines_without_text_go_first_when_there_is_no_room(rows: int) -> None:
    lines = fitted(DeliveryForm(ASTRAY, WHATSAPP).lines(View(ASTRAY, 60, NOW)), rows)
    assert len(lines) <= rows
    assert sum(1 for line in lines if line.place) == min(4, rows)


@pytest.mark.parametrize("cells", [60, 80])
def test_the_smallest_screen_has_every_option_of_a_form_and_no_line_runs_off(cells: int) -> None:
    running: JsonObject = {**PINNED, "status": "running", "startedAt": local("14:03:02") * 1000}
    model = ModelForm(KNOWN)
    model.type("set to", "anthropic/claude-op")
    at_value = LevelForm("thinkingLevel")
    at_value.move(1)
    wanted: list[tuple[Form, JsonObject, list[str]]] = [
        (model, running, ["› user", "  auto", "  clear", "claude-opus-4-6"]),
        (DeliveryForm(ASTRAY, WHATSAPP), ASTRAY, ["› set  clear", "next reply", "= this key's own chat"]),
        (LevelForm("queueMode"), PINNED, ["› set    clear", "steer", "steer-backlog"]),
        (at_value, PINNED, ["› set    clear", "› off", "minimal", "max"]),
    ]
    for form, disk, texts in wanted:
        lines = fitted(form.lines(View(disk, cells, NOW)), 7)
        text = "\n".join(plain(line.line) for line in lines)
        assert all(part in text for part in texts), text
        assert all(width(line.line) <= cells for line in lines if line.place is None), text


def test_the_field_goes_on_to_its_value_and_the_hints_are_words() -> None:
    form = LevelForm()
    assert "18 match, ↓ chooses" in drawn(form, PINNED)[2]
    form.type("field", "thinkingLevel")
    assert form.take()
    assert form.stop == "set to"
    assert any("one of these, ↓ chooses" in text for text in drawn(form, PINNED))
    assert "string" not in "\n".join(drawn(form, PINNED))
    assert any(text.split()[:4] == ["off", "minimal", "low", "medium"] for text in drawn(form, PINNED))


@pytest.mark.parametrize("cells", [60, 80, 160])
def test_forms_fit_any_width(cells: int) -> None:
    view = View(ASTRAY, cells, time.time())
    for form in (ModelForm(KNOWN), DeliveryForm(ASTRAY, WHATSAPP), LevelForm("thinkingLevel")):
        for line in form.lines(view):
            assert line.place is None or line.place.at < cells
            assert cells < 80 or width(line.line) <= cells
