"""What people looked for and did not find: a keyed hash with counts, the words themselves only once five asked.

Nothing here leads back to a person: who has been counted is kept under a key of her and the term together.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, select, update
from sqlalchemy import text as sql

from storage.models import MissedBy, MissedTerm
from storage.people import Person
from storage.rows import insert_missing, insert_new, table
from storage.session import Tx

ENOUGH = 5
"""Different people who must have asked for the same words before anybody reads them."""

_TERMS, _BY = table(MissedTerm), table(MissedBy)
# Turns of several people share a transaction: two workers that count two terms in opposite order would wait for each
# other for ever. So PostgreSQL lets one transaction count at a time; SQLite has one writer anyway.
_LOCK = sql("SELECT pg_advisory_xact_lock(4170021)")


@dataclass(frozen=True, slots=True)
class Missed:
    term: str
    asked: int
    people: int
    last_on: date


def count(tx: Tx, person: Person, term: str, today: date, *, text: str | None) -> None:
    """Count one question; `text` is what may be kept once enough people have asked, None when never."""
    if tx.c.dialect.name == "postgresql":
        tx.c.execute(_LOCK)
    key = tx.keys.index("missed", term)
    first = {"term_key": key, "asked": 0, "people": 0, "first_on": today, "last_on": today}
    insert_missing(tx.c, MissedTerm, [first])
    asker = tx.keys.index("missed_by", f"{person.id}:{term}")
    new = len(insert_new(tx.c, MissedBy, "asker_key", [{"term_key": key, "asker_key": asker}]))
    people = tx.c.scalar(
        update(_TERMS)
        .where(_TERMS.c.term_key == key)
        .values(asked=_TERMS.c.asked + 1, people=_TERMS.c.people + new, last_on=today)
        .returning(_TERMS.c.people)
    )
    if text and people >= ENOUGH:
        # Only now do the words reach the database at all.
        tx.c.execute(
            update(_TERMS).where(_TERMS.c.term_key == key, _TERMS.c.term.is_(None)).values(term=text)
        )


def readable(tx: Tx, most: int = 100) -> list[Missed]:
    """What enough people have asked for, the most asked first: for whoever keeps the catalogue."""
    rows = tx.c.execute(
        select(_TERMS.c.term, _TERMS.c.asked, _TERMS.c.people, _TERMS.c.last_on)
        .where(_TERMS.c.term.is_not(None))
        .order_by(_TERMS.c.people.desc(), _TERMS.c.asked.desc(), _TERMS.c.term)
        .limit(most)
    )
    return [Missed(*row) for row in rows]


def forget_before(tx: Tx, day: date) -> int:
    """Drop terms nobody has asked for since `day`, and who was counted for them; returns how many."""
    return tx.c.execute(delete(_TERMS).where(_TERMS.c.last_on < day)).rowcount
