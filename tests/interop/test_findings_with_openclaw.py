"""Real stale writers of OpenClaw against a real patch in between: each loss is found, and nothing else is."""

from __future__ import annotations

import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from store.events import Changed
from store.findings.finding import Finding
from store.js import ABSENT, JsonObject, Value, encode, same
from store.writing.lock import hold
from tests.interop.following import Seen, Writer, described, following
from tests.support.stores import write_store

pytestmark = pytest.mark.heavy

KEY, OTHER = "agent:main:telegram:direct:1", "agent:main:main"
RUNS = 100
LEAST_LOSSES = 20
DRIVER = Path(__file__).with_name("stale_driver.mjs")
CHOICES: tuple[JsonObject, ...] = (
    {"providerOverride": "openai", "modelOverride": "gpt-5.2"},
    {"thinkingLevel": "high"},
    {"providerOverride": "google", "modelOverride": "gemma-3"},
    {"label": "rooms"},
    {"thinkingLevel": "none"},
    {"providerOverride": "openai", "modelOverride": "gpt-4.5"},
    {"verboseLevel": "full"},
    {"label": "chats"},
    {"verboseLevel": "none"},
)
"""What the patches set. Values of a field are equally long, so that a patch can leave the file as long as it was."""
PATCHED = tuple({name for choice in CHOICES for name in choice})


def first_entry(number: int) -> JsonObject:
    """What the handler of 2026.1.29 knows of an entry, so that it loses no more than what was set in between."""
    return {
        "sessionId": f"{number}1111111-aaaa-4aaa-8aaa-111111111111",
        "updatedAt": int(time.time() * 1000) - 60_000,
        "thinkingLevel": "auto",
        "lastChannel": "telegram",
        "lastTo": str(number),
        "deliveryContext": {"channel": "telegram", "to": str(number)},
        "label": "first",
    }


@dataclass
class Run:
    """One write of a writer that thought, and what was found in it."""

    event: Changed
    found: tuple[Finding, ...]
    held: dict[str, JsonObject]

    def entry(self, *, after: bool) -> JsonObject | None:
        """KEY's entry before or after the write; None when the write left it alone."""
        change = next((change for change in self.event.changes if change.key == KEY), None)
        text = change and (change.after if after else change.before)
        return json.loads(text) if text else None

    @property
    def lost(self) -> dict[str, Value]:
        """The patched fields that went back to what the writer held, and what they were."""
        before, after, held = self.entry(after=False), self.entry(after=True), self.held[KEY]
        if before is None or after is None:
            return {}
        return {
            name: before.get(name, ABSENT)
            for name in PATCHED
            if same(after.get(name, ABSENT), held.get(name, ABSENT))
            and not same(before.get(name, ABSENT), after.get(name, ABSENT))
        }

    def grades(self, seen: Seen) -> tuple[str, ...]:
        """What the truth table asks.

        Proof where `updatedAt` fell; a suspicion where a person's undo is the same, byte for byte. Across a gap doubt,
        or proof from what was seen of it.
        """
        before, after = self.entry(after=False) or {}, self.entry(after=True) or {}
        changed = {name for name in {**before, **after} if not same(before.get(name, ABSENT), after.get(name, ABSENT))}
        fell = updated_at(after) < updated_at(before)
        if not fell and changed <= {*self.lost, "updatedAt"}:
            return ("possible",)
        held = self.held_since(seen)
        if not held or seen.gap_between(held[0], self.event.version.number):
            return ("unknown", "confirmed" if fell else "possible")
        return ("confirmed",) if fell else ("confirmed", "probable")

    def held_since(self, seen: Seen) -> list[int]:
        """The versions at which the entry was as the writer held it, the last time; `updatedAt` does not count."""
        numbers: list[int] = []
        was_held = False
        for number, entry in seen.texts(KEY, self.event):
            is_held = without_time(entry) == without_time(self.held[KEY])
            if is_held:
                numbers = [*numbers, number] if was_held else [number]
            was_held = is_held
        return numbers

    def wrong(self, seen: Seen) -> str:
        """What is wrong with the finding of a loss."""
        found = [f for f in self.found if f.key == KEY and f.kind in ("lost-update", "resurrected-field")]
        if len(found) != 1:
            return f"v{self.event.version.number}: {len(found)} findings"
        (finding,) = found
        told = {field.field: field.lost for field in finding.fields}
        if finding.grade not in self.grades(seen):
            return f"v{finding.version}: {finding.grade}, not {self.grades(seen)}: {finding.because()}"
        if any(name not in told or not same(told[name], value) for name, value in self.lost.items()):
            return f"v{finding.version}: told {told}, lost {self.lost}"
        held = self.held_since(seen)
        if held and not set(held) & set(bases(finding)):
            return f"v{finding.version}: base {bases(finding)}, not v{held}"
        return ""


def bases(finding: Finding) -> list[int]:
    """The versions that a finding names as the writer's copy, the likelier one first."""
    named = (finding.base, finding.base and finding.base.rival)
    return [base.version.number for base in named if base is not None]


def without_time(entry: JsonObject) -> JsonObject:
    """All of an entry but `updatedAt`."""
    return {name: value for name, value in entry.items() if name != "updatedAt"}


def updated_at(entry: JsonObject | None) -> float:
    """When the entry says it was written."""
    value = (entry or {}).get("updatedAt")
    assert isinstance(value, int)
    return value


