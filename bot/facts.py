"""What is known of the service at one moment: figures for whoever runs it, and never a person or a topic."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from scheduler.calendar import LEADER
from storage import due, inbox, leases, outbox
from storage.models import SendState
from storage.session import Tx

Free = Callable[[Path], int]


@dataclass(frozen=True)
class Kept:
    """What the database says. Ages are in seconds; None where there is nothing that could be old."""

    waiting: int
    parked: int
    oldest_event: float | None
    sends: Mapping[SendState, int]
    oldest_unsent: float | None
    errors: Mapping[str, int]
    """Tries of messages that are still open, by what the last one came to."""
    given_up: int
    """Due work out of tries."""
    clock_free: float | None
    """How long nobody has held the calendar; None while somebody does."""


@dataclass(frozen=True)
class Facts:
    """`fault` is the class of what keeps the database shut, and `trouble` its sentence."""

    is_ready: bool
    trouble: str | None
    fault: str | None
    spool_files: int
    disk_free: int
    """Bytes, on whichever of our disks has least."""
    kept: Kept | None


def kept(tx: Tx, now: datetime, began_at: datetime) -> Kept:
    """`began_at`: since when this process has been looking; before that nobody can say how long the clock was free."""
    backlog = inbox.backlog(tx)
    return Kept(
        waiting=backlog.pending,
        parked=backlog.parked,
        oldest_event=_age(now, backlog.oldest_at),
        sends=outbox.counts(tx),
        oldest_unsent=_age(now, outbox.oldest_open_at(tx)),
        errors=outbox.open_errors(tx),
        given_up=due.given_up(tx),
        clock_free=_free_for(leases.held_until(tx, LEADER), now, began_at),
    )


def _free_for(until: datetime | None, now: datetime, began_at: datetime) -> float | None:
    if until is not None and until >= now:
        return None
    return max(0.0, (now - max(until or began_at, began_at)).total_seconds())


def _age(now: datetime, then: datetime | None) -> float | None:
    return None if then is None else round((now - then).total_seconds(), 1)


def free_bytes(folder: Path) -> int:
    """Free space where this folder is, or will be."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free


def least_free(folders: Sequence[Path], free: Free) -> int:
    """Bytes on the fullest of these disks."""
    return min(free(folder.absolute()) for folder in folders)
