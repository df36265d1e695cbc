"""Finished questionnaires of a person, sealed, newest kept longest."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, text, update

from storage import people
from storage.models import Person as PersonRow
from storage.models import Screening
from storage.people import Person
from storage.rows import table
from storage.session import Tx


@dataclass(frozen=True)
class Kept:
    id: int
    finished_at: datetime
    record: dict[str, Any]


def add(tx: Tx, person: Person, record: dict[str, Any], now: datetime) -> int:
    row = tx.ids()
    body = person.seal("screenings", "body", row, json.dumps(record, separators=(",", ":")).encode())
    tx.c.execute(
        table(Screening).insert(), {"id": row, "person_id": person.id, "finished_at": now, "body": body}
    )
    return row


def last(tx: Tx, person: Person, n: int) -> list[Kept]:
    """The newest `n`, oldest first."""
    rows = tx.c.execute(
        select(Screening.id, Screening.finished_at, Screening.body)
        .where(Screening.person_id == person.id)
        .order_by(Screening.finished_at.desc(), Screening.id)
        .limit(n)
    ).all()
    return [_kept(person, row) for row in reversed(rows)]


def held(tx: Tx, person: Person) -> list[dict[str, Any]]:
    """Every record, oldest first, for herself."""
    rows = tx.c.execute(
        select(Screening.id, Screening.finished_at, Screening.body)
        .where(Screening.person_id == person.id)
        .order_by(Screening.finished_at, Screening.id)
    )
    return [{"finished_at": kept.finished_at} | kept.record for kept in (_kept(person, row) for row in rows)]


def count(tx: Tx, person: Person) -> int:
    return tx.c.scalar(select(func.count()).where(Screening.person_id == person.id)) or 0


def detailed_before(tx: Tx, limit: datetime, most: int) -> list[tuple[Person, Kept]]:
    """Records finished before `limit` that still hold single answers, oldest first, with whose they are.

    Of somebody who is sealed nothing is read: a day later she is gone, or back.
    """
    old = (
        select(Screening.id, Screening.person_id, Screening.finished_at, Screening.body)
        .join(PersonRow, PersonRow.id == Screening.person_id)
        .where(text("detailed = 1"), Screening.finished_at < limit, PersonRow.sealed_at.is_(None))
        .order_by(Screening.finished_at)
        .limit(most)
    )
    rows = tx.c.execute(old).all()
    known = people.by_ids(tx, list({row.person_id for row in rows}))
    owners = {person_id: people.of_row(tx, row) for person_id, row in known.items()}
    return [(owners[row.person_id], _kept(owners[row.person_id], row)) for row in rows]


def coarsen(tx: Tx, person: Person, kept: Kept, record: dict[str, Any]) -> None:
    """Put what may stay in the place of what was kept."""
    body = person.seal("screenings", "body", kept.id, json.dumps(record, separators=(",", ":")).encode())
    tx.c.execute(update(Screening).where(Screening.id == kept.id).values(body=body, detailed=0))


def forget(tx: Tx, person: Person) -> int:
    """Delete them all; returns how many there were."""
    return tx.c.execute(delete(Screening).where(Screening.person_id == person.id)).rowcount


def _kept(person: Person, row: Any) -> Kept:
    return Kept(row.id, row.finished_at, json.loads(person.open("screenings", "body", row.id, row.body)))
