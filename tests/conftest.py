"""Every test runs in a home of its own: nothing of the person who runs them is read or written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_OURS = ("OPENCLAW_", "CLAWDBOT_", "CLOBBERWATCH_", "XDG_")
_KEPT = {
    name: os.environ[name] for name in ("CLOBBERWATCH_OPENCLAW", "CLOBBERWATCH_REQUIRE_OPENCLAW") if name in os.environ
}

for name in [name for name in os.environ if name.startswith("TEXTUAL") or name == "NO_COLOR"]:
    del os.environ[name]  # Textual reads these when it is imported
os.environ["TEXTUAL_ANIMATIONS"] = "none"

from tests.support.settling import pilots_wait_for_rest  # noqa: E402

pilots_wait_for_rest()


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home directory, and none of the variables that point elsewhere."""
    home = tmp_path_factory.mktemp("home")
    for name in [name for name in os.environ if name.startswith(_OURS) and name not in _KEPT]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("TMUX", raising=False)
    return home
