"""What is written down at the end of a rehearsal, opened and compared: people, answers, records, events, parcels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from care import erasures
from storage import consents, conversations, keyring, people, screenings
from storage.crypto import MasterKeys, SealBroken
from storage.models import Due, EventState, InboxEvent, Outgoing, SendState
from storage.models import Person as PersonRow
from storage.session import Database, Tx
from tests.crash.flows import line_id
from tests.town import MASTER_KEY


@dataclass(frozen=True)
class Facts:
    """`must_equal` is the same whenever and however often the bot died; the rest is judged."""

    must_equal: dict[str, Any]
    sends: Counter[str]
    unheard: dict[str, int]


class Book:
    """Reads a database that nobody has open. Holds no connection between two looks, so that one may fork."""

    def __init__(self, file: Path) -> None:
        self._database = Database(f"sqlite:///{file}")

    @contextmanager
    def open(self) -> Iterator[Tx]:
        try:
            with self._database.begin() as c:
                yield Tx(c, keyring.unlock(c, MasterKeys.parse(MASTER_KEY)))
        finally:
            self._database.close()

    def facts(self, who: Iterable[str]) -> Facts:
        with self.open() as tx:
            known = {name: _person(tx, name) for name in who}
            events = tx.c.execute(
                select(InboxEvent.state, InboxEvent.payload.is_not(None), func.count()).group_by(
                    InboxEvent.state, InboxEvent.payload.is_not(None)
                )
            ).all()
            sends = tx.c.execute(select(Outgoing.state, Outgoing.body, Outgoing.person_id)).all()
            return Facts(
                {
                    **{name: facts for name, (facts, _) in known.items()},
                    "people": tx.c.scalar(select(func.count()).select_from(PersonRow)),
                    "events": {
                        f"{EventState(s).name} {'sealed' if kept else 'erased'}": n for s, kept, n in events
                    },
                    # What clears old bytes is due seconds later: done or not, as this machine is fast or slow.
                    "due left": tx.c.scalar(
                        select(func.count()).where(Due.done_at.is_(None), Due.kind != erasures.TRACES)
                    ),
                    "integrity": tx.c.exec_driver_sql("pragma integrity_check").scalar(),
                },
                Counter(_ended(*row) for row in sends),
                {name: unheard for name, (_, unheard) in known.items()},
            )


def _ended(state: int, body: bytes | None, person_id: int | None) -> str:
    """An ended parcel has lost its body and its person; one that has not is told apart."""
    return SendState(state).name + (" with body" if body else "") + (" of somebody" if person_id else "")


def _person(tx: Tx, name: str) -> tuple[Any, int]:
    found = people.find(tx, line_id(name))
    if found is None:
        return "nobody", 0
    kept = screenings.last(tx, found, 99)
    facts = {
        "language": found.language,
        "blocked": found.blocked,
        "welcomed": found.welcomed_on is not None,
        "notice": found.notice,
        "conversation": _conversation(tx, found),
        "screenings": [one.record for one in kept],
        "consents": consents.current(tx, found),
    }
    return facts, found.unheard


def _conversation(tx: Tx, person: people.Person) -> Any:
    try:
        return conversations.load(tx, person)
    except SealBroken:
        return "unreadable"
