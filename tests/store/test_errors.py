"""Every error of the tree says what to do next: in its own words, or in those of its class."""

from __future__ import annotations

import re

import pytest

from store import errors
from store.errors import StoreError

DRAWN = re.findall(r"^[│├└─ ]*(\w+)  ", errors.__doc__ or "", re.MULTILINE)


def test_the_drawing_has_every_error() -> None:
    assert sorted(DRAWN) == sorted(name for name, thing in vars(errors).items() if isinstance(thing, type))


@pytest.mark.parametrize("name", DRAWN)
def test_an_error_that_does_not_say_what_to_do_next_has_a_class_that_does(name: str) -> None:
    error: StoreError = getattr(errors, name)("/a/sessions.json: the file is odd")
    head, _, following = error.advice.partition(". ")
    assert head == "/a/sessions.json: the file is odd" and following.endswith(".")
    assert name == "StoreError" or following != StoreError.next_step


def test_one_that_does_is_left_alone() -> None:
    error = errors.Missing("No session store at /a. Name one: clobberwatch PATH")
    assert error.advice == error.reason
