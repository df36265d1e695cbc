"""Webhook events between LINE's 200 and their effect: stored once, taken under a person's lease, erased when done."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Integer, and_, bindparam, case, delete, func, or_, select, text, update

from storage import people
from storage.columns import EPOCH, UtcTime
from storage.models import EventState, InboxEvent, InHand
from storage.models import Person as PersonRow
from storage.people import Person
from storage.rows import insert_missing, insert_new, insert_or_replace_expired, table
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
    """Everything that waits for one person, oldest first. The lease is under `key`, the keyed index of her LINE id."""

    key: bytes
    person: Person
    line_id: str
    events: list[Waiting]


# Building a statement costs several times what running it does, so those of every turn are built once.
_EVENTS, _PEOPLE, _HANDS = table(InboxEvent), table(PersonRow), table(InHand)
_WAITING = (
    select(
        _EVENTS.c.id, _EVENTS.c.event_key, _EVENTS.c.sender_key, _EVENTS.c.payload, _EVENTS.c.tries,
    )
    .outerjoin(_HANDS, _HANDS.c.sender_key == _EVENTS.c.sender_key)
    .where(
        text("inbox.state = 0"),
        or_(_HANDS.c.until.is_(None), _HANDS.c.until < bindparam("now", type_=UtcTime())),
    )
    .order_by(_EVENTS.c.id)
    .limit(bindparam("most"))
)  # fmt: skip
_KNOWN = select(*people.COLUMNS).where(_PEOPLE.c.line_key.in_(bindparam("keys", expanding=True)))
_TAKE = (
    update(_EVENTS)
    .where(
        text("inbox.state = 0"),
        _EVENTS.c.sender_key.in_(bindparam("senders", expanding=True)),
    )
    .values(tries=_EVENTS.c.tries + 1)
    .returning(
        _EVENTS.c.id, _EVENTS.c.event_key, _EVENTS.c.sender_key, _EVENTS.c.message_key, _EVENTS.c.happened_at,
        _EVENTS.c.received_at, _EVENTS.c.answered_at, _EVENTS.c.tries, _EVENTS.c.payload,
    )
)  # fmt: skip
_MARKED = select(_EVENTS.c.event_key).where(_EVENTS.c.event_key.in_(bindparam("keys", expanding=True)))
_MINUTE = bindparam("this_minute", type_=Integer())
_LOCK = (
    select(_HANDS.c.sender_key)
    .where(_HANDS.c.sender_key.in_(bindparam("keys", expanding=True)))
    .order_by(_HANDS.c.sender_key)
    .with_for_update()
)
# The count goes along with what extends the lease, so that it costs no statement of its own.
_EXTEND = (
    update(_HANDS)
    .where(_HANDS.c.sender_key.in_(bindparam("keys", expanding=True)), _HANDS.c.owner == bindparam("me"))
    .values(
        until=bindparam("then", type_=UtcTime()),
        used=case((_HANDS.c.minute == _MINUTE, _HANDS.c.used), else_=0) + bindparam("more", type_=Integer()),
        minute=_MINUTE,
    )
    .returning(_HANDS.c.sender_key, _HANDS.c.used)
)
_RELEASE = (
    update(_HANDS)
    .where(_HANDS.c.sender_key == bindparam("key"), _HANDS.c.owner == bindparam("me"))
    .values(owner=None, until=EPOCH)
)
_GIVE_BACK = (
    update(_HANDS)
    .where(_HANDS.c.sender_key == bindparam("key"), _HANDS.c.owner == bindparam("me"))
    .values(used=_HANDS.c.used - bindparam("fewer"))
)
_PAUSE = (
    update(_HANDS)
    .where(_HANDS.c.sender_key == bindparam("key"), _HANDS.c.owner == bindparam("me"))
    .values(owner=None, until=bindparam("then", type_=UtcTime()))
)
_ERASE = (
    update(_EVENTS)
    .where(_EVENTS.c.id.in_(bindparam("ids", expanding=True)))
    .values(state=int(EventState.DONE), payload=None, sender_key=None, message_key=None)
)


def _place(event_key: bytes) -> bytes:
    return b"inbox" + event_key


def store(tx: Tx, arrivals: Sequence[Arrival]) -> set[str]:
    """Keep events that are not there yet; returns the ids of those that were new.

    An unsent message loses its text at once, processed or not. Should it come only after its unsend (LINE promises no
    order), it is known by the mark left here.
    """
    # In one order everywhere: two processes given the same events in two orders would wait for each other.
    ordered = sorted(arrivals, key=lambda arrival: (arrival.happened_at, arrival.user_id))
    rows = {tx.keys.index("event", arrival.event_id): arrival for arrival in ordered}
    new = insert_new(tx.c, InboxEvent, "event_key", [_row(tx, key, arrival) for key, arrival in rows.items()])
    unsent = {tx.keys.index("message", a.unsent_id): a for a in arrivals if a.unsent_id}
    if unsent:
        for state in ("state = 0", "state = 2"):
            finish(
                tx,
                list(
                    tx.c.scalars(select(_EVENTS.c.id).where(text(state), _EVENTS.c.message_key.in_(unsent)))
                ),
            )
        insert_missing(tx.c, InboxEvent, [_mark(key, unsend) for key, unsend in unsent.items()])
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


def _mark(message_key: bytes, unsend: Arrival) -> dict[str, Any]:
    """Stands for a message that nobody is to read any more: an event that is done, under the message's key."""
    times = {"happened_at": unsend.happened_at, "received_at": unsend.received_at}
    return {"event_key": message_key, "state": int(EventState.DONE), **times}


