"""The consent ledger: every yes and no with scope, version and time, sealed, added and never changed."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import func, select

from storage.models import Consent
from storage.people import Person
from storage.rows import table
from storage.session import Tx


@dataclass(frozen=True)
class Line:
    """One line of the ledger."""

    scope: str
    version: str
    granted: bool
    at: datetime


def grant(tx: Tx, person: Person, scope: str, version: str, now: datetime) -> None:
    _add(tx, person, Line(scope, version, granted=True, at=now))


def withdraw(tx: Tx, person: Person, scope: str, now: datetime) -> None:
    """Take back what is granted for this scope; a scope never granted stays without a line."""
    version = current(tx, person).get(scope)
    if version is not None:
        _add(tx, person, Line(scope, version, granted=False, at=now))


def ledger(tx: Tx, person: Person) -> list[Line]:
    """Every line, oldest first."""
    rows = tx.c.execute(
        select(Consent.id, Consent.body).where(Consent.person_id == person.id).order_by(Consent.number)
    )
    return [_line(person.open("consents", "body", row.id, row.body)) for row in rows]


def held(tx: Tx, person: Person) -> list[dict[str, object]]:
    """Every line with its number, for herself."""
    rows = tx.c.execute(
        select(Consent.id, Consent.number, Consent.body)
        .where(Consent.person_id == person.id)
        .order_by(Consent.number)
    )
    opened = [(row.number, _line(person.open("consents", "body", row.id, row.body))) for row in rows]
    return [{"number": number} | asdict(line) for number, line in opened]


def current(tx: Tx, person: Person) -> dict[str, str]:
    """The version granted for each scope that is granted now."""
    granted: dict[str, str] = {}
    for line in ledger(tx, person):
        if line.granted:
            granted[line.scope] = line.version
        else:
            granted.pop(line.scope, None)
    return granted


def _add(tx: Tx, person: Person, line: Line) -> None:
    number = (tx.c.scalar(select(func.max(Consent.number)).where(Consent.person_id == person.id)) or 0) + 1
    row = tx.ids()
    text = json.dumps([line.scope, line.version, line.granted, line.at.isoformat()])
    body = person.seal("consents", "body", row, text.encode())
    tx.c.execute(table(Consent).insert(), {"id": row, "person_id": person.id, "number": number, "body": body})


def _line(opened: bytes) -> Line:
    scope, version, granted, at = json.loads(opened)
    return Line(scope, version, granted, datetime.fromisoformat(at))
