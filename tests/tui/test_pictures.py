"""The pictures that are kept are what the program shows now."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from screenshots.make import HERE, PICTURES, outdated

AT_ONCE = ("main", "finding")
"""These tell of most changes; the others take longer."""
AGAIN = "make them again: python -m screenshots.make"


def test_a_few_of_them() -> None:
    assert outdated(AT_ONCE) == [], AGAIN


@pytest.mark.heavy
def test_all_others() -> None:
    assert outdated([name for name in PICTURES if name not in AT_ONCE]) == [], AGAIN


def test_every_picture_that_is_kept_or_named_is_made() -> None:
    readme = Path(HERE.parent, "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"\(screenshots/([\w.-]+)\)", readme))
    made = {f"{name}.svg" for name in PICTURES}
    assert {path.name for path in HERE.iterdir() if path.suffix in (".svg", ".png")} == made
    assert named <= made