def claim(
    tx: Tx,
    owner: int,
    user_id_of: Callable[[bytes], str],
    now: datetime,
    limit: int,
    met_at: datetime | None = None,
) -> list[Queue]:
    """Take the leases of people who have events waiting, and all their events. Each event's try is counted.

    An event whose last try never ended (a crash) is taken alone, so that it can only bring down itself. `now` is the
    machine's, for the leases; `met_at` the plan's, for whoever is here for the first time.
    """
    waiting = tx.c.execute(_WAITING, {"now": now, "most": limit}).all()
    suspects = [row for row in waiting if row.tries]
    senders = {row.sender_key: row for row in reversed(suspects[:1] or waiting)}
    mine = _lease(tx, owner, sorted(senders), now)
    if not mine:
        return []
    known = _known(tx, mine)
    strangers = [senders[key] for key in mine if key not in known]
    if strangers:
        people.add_missing(tx, _user_ids(tx, strangers, user_id_of), met_at or now)
        known = _known(tx, mine)
    events = _take(tx, mine)
    return [_queue(tx, key, known[key], events[key]) for key in mine if key in events]


def _lease(tx: Tx, owner: int, senders: Sequence[bytes], now: datetime) -> list[bytes]:
    """The senders whose lease is ours now. In one order everywhere, so that two workers cannot block each other."""
    rows = [{"sender_key": key, "owner": owner, "since": now, "until": now + LEASE} for key in senders]
    return sorted(
        insert_or_replace_expired(tx.c, InHand, "sender_key", "until", "since", rows, kept=("minute", "used"))
    )


def _known(tx: Tx, keys: Sequence[bytes]) -> dict[bytes, Any]:
    return {row.line_key: row for row in tx.c.execute(_KNOWN, {"keys": list(keys)})}


def _user_ids(tx: Tx, rows: Iterable[Any], user_id_of: Callable[[bytes], str]) -> set[str]:
    return {user_id_of(tx.keys.master.open_transport(row.payload, _place(row.event_key))) for row in rows}


def _take(tx: Tx, senders: Sequence[bytes]) -> dict[bytes, list[Any]]:
    found: dict[bytes, list[Any]] = defaultdict(list)
    rows = tx.c.execute(_TAKE, {"senders": senders}).all()
    unsent = set(tx.c.scalars(_MARKED, {"keys": [row.message_key for row in rows if row.message_key]}))
    finish(tx, [row.id for row in rows if row.message_key in unsent])
    for row in sorted(rows, key=lambda row: (row.happened_at, row.id)):
        found[row.sender_key] += [row] if row.message_key not in unsent else []
    return found


def _queue(tx: Tx, key: bytes, row: Any, events: Iterable[Any]) -> Queue:
    person = people.of_row(tx, row)
    return Queue(key, person, people.line_id(person, row.line_id), [_waiting(tx, event) for event in events])


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


def still_mine(tx: Tx, owner: int, wanted: Mapping[bytes, int], now: datetime) -> dict[bytes, int]:
    """Extend the leases and say which are still ours; whoever lost one must not write. Locked until commit.

    `wanted` says of how many messages each person's count for this minute (the machine's) grows; returned is how many
    it is now. Whoever does not take them in the end gives them back.
    """
    minute = int(now.timestamp()) // 60
    if tx.c.dialect.name == "postgresql":
        # An UPDATE locks in the order it finds; a worker that tries to lease the same people locks by key.
        tx.c.execute(_LOCK, {"keys": list(wanted)})
    alike: dict[int, list[bytes]] = defaultdict(list)
    for key, count in wanted.items():
        alike[count].append(key)
    mine: dict[bytes, int] = {}
    for count, keys in sorted(alike.items()):
        given = {"keys": keys, "me": owner, "then": now + LEASE, "more": count}
        rows = tx.c.execute(_EXTEND, given | {"this_minute": minute})
        mine.update((row.sender_key, row.used) for row in rows)
    return mine


