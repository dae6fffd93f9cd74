"""Who wrote a version, in a few words; how it is known always shows."""

from __future__ import annotations

from store.events import Writer


def who(writer: Writer) -> str:
    """`you`, `pid 48213, lock`, `pid 48213, temp`, `gateway?`, `no lock` or `unknown`."""
    if writer.pid is None or writer.how in ("you", "gateway?"):
        return writer.how
    return f"pid {writer.pid}, {writer.how}" if writer.how != "unknown" else f"pid {writer.pid}?"


def who_at_length(writer: Writer) -> str:
    """The same as a phrase: `pid 48213, named in the lock file`."""
    if writer.how == "lock" and writer.pid is not None:
        return f"pid {writer.pid}, named in the lock file"
    if writer.how == "temp" and writer.pid is not None:
        return f"pid {writer.pid}, from the name of its temp file"
    return {
        "you": "you, by this tool's journal",
        "gateway?": "the gateway, as the only live candidate",
        "no lock": "not known: the store was replaced while no lock existed",
    }.get(writer.how, "not known")


def by(writer: Writer) -> str:
    """After a value that is no more: `yours`, `by pid 48213`, or nothing where it is not known."""
    if writer.how == "you":
        return "yours"
    if writer.pid is not None:
        return f"by pid {writer.pid}"
    return "by the gateway?" if writer.how == "gateway?" else ""
