"""The command line's grammar: verbs and their options, parsed into one flat record."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Callable, Sequence
from typing import Final, NoReturn

from store.errors import UsageError

VERBS_HELP: Final = """\
The session stores of an OpenClaw gateway: watch, edit, catch clobbers.

  clobberwatch [STORE...]                       the dashboard
  clobberwatch demo [--scenario S] [--seed N]   a tour: the dashboard on a simulated gateway
  clobberwatch list [STORE...] [--where QUERY]  every entry, the newest first
  clobberwatch show KEY [STORE]                 one entry
  clobberwatch set KEY... FIELD=TEXT...         change fields; model=PROVIDER/MODEL, delivery=CHANNEL:TO[:THREAD]
  clobberwatch clear KEY... FIELD...            remove fields; model and delivery clear the whole unit
  clobberwatch watch [STORE...]                 changes and findings as they happen
  clobberwatch doctor [STORE...]                what stands, and what is wrong as it stands
  clobberwatch record [STORE...] -o FILE        all of that into a file
  clobberwatch replay FILE                      the dashboard on such a recording
  clobberwatch report [FILE|STORE...]           what a recording or old copies tell, as Markdown or JSON for a ticket
  clobberwatch simulate --store PATH            a made-up store that a gateway writes, and what each write destroys

clobberwatch VERB --help says more. Exit codes: 0 done, 1 findings, 2 usage, 3 conflict, 4 busy, 5 refused,
6 unreadable or missing store, 70 a bug.
"""
WHERE_HELP: Final = "only these: words, and FIELD:VALUE such as override:yes, model:~opus, updated:>2h, -kind:run"
STORE_HELP: Final = "a sessions.json, or a state, agent or sessions directory (default: OpenClaw's own state directory)"

SEVERAL_HELP: Final = """\
Of several entries each is compared by itself, and one that cannot be written keeps none of the others back. What
--where finds is only written as the query saw it. The exit code is that of the entry that fared worst."""
UNSAFE_HELP: Final = (
    "where a gateway runs that takes no lock and has no call for this, write the file beside it: compared, put in "
    "place whole and watched (10 s, or --verify), but the gateway may write an older copy back any time later"
)

_MAY_BEGIN_WITH_MINUS: Final = ("--where", "--key")


class Options(argparse.Namespace):
    """What was asked for; `module` names the module of `tui.cli` that does it."""

    module: str = ""
    verb: str = ""
    key: str = ""
    stores: Sequence[str] = ()
    state_dir: str | None = None
    agent: str | None = None
    json: bool = False
    where: str = ""
    words: Sequence[str] = ()
    expect: Sequence[str] = ()
    expect_absent: Sequence[str] = ()
    dry_run: bool = False
    verify: float | None = None
    unsafe: bool = False
    read_only: bool = False
    calm: bool = False
    all: bool = False
    until_finding: bool = False
    seed: int | None = None
    path: str = ""
    scenario: str = "incident"
    rate: float = 2.0
    writes: int = 100
    race: float | None = None
    file: str = ""
    since: str = ""
    redact: bool = False
    output: str = ""
    keep: float | None = None
    max_size: int | None = None
    real_time: bool = False


class _Parser(argparse.ArgumentParser):
    """Wrong usage is an error like every other: one line, and exit code 2."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; see {self.prog} --help")


def parse_options(arguments: Sequence[str]) -> Options:
    """The options of a command line; a first word that is no verb opens the dashboard. Raises UsageError."""
    verb = arguments[0] if arguments and arguments[0] in _VERBS else ""
    module, usage, declare = _VERBS[verb]
    prog = f"clobberwatch {verb}".strip()
    parser = _Parser(prog=prog, usage=f"{prog} {usage}", allow_abbrev=False)
    if not verb:
        parser.description, parser.formatter_class = VERBS_HELP, argparse.RawDescriptionHelpFormatter
    declare(parser)
    # Intermixed: `show KEY --json STORE` and `set KEY --dry-run FIELD=TEXT` mean what they say; it forgets about `--`.
    parse = parser.parse_args if "--" in arguments else parser.parse_intermixed_args
    given = vars(parse(_joined(arguments[1:] if verb else arguments)))
    options = Options(module=module, verb=verb, **{name: value for name, value in given.items() if value is not None})
    for text in () if verb else options.stores:
        if text in _VERBS and not os.path.exists(text):
            raise UsageError(f"the verb comes first: clobberwatch {text} ...; a store of that name is ./{text}")
        if meant := _meant_verb(text):
            raise UsageError(f"no verb and no store is {text}; perhaps clobberwatch {meant}")
    return options


