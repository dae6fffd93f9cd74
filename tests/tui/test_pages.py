"""The help page and the log: pages that scroll where they are longer than the screen."""

from __future__ import annotations

from pathlib import Path

from tests.support.dashboard import incident_app
from tests.support.live_app import frame, keys, see, shown


async def test_what_does_not_fit_is_a_page_further_down(tmp_path: Path) -> None:
    app = incident_app(tmp_path)
    async with app.run_test(size=(70, 20)) as pilot:
        await see(pilot, "0 of 10 missed")
        app.tell(f"A long sentence: {'word ' * 40}and its end.")
        await keys(pilot, "?")
        await see(pilot, "more below")
        assert " another chat" not in shown(app)
        await keys(pilot, "pagedown", "pagedown")
        await see(pilot, " another chat")
        await keys(pilot, "?", ":", "log", "enter")
        await see(pilot, "end.")
        assert "Esc back" in frame(app)[-1]
