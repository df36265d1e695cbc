"""Finished questionnaires of a person, sealed, newest kept longest."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select

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
    return [
        Kept(row.id, row.finished_at, json.loads(person.open("screenings", "body", row.id, row.body)))
        for row in reversed(rows)
    ]


def count(tx: Tx, person: Person) -> int:
    return tx.c.scalar(select(func.count()).where(Screening.person_id == person.id)) or 0


def forget(tx: Tx, person: Person) -> int:
    """Delete them all; returns how many there were."""
    return tx.c.execute(delete(Screening).where(Screening.person_id == person.id)).rowcount
