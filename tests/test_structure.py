"""The shape of the code: which way imports point, and how long things may get."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path
from statistics import quantiles

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted([*ROOT.glob("store/**/*.py"), *ROOT.glob("tui/**/*.py")])
UI = {"tui", "textual", "rich"}


def imported_by(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").split(".")[0]


@pytest.mark.parametrize("path", sorted(ROOT.glob("store/**/*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_the_store_never_reaches_the_screen(path: Path) -> None:
    assert not UI & set(imported_by(path))


def known_to(path: Path) -> set[str]:
    """The modules of ours that a file names in an import: at its top, inside a function or for its types."""
    named: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            named.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            named.update([node.module, *(f"{node.module}.{alias.name}" for alias in node.names)])
    return named


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def test_no_two_files_need_each_other() -> None:
    known = {module_of(path): known_to(path) for path in SOURCES}
    order = TopologicalSorter({name: named & known.keys() - {name} for name, named in known.items()})
    order.prepare()  # raises CycleError, which names the files


def modules_after(statement: str) -> set[str]:
    code = f"import sys; {statement}; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    return {name.split(".")[0] for name in done.stdout.split()}


def test_importing_the_store_loads_no_screen() -> None:
    modules = ", ".join(f"store.{path.stem}" for path in ROOT.glob("store/*.py") if path.stem != "__init__")
    assert not UI & modules_after(f"import {modules}")


def test_the_headless_verbs_load_neither_textual_nor_watchfiles(tmp_path: Path) -> None:
    store = tmp_path / "sessions.json"
    store.write_text("{}")
    code = (
        "import sys\nfrom tui.__main__ import main\n"
        f"try:\n    main(['list', '--store', {str(store)!r}])\nexcept SystemExit:\n    pass\n"
        "print(*sorted(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert not {"textual", "watchfiles", "asyncio"} & set(done.stderr.split())


def functions() -> Iterator[tuple[str, int]]:
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                yield f"{path.relative_to(ROOT)}:{node.name}", (node.end_lineno or 0) - node.lineno + 1


def test_functions_are_short() -> None:
    lengths = dict(functions())
    assert quantiles(lengths.values(), n=10)[-1] <= 30
    assert [name for name, length in lengths.items() if length > 60] == []


def test_files_are_short() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in SOURCES}
    assert [name for name, length in lengths.items() if length > 400] == []
    assert lengths["tui/app.py"] <= 250


def test_only_the_command_line_and_the_apps_made_of_it_know_the_app() -> None:
    users = {path.relative_to(ROOT) for path in ROOT.glob("tui/**/*.py") if "tui.app" in path.read_text()}
    assert [str(path) for path in users if path.name != "app.py"] == ["tui/cli/dashboard.py"]
