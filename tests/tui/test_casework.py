"""The end of an edit of this user's is said at once, also when its watching is long over, and never twice."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from store.edit import EditResult, FieldEdit
from store.entry.overrides import SetModel
from store.findings.acknowledged import Acknowledged
from tests.support.past import BASE, KEY, LOCK, MODEL, NO_MODEL, RUN, STORE, YOU, Life
from tui.casework import Casework
from tui.core import Core
from tui.editing.standing import Standing
from tui.state import Dashboard


class App:
    """As much of the app as casework asks for."""

    def __init__(self, directory: Path) -> None:
        self.dashboard = Dashboard.of([], lambda _store, _key: None, lambda: 0.0)
        self.standing, self.said = Standing(), list[str]()
        self.desk: Any = SimpleNamespace(acknowledged=Acknowledged(directory), standing=self.standing)
        self.made_desk, self.tell = self.desk, self.said.append


@pytest.fixture
def app(tmp_path: Path) -> App:
    return App(tmp_path)


def test_an_edit_that_went_long_after_it_was_made_is_said_with_its_entry(app: App) -> None:
    life = Life()
    life.wrote(MODEL, writer=YOU)
    Casework(cast(Core, app)).found(life.wrote(NO_MODEL, after=1200, writer=LOCK))
    (said,) = app.said
    assert said.startswith("Your edit of main:tg:1 no longer stands: your gpt-5.2 is gone after 20 min. f there")


def test_of_many_edits_that_went_at_once_the_number_is_said(app: App) -> None:
    life = Life()
    life.wrote(MODEL, writer=YOU)
    Casework(cast(Core, app)).found([*life.wrote(NO_MODEL, after=1200, writer=LOCK)] * 4)
    (said,) = app.said
    assert said.startswith("4 edits of yours no longer stand, by pid ")


def test_what_is_said_otherwise_is_not_said_again(app: App) -> None:
    life = Life()
    life.wrote(MODEL, writer=YOU)
    changes = tuple(FieldEdit(name, BASE.get(name), value) for name, value in MODEL.items())
    result = EditResult("applied", KEY, STORE, changes, theirs=BASE, version=life.version().file)
    app.standing.watch(result, [SetModel("openai", "gpt-5.2")], life.now)
    casework = Casework(cast(Core, app))
    casework.found(life.wrote(NO_MODEL))
    life.wrote(MODEL, writer=YOU)
    app.standing.expired(life.now + 1000)
    casework.found(life.wrote(RUN, copy=0, writer=LOCK))
    app.dashboard.replayed = True
    life.wrote(MODEL, writer=YOU)
    casework.found(life.wrote(NO_MODEL))
    assert app.said == []
