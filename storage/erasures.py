"""Erasing a person: sealed at once, taken back within a day, or destroyed with everything that is hers."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from storage import inbox, outbox, people
from storage.models import Person as PersonRow
from storage.people import Person
from storage.session import Tx

_NIGHT = 19
"""The hour in UTC: three in the morning in Taiwan."""


class TooLate(Exception):
    """What was to be taken back has been destroyed meanwhile."""


def seal(tx: Tx, person: Person, now: datetime) -> None:
    """From here on nothing of hers is read, sent or listed. What waited to be sent to her is dropped, calls for help
    apart: the token of a reply lives for a minute, so all that could come later is a word that something waits.
    """
    outbox.drop_all_but_calls(tx, person)
    people.set_sealed(tx, person, now)


def unseal(tx: Tx, person: Person) -> None:
    """As if she had never asked. Raises TooLate when another process has destroyed her by now."""
    sealed = PersonRow.sealed_at.is_not(None)
    taken = tx.c.execute(
        update(PersonRow).where(PersonRow.id == person.id, sealed).values(sealed_at=None)
    ).rowcount
    if taken != 1:
        raise TooLate
    person.sealed_at = None


def sealed_before(tx: Tx, limit: datetime, most: int) -> list[int]:
    """Who was sealed at `limit` or before, the longest first."""
    old = select(PersonRow.id).where(PersonRow.sealed_at <= limit).order_by(PersonRow.sealed_at).limit(most)
    return list(tx.c.scalars(old))


def traces_due(tx: Tx, now: datetime) -> list[datetime]:
    """When old bytes of what is destroyed now are to be let go of, in this kind of database.

    SQLite: when the answer to her is out, and once more when a slow one surely is. PostgreSQL: in the coming night, for
    its way locks everybody's rows for a moment; one night's row serves all who were destroyed that day.
    """
    if tx.c.dialect.name == "sqlite":
        return [now + timedelta(seconds=3), now + timedelta(seconds=90)]
    night = now.replace(hour=_NIGHT, minute=0, second=0, microsecond=0)
    return [night if night > now else night + timedelta(days=1)]


def destroy(tx: Tx, person_id: int, sealed_by: datetime | None = None) -> bool:
    """Delete her key and everything under it; False when she is not there, or took it back meanwhile (`sealed_by`).

    Whoever is at work on a turn of hers loses it, and does it again for a stranger. A call for help that is still being
    answered goes on without her row. Events that nobody has looked at yet are a stranger's too.
    """
    row = people.by_ids(tx, [person_id]).get(person_id)
    if row is None:
        return False
    # First the lease, then her row: a turn takes its locks in the same order.
    inbox.take_out_of_hands(tx, row.line_key)
    hers = delete(PersonRow).where(PersonRow.id == person_id)
    if sealed_by is not None:
        hers = hers.where(PersonRow.sealed_at <= sealed_by)
    if tx.c.execute(hers).rowcount != 1:
        return False
    person = people.of_row(tx, row)
    outbox.forget(tx, person, people.line_id(person, row.line_id))
    inbox.forget_parked(tx, row.line_key)
    return True
