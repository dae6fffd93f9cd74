"""Every write to a store goes through `store.commit`, and that asks for permission first.

The sources are searched for every call that can change a file. The modules that do so for another purpose are listed
with the reason; none of them may touch a store's file.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = {
    str(path.relative_to(ROOT)): path for folder in ("store", "tui") for path in sorted((ROOT / folder).rglob("*.py"))
}

WRITING = {
    "store/commit.py": "the choke point",
    "store/sqlite/write.py": "the choke point of databases",
    "store/writing/temp.py": "the choke point's new version, before it is put in place",
    "store/writing/exchange.py": "the choke point's last step",
    "store/writing/lock.py": "the lock file beside the store",
    "store/writing/lines.py": "the files of records in the user's state directory",
    "store/openclaw/paths.py": "the user's state directory",
    "store/recording/file.py": "the recording's own file, never a store's: it refuses what is no recording",
    "store/recording/recorder.py": "makes that file",
    "store/gateway/scenarios/ledger.py": "the simulator's own store when it is made, and the truth beside it",
    "store/gateway/scenarios/unlocked.py": "the writer without the lock, for stores that the simulator made",
    "store/newfile.py": "what an operator asked to be saved, to a file that must not exist yet",
    "store/watching/watcher.py": "its own wake-up pipe",
    "store/sqlite/follower.py": "its own wake-up pipe",
    "tui/editing/drafts.py": "what was typed, in the user's state directory",
    "tui/cli/demo.py": "the configuration beside a made-up store",
    "tui/demo/place.py": "the temporary directory of that store, and those of demos that were killed",
    "tui/demo/gateway.py": "removes that temporary directory",
}
"""Module -> what else than a store it writes."""

OS_CALLS = frozenset(
    {"rename", "renames", "replace", "unlink", "remove", "link", "symlink", "truncate", "ftruncate", "mkfifo", "mknod"}
    | {
        "write",
        "writev",
        "pwrite",
        "pwritev",
        "sendfile",
        "copy_file_range",
        "mkdir",
        "makedirs",
        "rmdir",
        "removedirs",
    }
    | {"chmod", "chown", "fchmod", "fchown", "utime"}
)
PATH_METHODS = frozenset(
    {"write_text", "write_bytes", "unlink", "rename", "touch", "rmdir", "mkdir", "symlink_to", "hardlink_to", "chmod"}
)
WRITE_FLAGS = frozenset({"O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC", "O_APPEND", "O_TMPFILE"})
MODULES = frozenset({"shutil", "tempfile"})
COMMIT_STEPS = frozenset({"write_temp", "commit_by_exchange", "exchange"})


def changes(path: Path) -> Iterator[tuple[int, str]]:
    """Line and text of every call that could change a file."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and (what := change(node)):
            yield node.lineno, what


def change(call: ast.Call) -> str:
    function = call.func
    if isinstance(function, ast.Name):
        return "open" if function.id == "open" and may_write(call, position=1) else ""
    if not isinstance(function, ast.Attribute):
        return ""
    owner = function.value.id if isinstance(function.value, ast.Name) else ""
    if owner == "os":
        opens = function.attr == "open" and mentions(call, WRITE_FLAGS)
        return f"os.{function.attr}" if function.attr in OS_CALLS or opens else ""
    if owner == "sqlite3":
        return "sqlite3.connect" if function.attr == "connect" and "mode=ro" not in ast.unparse(call) else ""
    if owner in MODULES:
        return f"{owner}.{function.attr}" if function.attr != "which" else ""
    moves = function.attr == "replace" and len(call.args) == 1 and not call.keywords
    opens = function.attr == "open" and may_write(call, position=0)
    return f".{function.attr}" if function.attr in PATH_METHODS or moves or opens else ""


def may_write(call: ast.Call, position: int) -> bool:
    modes = [keyword.value for keyword in call.keywords if keyword.arg == "mode"] + call.args[position : position + 1]
    return any(not isinstance(mode, ast.Constant) or set(str(mode.value)) & set("wax+") for mode in modes)


def mentions(call: ast.Call, names: frozenset[str]) -> bool:
    return any(isinstance(node, ast.Attribute) and node.attr in names for node in ast.walk(call))


@pytest.mark.parametrize("name", sorted(SOURCES.keys() - WRITING.keys()))
def test_no_other_module_changes_files(name: str) -> None:
    assert list(changes(SOURCES[name])) == []


def test_every_exception_is_one() -> None:
    assert {name for name in WRITING if not list(changes(SOURCES[name]))} <= {"store/writing/exchange.py"}


@pytest.mark.parametrize(
    "name", sorted(SOURCES.keys() - {"store/commit.py", "store/writing/lock.py", "store/writing/exchange.py"})
)
def test_the_steps_of_a_commit_are_the_commits_own(name: str) -> None:
    imported = {
        alias.name
        for node in ast.walk(ast.parse(SOURCES[name].read_text()))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("store.")
        for alias in node.names
    }
    assert not imported & COMMIT_STEPS


@pytest.mark.parametrize(
    ("module", "name", "check"),
    [
        ("store/commit.py", "update_store", "permit.check()"),
        ("store/sqlite/write.py", "update_database", "permit.check('database')"),
    ],
)
def test_permission_comes_first(module: str, name: str, check: str) -> None:
    tree = ast.parse(SOURCES[module].read_text())
    (update,) = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name]
    first = update.body[1]
    assert isinstance(update.body[0], ast.Expr) and isinstance(update.body[0].value, ast.Constant)
    assert ast.unparse(first) == check
    public = [node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name[0] != "_"]
    assert public == [name]


@pytest.mark.parametrize(
    "code",
    [
        "open(path, 'w')",
        "open(path, mode)",
        "path.open('r+b')",
        "os.open(path, os.O_RDONLY | os.O_CREAT)",
        "os.replace(a, b)",
        "path.replace(target)",
        "path.write_text(text)",
        "shutil.copyfile(a, b)",
        "sqlite3.connect(path)",
    ],
)
def test_the_search_finds(code: str) -> None:
    call = ast.parse(code).body[0]
    assert isinstance(call, ast.Expr) and isinstance(call.value, ast.Call)
    assert change(call.value)


@pytest.mark.parametrize("code", ["open(path, 'rb')", "open(path)", "os.open(path, os.O_RDONLY)", "text.replace(a, b)"])
def test_the_search_leaves_out(code: str) -> None:
    call = ast.parse(code).body[0]
    assert isinstance(call, ast.Expr) and isinstance(call.value, ast.Call)
    assert not change(call.value)
