"""Another process replaces the store as fast as told to: every version is seen, or missed and counted.

How many are seen at 1,000/s depends on the disk and the cores (pytest -s shows the figures); that none is lost without
being counted does not.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from store.events import Changed, Loaded, Missed
from store.js import JsonObject, encode
from store.watch import Watch
from tests.support.watching import until

pytestmark = pytest.mark.heavy

WRITER = r"""
import os, sys, time
store, count, rate = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
data = bytearray(open(store, "rb").read())
at = data.rindex(b'"updatedAt": ') + 13
sys.stdin.readline()
start = time.perf_counter()
for number in range(1, count + 1):
    data[at:at + 13] = b"%d" % (1700000000000 + number)
    temp = "%s.%d.%08d-0000-4000-8000-000000000000.tmp" % (store, os.getpid(), number)
    with open(temp, "wb") as file:
        file.write(data)
    os.rename(temp, store)
    time.sleep(max(0.0, start + number / rate - time.perf_counter()))
print(time.perf_counter() - start)
"""


def _store(entries: int) -> bytes:
    store: JsonObject = {
        f"agent:main:{number}": {"n": number, "text": "x" * 2900, "updatedAt": 1700000000000}
        for number in range(entries)
    }
    return encode(store).encode()


@pytest.mark.parametrize(
    ("entries", "count", "rate", "least"),
    [(1000, 500, 100, 0.9), (1000, 5000, 1000, 0.1), (30, 5000, 1000, 0.5)],
    ids=["3 MB at 100/s", "3 MB at 1,000/s", "90 KB at 1,000/s"],
)
def test_seen_and_missed_make_up_what_was_written(
    tmp_path: Path,
    entries: int,
    count: int,
    rate: int,
    least: float,
) -> None:
    store = tmp_path / "sessions.json"
    store.write_bytes(_store(entries))
    arguments = [sys.executable, "-c", WRITER, str(store), str(count), str(rate)]
    watch = Watch([store])
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdin is not None
        assert writer.stdout is not None
        events = watch.events(threading.Event())
        until(events, Loaded)
        cpu = time.process_time()
        writer.stdin.write("go\n")
        writer.stdin.flush()
        seen, missed, number = [0], 0, 1
        while seen[-1] < count:
            event = next(events)
            if isinstance(event, Missed):
                assert event.count is not None
                missed += event.count
            elif isinstance(event, Changed):
                [change] = event.changes
                seen.append(int((change.after or b"").rsplit(b'"updatedAt": ', 1)[1][:13]) - 1700000000000)
                assert event.version.writer.pid in (writer.pid, None)
                number = event.version.number
        seconds = float(writer.stdout.readline())
        events.close()  # type: ignore[attr-defined]
    assert seen == sorted(set(seen))
    assert len(seen) + missed == count + 1 == number
    assert (watch.seen(store), watch.missed(store)) == (len(seen), missed)
    assert len(seen) - 1 >= least * count
    cpu = time.process_time() - cpu
    sys.stdout.write(f"{count / seconds:.0f}/s: {len(seen) - 1} of {count} seen, {missed} missed; cpu {cpu:.2f} s\n")
