"""One-time links: a page for one person's eyes, once, for minutes. Only a keyed hash of the address is kept."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update

from storage import people
from storage.models import OneTimeLink
from storage.models import Person as PersonRow
from storage.people import Person
from storage.rows import table
from storage.session import Tx


class NoSuchLink(Exception):
    """Never given out, or its person is gone."""


class LinkOver(Exception):
    """Used, expired, or its person has asked to be erased."""


def make(tx: Tx, person: Person, kind: str, expires_at: datetime) -> str:
    """A fresh token for an address. Links of this kind that she has not used stop working."""
    unused = OneTimeLink.used_at.is_(None)
    tx.c.execute(
        delete(OneTimeLink).where(OneTimeLink.person_id == person.id, OneTimeLink.kind == kind, unused)
    )
    token = secrets.token_urlsafe(32)
    row = {"person_id": person.id, "kind": kind, "expires_at": expires_at}
    tx.c.execute(table(OneTimeLink).insert(), row | {"token_key": _key(tx, token)})
    return token


def look(tx: Tx, token: str, kind: str, now: datetime) -> Person:
    """Whose link it is, without using it. Raises NoSuchLink or LinkOver."""
    found = tx.c.execute(
        select(OneTimeLink.person_id, OneTimeLink.expires_at, OneTimeLink.used_at).where(
            OneTimeLink.token_key == _key(tx, token), OneTimeLink.kind == kind
        )
    ).one_or_none()
    if found is None:
        raise NoSuchLink
    row = people.by_ids(tx, [found.person_id])[found.person_id]
    if found.used_at is not None or found.expires_at <= now or row.sealed_at is not None:
        raise LinkOver
    return people.of_row(tx, row)


def use(tx: Tx, token: str, kind: str, now: datetime) -> Person:
    """Whose link it is, which from now on is used. Of two at once one gets it; raises NoSuchLink or LinkOver."""
    person = look(tx, token, kind, now)
    # Locks her row too: an erasing that comes at the same moment is before this, or after.
    tx.c.execute(select(PersonRow.id).where(PersonRow.id == person.id).with_for_update())
    taken = tx.c.execute(
        update(OneTimeLink)
        .where(
            OneTimeLink.token_key == _key(tx, token),
            OneTimeLink.used_at.is_(None),
            OneTimeLink.person_id.in_(
                select(PersonRow.id).where(PersonRow.id == person.id, PersonRow.sealed_at.is_(None))
            ),
        )
        .values(used_at=now)
    ).rowcount
    if taken != 1:
        raise LinkOver
    return person


def open_count(tx: Tx, person: Person, now: datetime) -> int:
    """How many links of hers still work."""
    works = (OneTimeLink.used_at.is_(None), OneTimeLink.expires_at > now)
    return tx.c.scalar(select(func.count()).where(OneTimeLink.person_id == person.id, *works)) or 0


def held(tx: Tx, person: Person) -> list[dict[str, Any]]:
    """Every link of hers, for herself."""
    rows = select(OneTimeLink.kind, OneTimeLink.expires_at, OneTimeLink.used_at)
    found = tx.c.execute(rows.where(OneTimeLink.person_id == person.id).order_by(OneTimeLink.expires_at))
    return [dict(row._mapping) for row in found]


def forget_before(tx: Tx, limit: datetime) -> int:
    """Links that ended before `limit`; returns how many."""
    return tx.c.execute(delete(OneTimeLink).where(OneTimeLink.expires_at < limit)).rowcount


def _key(tx: Tx, token: str) -> bytes:
    return tx.keys.index("link", token)
