"""Where the settings are; apart from their reading, for most have none."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path


def config_path(env: Mapping[str, str] = os.environ) -> Path:
    """`$XDG_CONFIG_HOME/clobberwatch/config.toml`, by default under `~/.config`."""
    base = env.get("XDG_CONFIG_HOME", "").strip()
    home = Path(env.get("HOME", "").strip() or os.path.expanduser("~"))
    return (Path(base) if os.path.isabs(base) else home / ".config") / "clobberwatch" / "config.toml"