def _meant_verb(text: str) -> str:
    """The verb this is a misspelling of, or blank; a path is none."""
    if os.sep in text or os.path.exists(text):
        return ""
    from difflib import get_close_matches

    return next(iter(get_close_matches(text, filter(None, _VERBS), 1, 0.7)), "")


def _joined(arguments: Sequence[str]) -> list[str]:
    """With `--where -kind:run` as one word, as argparse wants a value that begins like an option."""
    joined = list[str]()
    for argument in arguments:
        if joined and joined[-1] in _MAY_BEGIN_WITH_MINUS and re.match("-[^-]", argument) and "--" not in joined:
            joined[-1] += f"={argument}"
        else:
            joined.append(argument)
    return joined


def _add_stores(parser: argparse.ArgumentParser, positional: str = "") -> None:
    if positional:
        parser.add_argument("stores", nargs=positional, metavar="STORE", help=STORE_HELP, action="extend")
    parser.add_argument("--store", dest="stores", action="append", metavar="PATH", help="the same; may be repeated")
    parser.add_argument("--state-dir", metavar="DIR", help="OpenClaw's state directory")
    parser.add_argument("--agent", metavar="ID", help="only this agent's sessions")


def _dashboard(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--version", action=_ShowVersion, nargs=0, help="say which version this is")
    parser.add_argument("--read-only", action="store_true", help="never write")
    _add_calm(parser)
    _add_stores(parser, "*")


def _add_calm(parser: argparse.ArgumentParser) -> None:
    help_calm = "times of day in place of ages, and as little movement as there can be"
    parser.add_argument("--calm", action="store_true", help=help_calm)


def _demo(parser: argparse.ArgumentParser) -> None:
    help_scenario = "that traffic, with what to look for, instead of the tour; a name that there is not lists them"
    parser.add_argument("--scenario", default="", metavar="S", help=help_scenario)
    parser.add_argument("--seed", type=int, metavar="N", help="the same traffic each time")
    _add_calm(parser)


def _list(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--where", default="", metavar="QUERY", help=WHERE_HELP)
    parser.add_argument("--json", action="store_true", help="one array of objects")
    _add_stores(parser, "*")


def _show(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("key", metavar="KEY", help="a session key, or a part that only one key has")
    parser.add_argument("--json", action="store_true", help="one object")
    _add_stores(parser, "*")


def _edit(parser: argparse.ArgumentParser) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--where", metavar="QUERY", help=f"in place of KEY, {WHERE_HELP}")
    parser.add_argument("--expect", action="append", metavar="FIELD=TEXT", help="only if the field has this value")
    parser.add_argument("--expect-absent", action="append", metavar="FIELD", help="only if the field is not set")
    parser.add_argument("--dry-run", action="store_true", help="say what would be written")
    parser.add_argument("--verify", type=_seconds, metavar="S", help="watch for S seconds whether the edit stands")
    parser.add_argument("--unsafe", action="store_true", help=UNSAFE_HELP)
    parser.add_argument("--read-only", action="store_true", help="never write")
    parser.add_argument("--json", action="store_true", help="one object; of several entries one a line")
    _add_stores(parser)


def _set(parser: argparse.ArgumentParser) -> None:
    _edit(parser)
    parser.description = f"Change fields of one entry, or of several in one write a store.\n\n{SEVERAL_HELP}"
    help_words = "whole session keys, then FIELD=TEXT or FIELD:=JSON; FIELD:=null clears"
    parser.add_argument("words", nargs="+", metavar="KEY... FIELD=TEXT", help=help_words)


def _clear(parser: argparse.ArgumentParser) -> None:
    _edit(parser)
    parser.description = f"Remove fields of one entry, or of several in one write a store.\n\n{SEVERAL_HELP}"
    help_words = "whole session keys, then names of fields; model and delivery clear the whole unit"
    parser.add_argument("words", nargs="+", metavar="KEY... FIELD", help=help_words)


def _watch(parser: argparse.ArgumentParser) -> None:
    help_all = "also what changes with every run (tokens, times), and findings that are merely possible"
    parser.add_argument("--all", action="store_true", help=help_all)
    help_until = "end with exit code 1 at the first confirmed or probable finding"
    parser.add_argument("--until-finding", action="store_true", help=help_until)
    parser.add_argument("--json", action="store_true", help="one object a line")
    _add_stores(parser, "*")


def _record(parser: argparse.ArgumentParser) -> None:
    from tui.cli.sizes import octets
    from tui.cli.times import span

    parser.add_argument("-o", "--output", metavar="FILE", help="the recording; one of the same stores is gone on with")
    parser.add_argument("--keep", type=span, metavar="AGE", help="forget what is older: 7d, 12h (default: keep all)")
    help_size = "forget the oldest when the file gets larger: 200MB, 2GB (default: 512MB)"
    parser.add_argument("--max-size", type=octets, metavar="SIZE", help=help_size)
    _add_stores(parser, "*")


def _replay(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="what clobberwatch record wrote")
    parser.add_argument("--real-time", action="store_true", help="wait as long as it took (default: shorten silences)")
    _add_calm(parser)


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds < 1e6:
        raise argparse.ArgumentTypeError(f"{text} is no number of seconds")
    return seconds


def _doctor(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one object")
    _add_stores(parser, "*")


def _report(parser: argparse.ArgumentParser) -> None:
    help_file = f"a recording, as clobberwatch record makes them, or {STORE_HELP}"
    parser.add_argument("stores", nargs="*", metavar="FILE|STORE", help=help_file)
    parser.add_argument("--since", metavar="TIME", help="only from then on: 30m (ago), 14:02, 2026-11-21T14:02")
    parser.add_argument("--key", metavar="PART", help="only entries with this in their key")
    parser.add_argument("--redact", action="store_true", help="put tokens in place of what identifies people")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--markdown", action="store_true", help="Markdown for a ticket (this is the default)")
    form.add_argument("--json", action="store_true", help="one object")


def _simulate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--store", dest="path", required=True, metavar="PATH", help="a file to make, or one it made")
    parser.add_argument("--scenario", metavar="S", help="what happens; the name of one that there is not lists them")
    parser.add_argument("--seed", type=int, metavar="N", help="the same acts each time")
    parser.add_argument("--rate", type=_positive, metavar="R", help="writes a second, about (default: 2)")
    parser.add_argument("--writes", type=int, metavar="N", help="end after so many (default: 100)")
    parser.add_argument("--race", type=_share, metavar="P", help="how often a racy path is one, 0 to 1 (default: 0.03)")


def _positive(text: str) -> float:
    number = float(text)
    if not 0 < number < 1e6:
        raise argparse.ArgumentTypeError(f"{text} is no rate")
    return number


def _share(text: str) -> float:
    share = float(text)
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError(f"{text} is no share between 0 and 1")
    return share


class _ShowVersion(argparse.Action):
    """Looks the version up only when asked for: package metadata takes longer to load than the command line."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        print(f"clobberwatch {version('clobberwatch')}")
        parser.exit()


# A usage of our own also spares argparse the formatting of one for each run.
_VERBS: Final[dict[str, tuple[str, str, Callable[[argparse.ArgumentParser], None]]]] = {
    "": ("dashboard", "[VERB] [options] [STORE...]", _dashboard),
    "demo": ("demo", "[--scenario S] [--seed N] [--calm]", _demo),
    "list": ("listing", "[options] [STORE...]", _list),
    "show": ("show", "[options] KEY [STORE...]", _show),
    "set": ("edit", "[options] KEY... | --where QUERY  FIELD=TEXT...", _set),
    "clear": ("edit", "[options] KEY... | --where QUERY  FIELD...", _clear),
    "watch": ("watch", "[options] [STORE...]", _watch),
    "doctor": ("doctor", "[options] [STORE...]", _doctor),
    "report": ("report", "[options] [FILE|STORE...]", _report),
    "record": ("record", "-o FILE [options] [STORE...]", _record),
    "replay": ("replay", "[--real-time] [--calm] FILE", _replay),
    "simulate": ("simulate", "--store PATH [--scenario S] [options]", _simulate),
}