def give_back(tx: Tx, owner: int, counts: Mapping[bytes, int]) -> None:
    """Take messages off the count of this minute again: calls for help, and what has to be tried once more."""
    rows = [{"key": key, "me": owner, "fewer": count} for key, count in counts.items() if count]
    if rows:
        tx.c.execute(_GIVE_BACK, rows)


def release(tx: Tx, owner: int, until: Mapping[bytes, datetime | None]) -> None:
    """Give leases back: at once (None), or only after a pause, when the person's oldest event has to be tried again."""
    until = dict(sorted(until.items()))
    free = [{"key": key, "me": owner} for key, pause in until.items() if pause is None]
    if free:
        tx.c.execute(_RELEASE, free)
    paused = [{"key": key, "me": owner, "then": pause} for key, pause in until.items() if pause is not None]
    if paused:
        tx.c.execute(_PAUSE, paused)


def forget_hands(tx: Tx, limit: datetime) -> int:
    """Whoever has not been taken up since the limit, and is in nobody's hands, is not counted any more."""
    idle = and_(_HANDS.c.since < limit, _HANDS.c.until < limit)
    return tx.c.execute(delete(_HANDS).where(idle)).rowcount


def take_out_of_hands(tx: Tx, line_key: bytes) -> None:
    """Whoever works on this person's turn has lost it: `still_mine` says no."""
    tx.c.execute(delete(_HANDS).where(_HANDS.c.sender_key == line_key))


def forget_parked(tx: Tx, line_key: bytes) -> None:
    """Of this person's events that wait for somebody to look, nothing stays but their keyed ids."""
    parked = select(_EVENTS.c.id).where(text("inbox.state = 2"), _EVENTS.c.sender_key == line_key)
    finish(tx, list(tx.c.scalars(parked)))


def held(tx: Tx, line_key: bytes) -> list[dict[str, Any]]:
    """Events of this person that wait for their turn, or for somebody to look, opened; for herself."""
    rows = tx.c.execute(select(*_EVENTS.c).where(_EVENTS.c.sender_key == line_key).order_by(_EVENTS.c.id))
    return [
        {
            "happened_at": row.happened_at,
            "received_at": row.received_at,
            "state": EventState(row.state).name.lower(),
            "tries": row.tries,
            "help_shown_at": row.answered_at,
            "error": row.error,
            "content": json.loads(tx.keys.master.open_transport(row.payload, _place(row.event_key)))
            if row.payload
            else None,
        }
        for row in rows
    ]


def parked_count(tx: Tx, line_key: bytes) -> int:
    parked = select(func.count()).where(text("inbox.state = 2"), _EVENTS.c.sender_key == line_key)
    return tx.c.scalar(parked) or 0


def minute_held(tx: Tx, line_key: bytes) -> dict[str, Any] | None:
    """How much of hers has been looked at in this minute, for herself."""
    row = tx.c.execute(
        select(_HANDS.c.since, _HANDS.c.minute, _HANDS.c.used).where(_HANDS.c.sender_key == line_key)
    ).one_or_none()
    return None if row is None else {"since": row.since, "minute": row.minute, "messages": row.used}


def finish(tx: Tx, ids: Sequence[int]) -> None:
    """Processed: nothing stays but the keyed id of the event."""
    if ids:
        tx.c.execute(_ERASE, {"ids": list(ids)})


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


def is_answered(tx: Tx, row: int) -> bool:
    """Whether the crisis reply has gone out by now. Until this transaction ends, `mark_answered` waits."""
    return (
        tx.c.scalar(select(InboxEvent.answered_at).where(InboxEvent.id == row).with_for_update()) is not None
    )


def answered_between(tx: Tx, start: datetime, end: datetime) -> int:
    """How many events got the crisis reply from `start` to before `end`. Goes through the whole inbox: once a day."""
    inside = (InboxEvent.answered_at >= start, InboxEvent.answered_at < end)
    return tx.c.scalar(select(func.count()).select_from(InboxEvent).where(*inside)) or 0


@dataclass(frozen=True)
class Backlog:
    pending: int
    parked: int
    oldest_at: datetime | None


def backlog(tx: Tx) -> Backlog:
    pending, oldest = tx.c.execute(
        select(func.count(), func.min(InboxEvent.received_at)).where(text("state = 0"))
    ).one()
    parked = tx.c.scalar(select(func.count()).select_from(_EVENTS).where(text("state = 2")))
    return Backlog(pending, parked or 0, oldest)


def forget_before(tx: Tx, keys_limit: datetime, parked_limit: datetime) -> int:
    """Retention: keyed ids after 30 days, parked events after seven; the limits are the caller's."""
    rows = table(InboxEvent)
    gone = tx.c.execute(
        delete(rows).where(rows.c.received_at < keys_limit, rows.c.state == EventState.DONE)
    ).rowcount
    stale = rows.c.received_at < parked_limit
    return gone + tx.c.execute(delete(rows).where(stale, rows.c.state == EventState.PARKED)).rowcount
