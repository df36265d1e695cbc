"""Work that falls due at an instant of the plan's clock: each (kind, key) is done once, whoever looks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select, update

from storage.models import Due
from storage.rows import insert_missing
from storage.session import Tx

LEASE = timedelta(seconds=60)
TRIES = 5


@dataclass(frozen=True)
class DueRow:
    id: int
    kind: str
    key: str
    due_at: datetime
    tries: int


def add(tx: Tx, kind: str, key: str, due_at: datetime) -> None:
    """Put something on the calendar. A second time under the same kind and key changes nothing."""
    insert_missing(tx.c, Due, [{"kind": kind, "key": key, "due_at": due_at}])


def claim(tx: Tx, owner: int, machine_now: datetime, plan_now: datetime, limit: int) -> list[DueRow]:
    """Take rows that are due and not in other hands, oldest first. Each claim counts as a try."""
    open_rows = (
        select(Due.id)
        .where(
            Due.done_at.is_(None),
            Due.due_at <= plan_now,
            Due.tries < TRIES,
            or_(Due.lease_until.is_(None), Due.lease_until < machine_now),
        )
        .order_by(Due.due_at, Due.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = tx.c.execute(
        update(Due)
        .where(Due.id.in_(open_rows))
        .values(lease_owner=owner, lease_until=machine_now + LEASE, tries=Due.tries + 1)
        .returning(Due.id, Due.kind, Due.key, Due.due_at, Due.tries)
    ).all()
    return sorted((DueRow(*row) for row in rows), key=lambda row: (row.due_at, row.id))


def given_up(tx: Tx) -> int:
    """How many rows are out of tries and will not be tried again by themselves."""
    return tx.c.scalar(select(func.count()).where(Due.done_at.is_(None), Due.tries >= TRIES)) or 0


def finish(tx: Tx, row: DueRow, owner: int, plan_now: datetime) -> bool:
    """Mark as done, in the transaction of its effects. False: another process has it by now, undo yours."""
    return (
        tx.c.execute(
            update(Due)
            .where(Due.id == row.id, Due.lease_owner == owner, Due.done_at.is_(None))
            .values(done_at=plan_now, lease_owner=None, lease_until=None, error=None)
        ).rowcount
        == 1
    )


def fail(tx: Tx, row: DueRow, error: str, machine_now: datetime) -> None:
    """Put back with a growing pause; after the last try it stays, visible, for a person to look at."""
    pause = timedelta(seconds=30 * 4**row.tries)
    tx.c.execute(
        update(Due)
        .where(Due.id == row.id)
        .values(lease_owner=None, lease_until=machine_now + pause, error=error)
    )
