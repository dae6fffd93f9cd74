"""The command `clobberwatch`: what was asked for, and what becomes of whatever goes wrong.

Exit codes: 0 done, 1 findings, 2 usage, 3 conflict, 4 busy, 5 refused, 6 unreadable or missing, 70 a bug of ours,
130 interrupted.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from store.errors import StoreError
from tui.cli.options import Options, parse_options

BUG = 70
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; errors are one line on stderr."""
    if arguments is None:
        _behave_like_a_unix_command()
    try:
        options = parse_options(sys.argv[1:] if arguments is None else arguments)
        if arguments is None and options.module == "edit":
            _clean_up_when_ended()
        return _run(options)
    except StoreError as error:
        complain(error.advice)
        return error.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        if os.environ.get("CLOBBERWATCH_DEBUG"):
            raise
        complain(f"a bug in clobberwatch: {type(error).__name__}: {error}; CLOBBERWATCH_DEBUG=1 shows where")
        return BUG


def complain(sentence: str) -> None:
    """One line on stderr."""
    from tui.look.printable import printable

    print(f"clobberwatch: {printable(sentence)}", file=sys.stderr)  # noqa: T201 - where errors belong


def _run(options: Options) -> int:
    from importlib import import_module

    code: int = import_module(f"tui.cli.{options.module}").run(options)
    sys.stdout.flush()
    return code


def _behave_like_a_unix_command() -> None:
    import signal

    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]


def _clean_up_when_ended() -> None:
    """A lost connection leaves no half-written file beside the store."""
    import signal

    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, _end)


def _end(number: int, _frame: object) -> NoReturn:
    raise SystemExit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