@pytest.fixture
def store(tmp_path: Path) -> Path:
    folder = tmp_path / "sessions"
    folder.mkdir()
    return write_store(folder / "sessions.json", {KEY: first_entry(1), OTHER: first_entry(2)})


@pytest.mark.parametrize(
    ("version", "writes", "key"),
    [
        ("2026.1.29", "handler", KEY),
        ("2026.3.2", "mergedHandler", KEY),
        ("2026.1.29", "afterRun", KEY),
        ("2026.1.29", "heartbeat", OTHER),
        ("2026.3.2", "heartbeat", OTHER),
    ],
)
def test_each_loss_to_a_stale_writer_is_found_and_nothing_else(
    version: str, writes: str, key: str, store: Path, tmp_path: Path
) -> None:
    with Writer(version, tmp_path / "patcher", store, DRIVER) as patcher:

        def patch(fields: JsonObject) -> None:
            source = {"modelOverrideSource": "user"} if writes == "mergedHandler" and "modelOverride" in fields else {}
            patcher.ask(do="patch", key=KEY, fields=fields | source)
            patcher.answer()

        rng = random.Random(f"{version} {writes}")
        seen, runs = raced(version, tmp_path, store, lambda: {"do": writes, "key": key}, patch, rng)
    judge(seen, runs, f"{version} {writes}")


@pytest.mark.parametrize(("version", "size"), [("2026.1.29", "any"), ("2026.3.2", "equal")])
@pytest.mark.parametrize("key", [KEY, OTHER], ids=["of the patched chat", "of another chat"])
@pytest.mark.parametrize("chats", [9000, 6, 2], ids=["new chats", "six chats", "two chats"])
def test_each_loss_to_a_cached_last_route_is_found_and_nothing_else(
    version: str, size: str, key: str, chats: int, store: Path, tmp_path: Path
) -> None:
    """The cache inside the lock (#10331): a patch that leaves the file's time (3.2: and size) alone is not seen."""
    rng = random.Random(f"{version} {key}")

    begun = [0]

    def patch(fields: JsonObject) -> None:
        patched_in_place_of(store, fields, begun[-1], keeps_time=rng.random() < 0.8)

    def route() -> dict[str, object]:
        begun.append(int(time.time() * 1000))
        return {"do": "lastRoute", "key": key, "to": f"telegram:{rng.randrange(1000, 1000 + chats)}"}

    label = f"{version} lastRoute, {'the patched chat' if key == KEY else 'another chat'} of {chats}, {size} size"
    judge(*raced(version, tmp_path, store, route, patch, rng), label)


def patched_in_place_of(store: Path, fields: JsonObject, stamp: int, *, keeps_time: bool) -> None:
    """A tool that takes the lock and keeps the file's time, as `cp -p` or an editor may; it stamped when it began."""
    with hold(store):
        was = os.stat(store)
        entries = json.loads(store.read_bytes())
        entries[KEY] |= {**fields, "updatedAt": max(entries[KEY]["updatedAt"], stamp)}
        temp = store.with_name("foreign.tmp")
        temp.write_text(encode(entries))
        if keeps_time:
            os.utime(temp, ns=(was.st_atime_ns, was.st_mtime_ns))
        os.rename(temp, store)


def raced(
    version: str,
    scratch: Path,
    store: Path,
    command: Callable[[], dict[str, object]],
    patch: Callable[[JsonObject], None],
    rng: random.Random,
) -> tuple[Seen, list[Run]]:
    """Let a writer think again and again while a patch comes before, during or about the end of it."""
    runs: list[tuple[Changed, dict[str, JsonObject]]] = []
    with following(store) as seen, Writer(version, scratch / "thinker", store, DRIVER) as thinker:
        for number in range(RUNS):
            early, wait = rng.random() < 0.2, rng.randint(10, 60)
            fields = CHOICES[number % len(CHOICES)]
            if early:
                patch(fields)
            thinker.ask(**command(), wait=wait)
            assert thinker.answer() == "loaded"
            if not early:
                time.sleep(rng.uniform(0.0, 0.05))
                patch(fields)
            answer = thinker.answer()
            seen.caught_up()
            if (write := seen.write_of(*answer["mark"])) is not None:
                runs.append((write, answer["held"]))
    return seen, [Run(event, seen.found[event.version.number], held) for event, held in runs]


def judge(seen: Seen, runs: list[Run], name: str) -> None:
    """Every loss is told, with its field, its value and its base; no alarm in any other write."""
    lost = [run for run in runs if run.lost]
    wrong = [why for run in lost if (why := run.wrong(seen))]
    losing = {run.event.version.number for run in lost}
    false = [described(finding) for finding in seen.alarms(but=losing)]
    grades = Counter(finding.grade for run in lost for finding in run.found if finding.key == KEY)
    doubtful = sum(len(bases(finding)) > 1 for run in lost for finding in run.found if finding.key == KEY)
    sys.stdout.write(
        f"\n{name}: {len(runs)} runs, {len(lost)} losses {dict(grades)}, {len(wrong)} told wrongly, "
        f"{doubtful} with one of two bases, {len(false)} false, {seen.missed} versions missed\n"
    )
    assert len(lost) >= LEAST_LOSSES
    assert wrong == []
    assert false == []
