"""The keys of one installation: checked at start, used for finding and sealing, rotated while the service runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Connection, bindparam, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import InstrumentedAttribute

from storage.crypto import BlindIndex, KeyUnusable, MasterKeys, SealBroken, WrappedKey
from storage.models import EventState, InboxEvent, Key, Outgoing, Person

INDEX = "index"


@dataclass(frozen=True)
class Keyring:
    """Master keys from the environment and the blind-index key from the database."""

    master: MasterKeys
    index: BlindIndex = field(repr=False)


def needed(c: Connection) -> set[str]:
    """The ids of all master keys that something in this database is still wrapped with."""
    ids = set(c.scalars(select(Key.kek_id)))
    ids |= set(c.scalars(select(Person.kek_id).distinct()))
    waiting = (
        select(func.substr(InboxEvent.payload, 1, 8)).where(InboxEvent.state == EventState.PENDING).distinct()
    )
    return ids | {bytes(kek_id).decode("ascii", "replace") for kek_id in c.scalars(waiting)}


def people_by_key(c: Connection) -> dict[str, int]:
    """How many people each master key wraps."""
    found = c.execute(select(Person.kek_id, func.count()).group_by(Person.kek_id))
    return {str(kek_id): int(count) for kek_id, count in found}


def unlock(c: Connection, master: MasterKeys) -> Keyring:
    """The keyring of this database. Reads only; raises KeyUnusable naming the key id when a key is missing or wrong."""
    for kek_id in sorted(needed(c)):
        master.get(kek_id)
    row = c.execute(select(Key.kek_id, Key.wrapped).where(Key.purpose == INDEX)).one_or_none()
    if row is None:
        raise KeyUnusable(
            "this database has no keys yet: run `python -m bot migrate` once with EAP_MASTER_KEYS set"
        )
    try:
        return Keyring(master, BlindIndex(WrappedKey(row.kek_id, row.wrapped).raw(master, INDEX)))
    except SealBroken:
        raise KeyUnusable(f"master key {row.kek_id} does not open this database") from None


def install(c: Connection, master: MasterKeys) -> None:
    """Give a new database its index key. Does nothing where one is already there."""
    fresh = WrappedKey.fresh(master, INDEX)
    row = {"purpose": INDEX, "kek_id": fresh.kek_id, "wrapped": fresh.blob}
    insert = postgresql.insert if c.dialect.name == "postgresql" else sqlite.insert
    c.execute(insert(Key).values(row).on_conflict_do_nothing())


@dataclass(frozen=True)
class Rotated:
    """How far one batch of a rotation came."""

    people: int
    others: int


def rotate_batch(c: Connection, master: MasterKeys, size: int) -> Rotated:
    """Re-wrap up to `size` person keys, and whatever else still hangs on an older master key, with the newest one.

    Each batch is one transaction; a rotation that was cut off goes on where it stopped. Nothing is left when both
    figures are 0.
    """
    others = _rotate_shared(c, master) + sum(1 for _ in _rotate_transport(c, master, size))
    return Rotated(_rotate_people(c, master, size), others)


def _rotate_people(c: Connection, master: MasterKeys, size: int) -> int:
    old = (
        select(Person.id, Person.kek_id, Person.wrapped)
        .where(Person.kek_id != master.newest.id)
        .limit(size)
        .with_for_update(skip_locked=True)
    )
    changes = []
    for row in c.execute(old):
        again = WrappedKey(row.kek_id, row.wrapped).rewrapped(master, str(row.id))
        changes.append({"who": row.id, "kek": again.kek_id, "blob": again.blob})
    if changes:
        table = Person.__table__
        c.execute(
            update(Person)
            .where(table.c.id == bindparam("who"))
            .values(kek_id=bindparam("kek"), wrapped=bindparam("blob"))
            .execution_options(synchronize_session=False),
            changes,
        )
    return len(changes)


def _rotate_shared(c: Connection, master: MasterKeys) -> int:
    rows = c.execute(select(Key).where(Key.kek_id != master.newest.id)).all()
    for row in rows:
        again = WrappedKey(row.kek_id, row.wrapped).rewrapped(master, row.purpose)
        c.execute(
            update(Key).where(Key.purpose == row.purpose).values(kek_id=again.kek_id, wrapped=again.blob)
        )
    return len(rows)


def _rotate_transport(c: Connection, master: MasterKeys, size: int) -> Iterator[int]:
    """Events and group farewells that wait or are parked are sealed under a master key directly."""
    newest = master.newest.id.encode()
    events = select(InboxEvent.id, InboxEvent.event_key, InboxEvent.payload).where(
        InboxEvent.payload.is_not(None), _begins_otherwise(InboxEvent.payload, newest)
    )
    for row in c.execute(events.limit(size)):
        place = b"inbox" + row.event_key
        blob = master.seal_transport(master.open_transport(row.payload, place), place)
        c.execute(update(InboxEvent).where(InboxEvent.id == row.id).values(payload=blob))
        yield row.id
    farewells = select(Outgoing.id, Outgoing.dedupe, Outgoing.body).where(
        Outgoing.body.is_not(None), Outgoing.person_id.is_(None), _begins_otherwise(Outgoing.body, newest)
    )
    for row in c.execute(farewells.limit(size)):
        place = b"outbox" + row.dedupe
        blob = master.seal_transport(master.open_transport(row.body, place), place)
        c.execute(update(Outgoing).where(Outgoing.id == row.id).values(body=blob))
        yield row.id


def _begins_otherwise(column: InstrumentedAttribute[bytes | None], newest: bytes) -> ColumnElement[bool]:
    return func.substr(column, 1, len(newest)) != newest
