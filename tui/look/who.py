"""Who wrote a version, in a few words; how it is known always shows."""

from __future__ import annotations

from store.events import Writer


def who(writer: Writer) -> str:
    """`you`, `alice, clobberwatch`, `pid 48213, lock`, `pid 48213, temp`, `gateway?`, `no lock` or `unknown`."""
    if writer.how == "clobberwatch":
        return f"{writer.user}, clobberwatch"
    if writer.pid is None or writer.how in ("you", "gateway?"):
        return writer.how
    return f"pid {writer.pid}, {writer.how}" if writer.how != "unknown" else f"pid {writer.pid}?"


def who_at_length(writer: Writer) -> str:
    """The same as a phrase: `pid 48213, named in the lock file`."""
    if writer.how == "lock" and writer.pid is not None:
        return f"pid {writer.pid}, named in the lock file"
    if writer.how == "temp" and writer.pid is not None:
        return f"pid {writer.pid}, from the name of its temp file"
    if writer.how == "clobberwatch":
        return f"{writer.user}, with a clobberwatch of theirs, from the name of its temp file"
    return {
        "you": "you, by this tool's journal",
        "gateway?": "the gateway, as the only live candidate",
        "no lock": "not known: the store was replaced while no lock existed",
    }.get(writer.how, "not known")


def written_by(writer: Writer) -> str:
    """In a column: `pid 48213, lock file`, `you, journal`."""
    if writer.pid is not None and writer.how in ("lock", "temp"):
        return f"pid {writer.pid}, {'lock file' if writer.how == 'lock' else 'temp file'}"
    return "you, journal" if writer.how == "you" else who(writer)


def known_by(writer: Writer) -> str:
    """What the knowledge of the writer rests on."""
    return {
        "you": "your journal has this very write, made here or by the gateway",
        "clobberwatch": "the temp file that was put in place has this user in its name",
        "lock": "the lock file named this pid when the store changed",
        "temp": "the temp file that was put in place has this pid",
        "gateway?": "a guess: it was the only candidate alive",
        "no lock": "nothing: the store was replaced while no lock existed",
    }.get(writer.how, "nothing that was seen")


def by(writer: Writer) -> str:
    """After a value that is no more: `yours`, `by pid 48213`, or nothing where it is not known."""
    if writer.how == "you":
        return "yours"
    if writer.how == "clobberwatch":
        return f"by {writer.user}"
    if writer.pid is not None:
        return f"by pid {writer.pid}"
    return "by the gateway?" if writer.how == "gateway?" else ""
