"""Webhook events between LINE's 200 and their effect: stored once, taken under a person's lease, erased when done."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, func, or_, select, update

from storage import people
from storage.models import EventState, InboxEvent
from storage.models import Person as PersonRow
from storage.people import Person
from storage.rows import insert_new, table
from storage.session import Tx

# Short enough that a successor still has the reply token of what a crash left behind.
LEASE = timedelta(seconds=15)
TRIES = 5


@dataclass(frozen=True)
class Arrival:
    """One event as it came in. `raw` is its own JSON; the ids are LINE's and are kept only as keyed hashes."""

    event_id: str
    user_id: str
    message_id: str | None
    unsent_id: str | None
    happened_at: datetime
    received_at: datetime
    raw: bytes
    answered: bool = False


@dataclass(frozen=True)
class Waiting:
    """A stored event that has been taken for processing."""

    id: int
    event_key: bytes
    message_key: bytes | None
    happened_at: datetime
    received_at: datetime
    answered: bool
    tries: int
    raw: bytes


@dataclass(frozen=True)
class Queue:
    """Everything that waits for one person, oldest first, and the person: hers is the lease."""

    person: Person
    line_id: str
    events: list[Waiting]


def _place(event_key: bytes) -> bytes:
    return b"inbox" + event_key


def store(tx: Tx, arrivals: Sequence[Arrival]) -> set[str]:
    """Keep events that are not there yet; returns the ids of those that were new.

    An unsent message loses its text at once, processed or not.
    """
    rows = {tx.keys.index("event", arrival.event_id): arrival for arrival in arrivals}
    new = insert_new(tx.c, InboxEvent, "event_key", [_row(tx, key, arrival) for key, arrival in rows.items()])
    unsent = [tx.keys.index("message", a.unsent_id) for a in arrivals if a.unsent_id]
    if unsent:
        _erase(tx, select(InboxEvent.id).where(InboxEvent.message_key.in_(unsent)))
    return {rows[key].event_id for key in new}


def _row(tx: Tx, event_key: bytes, arrival: Arrival) -> dict[str, Any]:
    return {
        "event_key": event_key,
        "sender_key": tx.keys.index("line", arrival.user_id),
        "message_key": tx.keys.index("message", arrival.message_id) if arrival.message_id else None,
        "happened_at": arrival.happened_at,
        "received_at": arrival.received_at,
        "answered_at": arrival.received_at if arrival.answered else None,
        "payload": tx.keys.master.seal_transport(arrival.raw, _place(event_key)),
    }


def claim(tx: Tx, owner: int, user_id_of: Any, now: datetime, limit: int) -> list[Queue]:
    """Take the leases of people who have events waiting, and all their events. Each event's try is counted.

    An event whose last try never ended (a crash) is taken alone, so that it can only bring down itself.
    """
    waiting = tx.c.execute(_free(now).limit(limit)).all()
    suspects = [row for row in waiting if row.tries]
    senders = {row.sender_key for row in (suspects[:1] or waiting)}
    if not senders:
        return []
    strangers = [row for row in waiting if row.person_id is None and row.sender_key in senders]
    people.add_missing(tx, _user_ids(tx, strangers, user_id_of), now)
    held = {row.line_key: row for row in _lease(tx, owner, senders, now)}
    events = _take(tx, list(held))
    return [_queue(tx, held[key], events[key]) for key in held if key in events]


def _free(now: datetime) -> Any:
    lease_is_free = or_(PersonRow.lease_until.is_(None), PersonRow.lease_until < now)
    return (
        select(
            InboxEvent.id,
            InboxEvent.event_key,
            InboxEvent.sender_key,
            InboxEvent.payload,
            InboxEvent.tries,
            PersonRow.id.label("person_id"),
        )
        .outerjoin(PersonRow, PersonRow.line_key == InboxEvent.sender_key)
        .where(InboxEvent.state == EventState.PENDING, or_(PersonRow.id.is_(None), lease_is_free))
        .order_by(InboxEvent.id)
    )


def _user_ids(tx: Tx, rows: Iterable[Any], user_id_of: Any) -> set[str]:
    return {user_id_of(tx.keys.master.open_transport(row.payload, _place(row.event_key))) for row in rows}


def _lease(tx: Tx, owner: int, senders: set[bytes], now: datetime) -> Sequence[Any]:
    free = (
        select(PersonRow.id)
        .where(
            PersonRow.line_key.in_(senders), or_(PersonRow.lease_until.is_(None), PersonRow.lease_until < now)
        )
        .with_for_update(skip_locked=True)
    )
    return tx.c.execute(
        update(PersonRow)
        .where(PersonRow.id.in_(free))
        .values(lease_owner=owner, lease_until=now + LEASE)
        .returning(*people.COLUMNS)
    ).all()


