from __future__ import annotations

import re

import pytest

from store.entry.schema import FIELDS, GROUPS, field, is_noise, release_number

TYPES = {"string", "number", "boolean", "time", "thread", "object", "array"}
RELEASE = re.compile(r"2026\.\d+\.\d+(-[a-z]+\.\d+)?")


def test_every_row_of_the_catalogue_is_whole() -> None:
    for name, known in FIELDS.items():
        assert known.name == name
        assert known.group in GROUPS
        assert known.type in TYPES, name
        assert known.meaning, name
        assert not known.meaning.endswith("."), name
        assert all(RELEASE.fullmatch(release) for release in (known.since, known.until) if release), name


def test_both_eras_are_known() -> None:
    assert len(FIELDS) >= 185
    assert {"lastChannel", "delivery", "fallbackNoticeReason", "fallbackNotice"} <= set(FIELDS)
    assert field("delivery").since == "2026.7.2-beta.7"
    assert field("lastTo").until == "2026.7.2-beta.1"


@pytest.mark.parametrize("name", ["providerOverride", "modelOverride", "modelOverrideSource", "authProfileOverride"])
def test_the_model_is_one_unit(name: str) -> None:
    assert (field(name).unit, field(name).group) == ("model", "override")


def test_the_delivery_unit_is_everything_that_names_a_route() -> None:
    assert {known.name for known in FIELDS.values() if known.unit == "delivery"} == {
        *("deliveryContext", "lastChannel", "lastTo", "lastAccountId", "lastThreadId", "channel", "origin", "route"),
        "delivery",
    }


def test_what_moves_with_every_run_is_noise_and_what_is_edited_never_is() -> None:
    noisy = (
        "updatedAt",
        "outputTokens",
        "skillsSnapshot",
        "systemPromptReport",
        "lastHeartbeatText",
        "status",
        "runtimeMs",
    )
    assert all(map(is_noise, noisy))
    assert not any(map(is_noise, ("sessionId", "model", "sendPolicy", "somethingNew")))
    assert [known.name for known in FIELDS.values() if known.noise and known.unit] == []


def test_an_unknown_field_is_put_with_the_others() -> None:
    unknown = field("plugin:whatever")
    assert (unknown.name, unknown.group, unknown.unit, unknown.noise) == ("plugin:whatever", "other", "", False)


def test_releases_compare_by_number() -> None:
    assert release_number("2026.4.10") > release_number("2026.4.5")
    assert release_number("2026.7.2-beta.1") == (2026, 7, 2)
    assert release_number("") == ()
