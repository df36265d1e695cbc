"""How many calls a second all processes together may make: one row per kind of call, counted in the database."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update

from storage.models import Pace
from storage.rows import insert_missing
from storage.session import Tx

# Two machines' clocks agree to about this many seconds; a row further ahead was written before a clock was put right.
APART = 3


def take(tx: Tx, name: str, now: datetime, want: int, per_second: int) -> int:
    """How many of `want` calls may be made in this second. The row is locked until the transaction ends.

    Who comes with a clock a little behind counts in the second that has begun elsewhere, so that none is counted twice.
    """
    second = int(now.timestamp())
    insert_missing(tx.c, Pace, [{"name": name, "second": second, "used": 0}])
    row = tx.c.execute(select(Pace.second, Pace.used).where(Pace.name == name).with_for_update()).one()
    if 0 < row.second - second <= APART:
        second = row.second
    used = row.used if row.second == second else 0
    granted = max(0, min(want, per_second - used))
    tx.c.execute(update(Pace).where(Pace.name == name).values(second=second, used=used + granted))
    return granted
