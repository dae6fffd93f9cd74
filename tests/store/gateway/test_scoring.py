"""The scoring of findings against the truth counts what was lost, what was told, and what was told in vain."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.scoring.score import score
from tests.support.simulated import Seen, Watched


@pytest.fixture(scope="module")
def writes(tmp_path_factory: pytest.TempPathFactory) -> list[Seen]:
    store = tmp_path_factory.mktemp("scored") / "sessions.json"
    return list(Watched(store, "heartbeat-store-save", seed=1, race=0.5).play(40))


def test_losses_that_are_told_count_as_found(writes: list[Seen]) -> None:
    counted = score(writes)
    assert counted.writes == len(writes)
    assert counted.lost(twin=False) > 5
    assert (counted.recall, counted.precision, counted.false_alarms) == (1.0, 1.0, 0)


def test_a_loss_that_nobody_tells_lowers_the_recall(writes: list[Seen]) -> None:
    counted = score([replace(seen, found=()) for seen in writes])
    assert counted.recall == 0.0
    assert len(counted.wrong) == counted.lost(twin=False) + counted.lost(twin=True)


def test_an_alarm_about_an_honest_write_is_false(writes: list[Seen]) -> None:
    alarms = [finding for seen in writes for finding in seen.found if finding.alarming and finding.key]
    honest = next(seen for seen in writes if not seen.truth.racy and seen.changes)
    counted = score([replace(seen, found=(*seen.found, alarms[0])) if seen is honest else seen for seen in writes])
    assert counted.false_alarms == 1
    assert counted.precision < 1
    assert any(f"write {honest.truth.write} " in line for line in counted.wrong)
