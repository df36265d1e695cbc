"""Messages that a committed transaction decided on, until LINE has taken them or their end is known.

A row is born with its retry key. A reply that is `WAITING` has certainly not been shown; `REPLYING` means that a
try may have reached LINE. A push needs no such care: its retry key and its frozen body make it safe to repeat.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, case, delete, func, or_, select, text, update

from storage import people
from storage.columns import UtcTime
from storage.models import OPEN_STATES, Outgoing, SendState
from storage.models import Person as PersonRow
from storage.rows import insert_missing, table
from storage.session import Tx

LEASE = timedelta(seconds=15)


@dataclass(frozen=True)
class Parcel:
    """One call to LINE. `way` is reply, push or leave. Times are the machine's, but `first_try_at` the plan's."""

    id: int
    dedupe: bytes
    person_id: int | None
    to: str
    way: str
    body: dict[str, Any]
    retry_key: str
    born_at: datetime
    due_at: datetime
    reply_until: datetime | None = None
    first_try_at: datetime | None = None
    tries: int = 0
    state: SendState = SendState.WAITING
    frozen: bool = False

    @property
    def is_doubtful(self) -> bool:
        """An earlier try of the reply may have been shown."""
        return self.state == SendState.REPLYING


@dataclass(frozen=True)
class Settled:
    """What became of a parcel: a new state, and for open ones when and by which way to go on."""

    parcel: Parcel
    state: SendState
    way: str
    due_at: datetime
    error: str | None = None


# Building a statement costs several times what running it does, so those of every turn are built once. The bounds of
# `state` are spelled out, for a database uses a partial index only where it can read that it fits.
_ROWS = table(Outgoing)
_OLDER = _ROWS.alias("older")
_DUE = (
    select(*_ROWS.c)
    .where(
        text("outbox.state < 3"),
        _ROWS.c.due_at <= bindparam("now", type_=UtcTime()),
        or_(_ROWS.c.lease_until.is_(None), _ROWS.c.lease_until < bindparam("now", type_=UtcTime())),
        ~(
            select(_OLDER.c.id)
            .where(
                _OLDER.c.person_id == _ROWS.c.person_id,
                text("older.state < 3"),
                _OLDER.c.way == _ROWS.c.way,
                _OLDER.c.born_at < _ROWS.c.born_at,
            )
            .exists()
        ),
    )
    .order_by(_ROWS.c.due_at, _ROWS.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True, of=_ROWS)
)
_TAKE = (
    update(_ROWS)
    .where(_ROWS.c.id.in_(bindparam("ids", expanding=True)))
    .values(
        lease_owner=bindparam("me"),
        lease_until=bindparam("until", type_=UtcTime()),
        tries=_ROWS.c.tries + 1,
        state=case((_ROWS.c.way == "reply", int(SendState.REPLYING)), else_=_ROWS.c.state),
    )
)
_MINE = (_ROWS.c.id == bindparam("which"), _ROWS.c.lease_owner == bindparam("me"))
_SETTLED: dict[str, Any] = {"state": bindparam("new"), "error": bindparam("why"), "lease_owner": None}
_END = update(_ROWS).where(*_MINE).values(**_SETTLED, lease_until=None, body=None, person_id=None)
_GO_ON = (
    update(_ROWS)
    .where(*_MINE)
    .values(
        **_SETTLED,
        way=bindparam("by"),
        due_at=bindparam("then", type_=UtcTime()),
        lease_until=bindparam("then", type_=UtcTime()),
    )
)


def _place(dedupe: bytes) -> bytes:
    return b"outbox" + dedupe


def add(tx: Tx, parcels: Sequence[tuple[Parcel, people.Person | None]]) -> None:
    """Put parcels into the transaction that decided on them, for whoever looks first once they are due.

    One already there under its dedupe key stays as it is.
    """
    insert_missing(tx.c, Outgoing, [_row(tx, parcel, person) for parcel, person in parcels])


def add_in_hand(
    tx: Tx, parcels: Sequence[tuple[Parcel, people.Person | None]], owner: int, now: datetime
) -> None:
    """Put parcels whose reply this process tries right after the commit: from then on it may have reached LINE."""
    begun = {"state": SendState.REPLYING, "tries": 1, "lease_owner": owner, "lease_until": now + LEASE}
    insert_missing(tx.c, Outgoing, [_row(tx, parcel, person) | begun for parcel, person in parcels])


def _row(tx: Tx, parcel: Parcel, person: people.Person | None) -> dict[str, Any]:
    return {
        "id": parcel.id,
        "dedupe": parcel.dedupe,
        "person_id": parcel.person_id,
        "way": parcel.way,
        "state": parcel.state,
        "body": _seal(tx, parcel, person),
        "retry_key": parcel.retry_key,
        "born_at": parcel.born_at,
        "due_at": parcel.due_at,
        "reply_until": parcel.reply_until,
    }


def _seal(tx: Tx, parcel: Parcel, person: people.Person | None) -> bytes:
    plain = json.dumps(parcel.body, ensure_ascii=False, separators=(",", ":")).encode()
    if person is None:
        return tx.keys.master.seal_transport(plain, _place(parcel.dedupe))
    return person.seal("outbox", "body", parcel.id, plain)


def claim(tx: Tx, owner: int, now: datetime, limit: int) -> list[Parcel]:
    """Take open parcels that are due and in nobody's hands: the oldest of each person, so that order is kept.

    What comes back tells the state before; in the database a reply is in doubt from now until it is settled.
    """
    rows = tx.c.execute(_DUE, {"now": now, "most": limit}).all()
    if not rows:
        return []
    taken = {"ids": [row.id for row in rows], "me": owner, "until": now + LEASE}
    tx.c.execute(_TAKE, taken)
    known = people.by_ids(tx, [row.person_id for row in rows if row.person_id is not None])
    found = [(row, known.get(row.person_id)) for row in rows]
    parcels = [_parcel(tx, row, who) for row, who in found if row.person_id is None or who is not None]
    may_go = [parcel for parcel in parcels if _may_go(parcel, known.get(parcel.person_id or 0))]
    if len(may_go) < len(rows):
        _drop(tx, {row.id for row in rows} - {parcel.id for parcel in may_go})
    return may_go


def _may_go(parcel: Parcel, who: Any) -> bool:
    """To somebody who asked to be erased goes a call for help, and a reply that says nothing of hers; never a push."""
    if parcel.body.get("urgent") or parcel.way == "leave" or (who is not None and who.sealed_at is None):
        return True
    return parcel.way == "reply" and bool(parcel.body.get("fixed"))


def _drop(tx: Tx, ids: Iterable[int]) -> None:
    gone = {
        "state": SendState.DROPPED,
        "body": None,
        "person_id": None,
        "lease_owner": None,
        "lease_until": None,
    }
    tx.c.execute(update(Outgoing).where(Outgoing.id.in_(list(ids))).values(gone))


def _parcel(tx: Tx, row: Any, who: Any) -> Parcel:
    if who is None:
        body = json.loads(tx.keys.master.open_transport(row.body, _place(row.dedupe)))
        to = body.get("to", "")
    else:
        person = people.of_row(tx, who)
        body = json.loads(person.open("outbox", "body", row.id, row.body))
        to = people.line_id(person, who.line_id)
    return Parcel(
        id=row.id,
        dedupe=row.dedupe,
        person_id=row.person_id,
        to=to,
        way=row.way,
        body=body,
        retry_key=row.retry_key,
        born_at=row.born_at,
        due_at=row.due_at,
        reply_until=row.reply_until,
        first_try_at=row.first_try_at,
        tries=row.tries,
        state=SendState(row.state),
        frozen=bool(row.frozen),
    )


def freeze(tx: Tx, parcel: Parcel, body: dict[str, Any], plan_now: datetime) -> Parcel:
    """Fix what a push says before its first try: under one retry key LINE must only ever see one body."""
    who = (
        people.by_ids(tx, [parcel.person_id]).get(parcel.person_id) if parcel.person_id is not None else None
    )
    person = people.of_row(tx, who) if who is not None else None
    # Whoever has no row any more is known only by what the parcel itself says.
    said = body if person is not None else body | {"to": parcel.to, "urgent": True}
    ready = replace(
        parcel, body=said, first_try_at=plan_now, state=SendState.PUSHING, way="push", frozen=True
    )
    tx.c.execute(
        update(Outgoing)
        .where(Outgoing.id == parcel.id)
        .values(
            body=_seal(tx, ready, person),
            first_try_at=plan_now,
            state=SendState.PUSHING,
            way="push",
            frozen=1,
        )
    )
    return ready


def settle(tx: Tx, results: Sequence[Settled], owner: int) -> None:
    """Write down what became of parcels that are still in our hands. What is over loses its body and its person."""
    over = [r for r in results if r.state not in OPEN_STATES]
    if over:
        tx.c.execute(_END, [_values(r, owner) for r in over])
    still_open = [r for r in results if r.state in OPEN_STATES]
    if still_open:
        tx.c.execute(_GO_ON, [_values(r, owner) | {"by": r.way, "then": r.due_at} for r in still_open])
    _count_unheard(tx, [r.parcel.person_id for r in over if r.state == SendState.UNKNOWN])


def _values(result: Settled, owner: int) -> dict[str, Any]:
    return {"which": result.parcel.id, "me": owner, "new": int(result.state), "why": result.error}


def _count_unheard(tx: Tx, person_ids: Sequence[int | None]) -> None:
    who = [person_id for person_id in person_ids if person_id is not None]
    if who:
        tx.c.execute(update(PersonRow).where(PersonRow.id.in_(who)).values(unheard=PersonRow.unheard + 1))


def answered_elsewhere(tx: Tx, dedupe: bytes) -> None:
    """The crisis reply went out by its own way: its safety copy is not needed any more."""
    tx.c.execute(
        update(Outgoing)
        .where(Outgoing.dedupe == dedupe, Outgoing.state == SendState.WAITING)
        .values(state=SendState.SENT, body=None, person_id=None)
    )


def drop_for(tx: Tx, person_id: int) -> None:
    """She blocked the account: nothing that waits for her will be sent."""
    tx.c.execute(
        update(Outgoing)
        .where(Outgoing.person_id == person_id, Outgoing.state == SendState.WAITING)
        .values(state=SendState.DROPPED, body=None, person_id=None)
    )


def drop_all_but_calls(tx: Tx, person: people.Person) -> None:
    """Nothing that waits for her will be sent, but for the answer to a call for help."""
    open_rows = _opened(tx, person)
    _drop(
        tx, [row.id for row, body in open_rows if row.state == SendState.WAITING and not body.get("urgent")]
    )


def forget(tx: Tx, person: people.Person, line_id: str) -> None:
    """Delete what is hers. The answer to a call for help outlives her row: it waits under the master key, with `to`."""
    for row, body in _opened(tx, person):
        if body.get("urgent"):
            plain = json.dumps(body | {"to": line_id}, ensure_ascii=False, separators=(",", ":")).encode()
            blob = tx.keys.master.seal_transport(plain, _place(row.dedupe))
            tx.c.execute(update(Outgoing).where(Outgoing.id == row.id).values(body=blob, person_id=None))
    tx.c.execute(delete(Outgoing).where(Outgoing.person_id == person.id))


def _opened(tx: Tx, person: people.Person) -> list[tuple[Any, dict[str, Any]]]:
    rows = tx.c.execute(
        select(Outgoing.id, Outgoing.dedupe, Outgoing.state, Outgoing.body).where(
            Outgoing.person_id == person.id, text("state < 3")
        )
    ).all()
    return [(row, json.loads(person.open("outbox", "body", row.id, row.body))) for row in rows]


def held(tx: Tx, person: people.Person) -> list[dict[str, Any]]:
    """Every message on its way to her, opened, for herself."""
    rows = tx.c.execute(select(*_ROWS.c).where(_ROWS.c.person_id == person.id).order_by(_ROWS.c.born_at))
    shown = (
        "way",
        "frozen",
        "retry_key",
        "born_at",
        "due_at",
        "reply_until",
        "first_try_at",
        "tries",
        "error",
    )
    return [
        {name: getattr(row, name) for name in shown}
        | {
            "state": SendState(row.state).name.lower(),
            "content": json.loads(person.open("outbox", "body", row.id, row.body)) if row.body else None,
        }
        for row in rows
    ]


def counts(tx: Tx) -> dict[SendState, int]:
    found = tx.c.execute(select(Outgoing.state, func.count()).group_by(Outgoing.state)).all()
    return {SendState(state): n for state, n in found}


def oldest_open_at(tx: Tx) -> datetime | None:
    return tx.c.scalar(select(func.min(Outgoing.born_at)).where(text("state < 3")))


def open_errors(tx: Tx) -> dict[str, int]:
    """Of messages that are still open and have failed before: the tries, by what the last one came to."""
    open_and_failed = (text("state < 3"), Outgoing.error.is_not(None), Outgoing.error != "")
    found = tx.c.execute(
        select(Outgoing.error, func.sum(Outgoing.tries)).where(*open_and_failed).group_by(Outgoing.error)
    )
    return {error: int(tries) for error, tries in found if error}


def forget_before(tx: Tx, limit: datetime) -> int:
    """Retention: ended rows (bodies long erased) go."""
    rows = table(Outgoing)
    ended = rows.c.state.not_in(OPEN_STATES)
    return tx.c.execute(delete(rows).where(rows.c.born_at < limit, ended)).rowcount
