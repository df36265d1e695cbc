"""Somebody of whom there is a row in every table that can hold one, and every row of a database as it lies there."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from care import exports
from storage import consents, conversations, inbox, links, outbox, people, screenings
from storage.inbox import Arrival
from storage.models import Base, InboxEvent
from storage.models import Person as PersonRow
from storage.outbox import Parcel
from storage.people import Person
from storage.rows import upsert
from storage.session import Tx

RECORD = {
    "instrument": "bsrs5",
    "version": "1",
    "answers": {"sleep": "3", "thoughts": "0"},
    "total": 12,
    "band": "moderate",
    "item6": "0",
}
PARKED = "這一句沒有處理成功所以等人看"
UNDER_WAY = "這一則回覆還在路上沒有送到"


def known(tx: Tx, user: str, now: datetime) -> Person:
    """The person with this LINE id, made if need be."""
    people.add_missing(tx, [user], now)
    found = people.find(tx, user)
    assert found is not None
    return found


def live(tx: Tx, user: str, now: datetime) -> tuple[Person, str]:
    """Fill every table with something of hers; returns her and the token of a link."""
    from storage.models import InHand

    person = known(tx, user, now)
    people.set_welcomed(tx, person, now.date())
    people.set_notice(tx, person, "2026-11")
    people.set_language(tx, person, "zh-Hant")
    people.puzzles_again(tx, person, "沒人看得懂的話")
    people.set_blocked(tx, person, True, now)
    tx.c.execute(update(PersonRow).where(PersonRow.id == person.id).values(unheard=1))
    consents.grant(tx, person, "screening", "1", now)
    consents.withdraw(tx, person, "screening", now + timedelta(minutes=1))
    consents.grant(tx, person, "screening", "1", now + timedelta(minutes=2))
    for n in range(3):
        screenings.add(tx, person, RECORD | {"total": 10 + n}, now + timedelta(days=n - 3))
    conversations.save(tx, person, {"v": 1, "open": [], "aside": "", "list": [["一", "w=menu", "1"]]}, now)
    token = links.make(tx, person, exports.KIND, now + timedelta(minutes=10))
    body = {"reply": [], "language": "zh-Hant", "token": UNDER_WAY, "urgent": False, "fixed": False}
    outbox.add(tx, [(parcel(tx, person, user, now, body), person)])
    raw = json.dumps({"source": {"userId": user}, "message": {"text": PARKED}}, ensure_ascii=False).encode()
    inbox.store(tx, [Arrival(f"parked{person.id}", user, f"m{person.id}", None, now, now, raw)])
    key = tx.keys.index("event", f"parked{person.id}")
    event = tx.c.scalar(select(InboxEvent.id).where(InboxEvent.event_key == key))
    assert event is not None
    inbox.fail(tx, event, "ValueError", park=True)
    hand = {"sender_key": tx.keys.index("line", user), "owner": None, "since": now, "until": now}
    upsert(tx.c, InHand, "sender_key", hand | {"minute": 7, "used": 3})
    found = people.find(tx, user)
    assert found is not None
    return found, token


def parcel(
    tx: Tx, person: Person, user: str, now: datetime, body: dict[str, Any], way: str = "reply"
) -> Parcel:
    number = tx.ids()
    return Parcel(
        id=number, dedupe=str(number).encode(), person_id=person.id, to=user, way=way, body=body,
        retry_key=f"{number:036d}", born_at=now, due_at=now, reply_until=now + timedelta(seconds=50),
    )  # fmt: skip


def rows(tx: Tx) -> dict[str, list[dict[str, Any]]]:
    """Everything in the database, row by row, by table."""
    found = {}
    for table in Base.metadata.sorted_tables:
        lines = [dict(row._mapping) for row in tx.c.execute(select(table))]
        found[table.name] = sorted(lines, key=repr)
    return found
