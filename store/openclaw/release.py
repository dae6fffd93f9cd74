"""Which OpenClaw release a store is under, how that is known, and whether its file may therefore be written.

| releases                                  | between processes                      | this program                    |
|-------------------------------------------|----------------------------------------|---------------------------------|
| 2026.1.29 to 2026.4.29                    | `sessions.json.lock` is honoured       | writes under the lock           |
| 2026.5.2 to 2026.7.1, 2026.6.33 to 7.35   | no lock                                | offline, else through a gateway |
| 2026.7.2-beta.1 on, 2026.8.1 on           | SQLite; `sessions.json` is ignored     | the database, likewise          |

A store that is itself such a database has the discipline "database"; "sqlite" is that of a JSON file left behind.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from store.errors import StoreError
from store.openclaw.databases import holds_sessions, is_database, signed_by, taking_over
from store.openclaw.paths import StorePath, databases, load_config
from store.writing.permit import Permit

if TYPE_CHECKING:
    from store.openclaw.running import Gateway

Kind: TypeAlias = Literal["locked", "unlocked", "sqlite", "database", "unknown"]
_VERSION = re.compile(r"v?(\d+)\.(\d+)\.(\d+)(?:-[\w.-]+)?", re.ASCII)
_PATIENCE_S: Final = 0.2
"""How long a locked database is waited for, only to see whether it could be written."""
_ORDER: Final = ("unknown", "locked", "unlocked", "sqlite")


@dataclass(frozen=True, slots=True)
class Discipline:
    """How writes of a store are kept apart; `release` is '' when unknown, `how` says how all this is known.

    `closed` says why a database is not written although no gateway runs, '' where it may be.
    """

    kind: Kind
    release: str
    how: str
    gateway_pid: int | None = None
    database: Path | None = None
    closed: str = ""

    def line(self) -> str:
        """How a write would go now, in the words of the status line.

        "release unknown": under the lock too, but nobody knows whether the owner takes it.
        """
        if self == NOT_LOOKED:
            return "not known yet"
        permit = write_permit(self)
        if permit.kind != "allowed":
            return "NO WRITES"
        if permit.way == "gateway":
            return "model via gateway"
        if self.kind in ("unlocked", "database"):
            return "offline writes"
        return "release unknown" if self.kind == "unknown" else "locked writes"


NOT_LOOKED: Final = Discipline("unknown", "", "", None)
"""The discipline of a store before anybody looked; `discipline` always says how it knows."""


def discipline(store: StorePath, env: Mapping[str, str] = os.environ) -> Discipline:
    """The write discipline of a store by the strongest evidence there is.

    The running gateway's own package; a lock payload of that gateway; a session database and who signed it; what
    surrounds the running gateway; at last the configuration's `meta.lastTouchedVersion`, which says no more than "this
    release or a later one", so with an unidentified gateway running it is not enough to write by.
    """
    from store.openclaw.running import running_gateway  # a dashboard shows its rows before it looks

    gateway = running_gateway(store, env)
    pid = gateway.pid if gateway else None
    if is_database(store.path):
        return _of_database(store, gateway, env)
    if gateway and gateway.release and gateway.proven:
        return Discipline(kind_of(gateway.release), gateway.release, gateway.how, pid)
    era = _lock_payload_era(store, gateway)
    if era:
        return Discipline("locked", era, "lock file of the running gateway", pid)
    database = next(iter(taking_over(store.path)), None) or next(filter(holds_sessions, databases(store)), None)
    if database is not None:
        return Discipline("sqlite", _signature(database), "sessions in the agent's database", pid, database)
    touched = load_config(store.state_dir, env).release if store.state_dir else ""
    if gateway and gateway.release:
        return _by_surroundings(gateway, touched)
    kind = kind_of(touched)
    how = "lastTouchedVersion of openclaw.json" if touched else "nothing shows the release"
    if gateway and kind == "locked":
        return Discipline("unknown", "", f"openclaw.json was last written by {touched}, {gateway.how}", pid)
    return Discipline(kind, touched, gateway.how if gateway and not touched else how, pid)


def write_permit(discipline: Discipline, read_only: bool = False) -> Permit:
    """The permission to write under this discipline; unknown releases are written under the lock while none runs."""
    if read_only:
        return Permit.read_only("Not written: this run is read-only (--read-only).")
    if discipline == NOT_LOOKED:
        return Permit.refused(
            "Not written: which OpenClaw owns this store is not known yet; w tries again in a moment."
        )
    if discipline.kind in ("unlocked", "database") and discipline.gateway_pid:
        how = f"through the gateway (pid {discipline.gateway_pid}), model and levels only"
        return Permit.allowed(how, "gateway", beside=_beside(discipline))
    if discipline.kind == "database" and discipline.closed:
        return Permit.refused(f"Not written: {discipline.database} {discipline.closed}.")
    if discipline.kind == "database":
        return Permit.allowed("a transaction in the database, as no gateway runs", "database")
    if discipline.kind == "sqlite":
        where = f"in {discipline.database}" if discipline.database else "in SQLite"
        return Permit.refused(
            f"Not written: OpenClaw {discipline.release or '2026.8'} keeps its sessions {where} and ignores this file."
            f"{f' Name the database instead: clobberwatch {discipline.database}' if discipline.database else ''}"
        )
    if discipline.kind == "unlocked":
        return Permit.allowed(f"no gateway runs, and OpenClaw {discipline.release} takes no lock ({discipline.how})")
    if discipline.kind == "unknown" and discipline.gateway_pid:
        return Permit.refused(
            f"Not written: a gateway (pid {discipline.gateway_pid}) is running and its release is unknown "
            f"({discipline.how}), so it may not take the lock.",
            beside=_beside(discipline),
        )
    return Permit.allowed(f"locked writes ({discipline.how})")


def _beside(discipline: Discipline) -> str:
    """The running gateway that a file may be written beside if the operator takes the risk, '' for a database.

    With a database the harm would be the gateway's: what it is about to commit then fails (2026.9.6
    `SqliteSessionMutationConflictError`: a message, or the end of a run), while its lists go on from memory.
    """
    if discipline.kind == "database":
        return ""
    return f"OpenClaw {discipline.release or 'of an unknown release'} (pid {discipline.gateway_pid})"


def kind_of(release: str) -> Kind:
    """The discipline of a release by its version; "unknown" for anything older or other than a known version.

    The eras overlap in version order: 2026.7.35 still writes JSON, 2026.7.2-beta.1 does not.
    """
    match = _VERSION.fullmatch(release.strip())
    if match is None:
        return "unknown"
    version = (int(match[1]), int(match[2]), int(match[3]))
    if version < (2026, 1, 29):
        return "unknown"
    if version <= (2026, 4, 29):
        return "locked"
    return "sqlite" if version >= (2026, 8, 0) or version == (2026, 7, 2) else "unlocked"


def _of_database(store: StorePath, gateway: Gateway | None, env: Mapping[str, str]) -> Discipline:
    """A database belongs to whichever release runs; which one that is, by the strongest evidence."""
    touched = load_config(store.state_dir, env).release if store.state_dir and not gateway else ""
    known = [
        (gateway.release if gateway and gateway.proven else "", gateway.how if gateway else ""),
        (_signature(store.path), "signed in the database"),
        (gateway.release if gateway else "", gateway.how if gateway else ""),
        (touched if kind_of(touched) == "sqlite" else "", "lastTouchedVersion of openclaw.json"),
    ]
    nothing = "", gateway.how if gateway else "a database, as since 2026.8.1"
    release, how = next((evidence for evidence in known if evidence[0]), nothing)
    if gateway is None:
        return Discipline("database", release, f"{how}; no gateway runs", None, store.path, _closed(store.path))
    return Discipline("database", release, how, gateway.pid, store.path)


def _closed(database: Path) -> str:
    """Why no row of a database is written, or blank; one that cannot be read says so itself."""
    from store.sqlite.database import Database

    if not os.access(database, os.W_OK):
        return "is read-only"
    with suppress(StoreError), Database(database, patience=_PATIENCE_S) as opened:
        return opened.layout.why_not_written
    return ""


def _signature(database: Path) -> str:
    """The release that signed a database last; '' where nobody did who could have."""
    signed = signed_by(database)
    return signed if kind_of(signed) == "sqlite" else ""


def _by_surroundings(gateway: Gateway, touched: str) -> Discipline:
    kind = kind_of(gateway.release)
    if _ORDER.index(kind_of(touched)) > _ORDER.index(kind):
        how = f"{gateway.how} says {gateway.release}, openclaw.json was last written by {touched}"
        return Discipline("unknown", "", how, gateway.pid)
    return Discipline(kind, gateway.release, gateway.how, gateway.pid)


def _lock_payload_era(store: StorePath, gateway: Gateway | None) -> str:
    """The releases whose lock payload the running gateway has put beside the store just now, '' if none is there."""
    if gateway is None:
        return ""
    resolved = os.path.join(os.path.realpath(store.path.parent), store.path.name)
    for spelling in {str(store.path), resolved}:
        with suppress(OSError, ValueError):
            payload = json.loads(Path(f"{spelling}.lock").read_bytes())
            if isinstance(payload, dict) and payload.get("pid") == gateway.pid:
                return "2026.1.29 to 2.12" if "startedAt" in payload else "2026.2.17 to 4.29"
    return ""
