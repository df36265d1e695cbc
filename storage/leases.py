"""Duties that one process holds at a time, and how many calls a second all processes together may make."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import or_, select, update

from storage.models import Lease
from storage.rows import insert_missing
from storage.session import Tx


def hold(tx: Tx, name: str, owner: int, now: datetime, seconds: float) -> bool:
    """Take or extend a duty. True for exactly one owner until `seconds` after `now` (the machine's clock)."""
    insert_missing(tx.c, Lease, [{"name": name}])
    free = or_(Lease.owner == owner, Lease.until.is_(None), Lease.until < now)
    taken = tx.c.execute(
        update(Lease)
        .where(Lease.name == name, free)
        .values(owner=owner, until=now + timedelta(seconds=seconds))
    )
    return taken.rowcount == 1


def let_go(tx: Tx, name: str, owner: int) -> None:
    """Give a duty back at once, so that a successor need not wait."""
    tx.c.execute(update(Lease).where(Lease.name == name, Lease.owner == owner).values(owner=None, until=None))


def held_until(tx: Tx, name: str) -> datetime | None:
    """Until when a duty is or was held; None when it was given back or never taken."""
    return tx.c.scalar(select(Lease.until).where(Lease.name == name))