def _take(tx: Tx, senders: Sequence[bytes]) -> dict[bytes, list[Any]]:
    rows = tx.c.execute(
        update(InboxEvent)
        .where(InboxEvent.state == EventState.PENDING, InboxEvent.sender_key.in_(senders))
        .values(tries=InboxEvent.tries + 1)
        .returning(
            InboxEvent.id,
            InboxEvent.event_key,
            InboxEvent.sender_key,
            InboxEvent.message_key,
            InboxEvent.happened_at,
            InboxEvent.received_at,
            InboxEvent.answered_at,
            InboxEvent.tries,
            InboxEvent.payload,
        )
    ).all()
    found: dict[bytes, list[Any]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row.happened_at, row.id)):
        found[row.sender_key].append(row)
    return found


def _queue(tx: Tx, row: Any, events: Iterable[Any]) -> Queue:
    person = people.of_row(tx, row)
    return Queue(person, people.line_id(person, row.line_id), [_waiting(tx, event) for event in events])


def _waiting(tx: Tx, row: Any) -> Waiting:
    return Waiting(
        id=row.id,
        event_key=row.event_key,
        message_key=row.message_key,
        happened_at=row.happened_at,
        received_at=row.received_at,
        answered=row.answered_at is not None,
        tries=row.tries,
        raw=tx.keys.master.open_transport(row.payload, _place(row.event_key)),
    )


def still_mine(tx: Tx, owner: int, person_ids: Sequence[int], now: datetime) -> set[int]:
    """Extend the leases and say which are still ours; whoever lost one must not write. Locked until commit."""
    return set(
        tx.c.scalars(
            update(PersonRow)
            .where(PersonRow.id.in_(person_ids), PersonRow.lease_owner == owner)
            .values(lease_until=now + LEASE)
            .returning(PersonRow.id)
        )
    )


def release(tx: Tx, owner: int, until: dict[int, datetime | None]) -> None:
    """Give leases back: at once (None), or only after a pause, when the person's oldest event has to be tried again."""
    people_rows = table(PersonRow)
    rows = [{"who": who, "pause": pause, "me": owner} for who, pause in until.items()]
    if rows:
        tx.c.execute(
            update(people_rows)
            .where(people_rows.c.id == bindparam("who"), people_rows.c.lease_owner == bindparam("me"))
            .values(lease_owner=None, lease_until=bindparam("pause", type_=people_rows.c.lease_until.type)),
            rows,
        )


def finish(tx: Tx, ids: Sequence[int]) -> None:
    """Processed: nothing stays but the keyed id of the event."""
    if ids:
        _erase(tx, ids)


def _erase(tx: Tx, ids: Any) -> None:
    tx.c.execute(
        update(InboxEvent)
        .where(InboxEvent.id.in_(ids))
        .values(state=EventState.DONE, payload=None, sender_key=None, message_key=None)
    )


def fail(tx: Tx, event_id: int, error: str, *, park: bool) -> None:
    """Note the class of what went wrong; a parked event waits for a person, seven days at most."""
    values: dict[str, Any] = {"error": error[:80]}
    if park:
        values["state"] = EventState.PARKED
    tx.c.execute(update(InboxEvent).where(InboxEvent.id == event_id).values(values))


def mark_answered(tx: Tx, event_id: str, now: datetime) -> bytes:
    """The crisis reply to this event has gone out. Returns the event's key."""
    key = tx.keys.index("event", event_id)
    tx.c.execute(update(InboxEvent).where(InboxEvent.event_key == key).values(answered_at=now))
    return key


@dataclass(frozen=True)
class Backlog:
    pending: int
    parked: int
    oldest_at: datetime | None


def backlog(tx: Tx) -> Backlog:
    pending, oldest = tx.c.execute(
        select(func.count(), func.min(InboxEvent.received_at)).where(InboxEvent.state == EventState.PENDING)
    ).one()
    parked = tx.c.scalar(select(func.count()).where(InboxEvent.state == EventState.PARKED))
    return Backlog(pending, parked or 0, oldest)


def forget_before(tx: Tx, keys_limit: datetime, parked_limit: datetime) -> int:
    """Retention: keyed ids after 30 days, parked events after seven; the limits are the caller's."""
    rows = table(InboxEvent)
    gone = tx.c.execute(
        delete(rows).where(rows.c.received_at < keys_limit, rows.c.state == EventState.DONE)
    ).rowcount
    stale = rows.c.received_at < parked_limit
    return gone + tx.c.execute(delete(rows).where(stale, rows.c.state == EventState.PARKED)).rowcount
