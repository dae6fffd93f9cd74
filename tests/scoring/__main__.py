"""How well losses are found: `python -m tests.scoring [SCENARIO...] [--live]`.

Plays every scenario named, or all, with the detector watching, and prints for each: losses, recall of confirmed and
probable among those without a twin, what twins were told as, alarms and their precision, each finding by kind and
grade. On a clock of its own that takes seconds; `--live` has a process write and the store watched as it is in life,
and measures the time from a write to its finding.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from statistics import median

from store.gateway.scenarios.catalogue import SCENARIOS, scenario_named
from tests.scoring.live import play_live
from tests.scoring.score import NONE, Score, score
from tests.support.simulated import Watched

HEAD = f"{'scenario':22} writes losses  recall twins  told alarms false precision"


def main() -> None:
    """Print the table."""
    options = _options()
    names = options.scenarios or list(SCENARIOS)
    total = Score()
    latencies: list[float] = []
    missed = 0
    say(HEAD)
    for name in names:
        scenario_named(name)
        counted = Score()
        for seed in range(options.seeds):
            with tempfile.TemporaryDirectory() as folder:
                store = Path(folder) / "sessions.json"
                if options.live:
                    seen, followed = play_live(store, name, seed, options.writes, options.race, options.rate)
                    latencies += followed.latencies
                    missed += followed.missed or 0
                    counted.add(score(seen))
                else:
                    counted.add(score(Watched(store, name, seed, options.race).play(options.writes)))
        say(_line(name, counted))
        for what in counted.wrong if options.verbose else ():
            say(f"  {what}")
        total.add(counted)
    say(_line("all", total))
    say(_findings(total))
    if latencies:
        ordered = sorted(latencies)
        worst = ordered[int(len(ordered) * 0.99)]
        say(f"from write to finding: median {1000 * median(ordered):.1f} ms, 99 % within {1000 * worst:.1f} ms")
        say(f"versions that came and went unread: {missed}; what they may hide is graded unknown")


def say(text: str) -> None:
    """A line of the report, at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.scoring", description=__doc__)
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--writes", type=int, default=150)
    parser.add_argument("--race", type=float, default=0.2)
    parser.add_argument("--live", action="store_true")
    parser.add_argument("--rate", type=float, default=100.0, help="writes a second, with --live")
    parser.add_argument("--verbose", action="store_true", help="say what was missed and what was a false alarm")
    return parser.parse_args()


def _line(name: str, counted: Score) -> str:
    losses, twins = counted.lost(twin=False), counted.lost(twin=True)
    told = twins - counted.lost(twin=True, grades=[NONE])
    alarms = sum(count for (_, grade, _), count in counted.findings.items() if grade in ("confirmed", "probable"))
    return (
        f"{name:22}{counted.writes:7}{losses:7}{counted.recall:8.3f}{twins:6}{told:6}"
        f"{alarms:7}{counted.false_alarms:6}{counted.precision:10.3f}"
    )


def _findings(counted: Score) -> str:
    lines = [f"\n{'finding':20}{'grade':12}{'true':>6}{'false':>6}"]
    for kind, grade in sorted({(kind, grade) for kind, grade, _ in counted.findings}):
        true, false = (counted.findings[kind, grade, so] for so in (True, False))
        lines.append(f"{kind:20}{grade:12}{true:6}{false:6}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
