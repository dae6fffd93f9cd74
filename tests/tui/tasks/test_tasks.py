"""Every task is done by its keys on a store on disk, and the README says how many they are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.gateway_process import GatewayProcess
from tests.support.live_app import keys, until
from tests.tui.tasks.declared import TASKS, Task, Text, table
from tests.tui.tasks.shift import shift


@pytest.fixture(scope="module")
def gateway() -> Iterator[GatewayProcess]:
    with GatewayProcess() as started:
        yield started


README = Path(__file__).parents[3] / "README.md"


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.wish)
async def test_a_task_is_done_by_its_keys(
    task: Task, tmp_path: Path, gateway: GatewayProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with shift(tmp_path, gateway, monkeypatch) as begun:
        await task.before(begun)
        assert not (task.keys and task.done(begun))
        await keys(begun.pilot, *(key.text if isinstance(key, Text) else key for key in task.keys))
        await task.after(begun)
        await until(begun.pilot, lambda: task.done(begun))


def test_the_readme_counts_the_same_keys() -> None:
    assert f"### What it takes\n\n{table()}\n\n### " in README.read_text(encoding="utf-8")
