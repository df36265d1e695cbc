"""Make events durable before LINE gets its 200: concurrent requests share a commit; without the database, the spool."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.spool import Spool, Spooled
from line import events
from line.events import Event
from storage import inbox, outbox
from storage.inbox import Arrival
from storage.outbox import Parcel
from storage.session import DATABASE_AWAY, Tx
from storage.store import Store

log = structlog.get_logger()

OLDEST = timedelta(days=30)
# LINE counts an answer after two seconds as none.
PATIENCE = 1.2
TOKEN_LIFE = timedelta(seconds=50)
RETRY_AFTER = 1.0
# How long a commit waits for webhooks that are nearly there, in seconds.
GATHER = 0.0005
# So many webhooks being taken at the same moment are a flood.
FLOOD = 4


class NotKept(Exception):
    """The events could be neither stored nor spooled; LINE must be told so."""


class GroupCommit:
    """The first of several waiting threads commits for all of them, then appoints the next. No thread of its own.

    `expected` says how many threads are on their way here: the leader gives them a moment to come along.
    """

    def __init__(self, commit: Callable[[list[Any]], None], expected: Callable[[], int]) -> None:
        self._commit, self._expected = commit, expected
        self._waiting: list[_Ticket] = []
        self._is_led = False
        self._mutex = threading.Lock()

    def submit(self, item: Any, patience: float) -> None:
        """Returns when the item is durable; raises what the commit raised, or TimeoutError."""
        ticket = _Ticket(item)
        with self._mutex:
            self._waiting.append(ticket)
            ticket.leads, self._is_led = not self._is_led, True
        if not ticket.leads and not ticket.called.acquire(timeout=patience):
            self._give_up(ticket)
        if ticket.leads:
            self._lead()
        if ticket.error is not None:
            raise ticket.error

    def _lead(self) -> None:
        if self._expected() > len(self._waiting):
            time.sleep(GATHER)
        with self._mutex:
            batch, self._waiting = self._waiting, []
        error: Exception | None = None
        try:
            self._commit([ticket.item for ticket in batch])
        except Exception as caught:  # noqa: BLE001  # handed to every thread that waits for this commit
            error = caught
        finally:
            self._pass_on()
        for ticket in batch:
            ticket.error = error
            ticket.called.release()

    def _pass_on(self) -> None:
        with self._mutex:
            successor = self._waiting[0] if self._waiting else None
            self._is_led = successor is not None
            if successor is not None:
                successor.leads = True
                successor.called.release()

    def _give_up(self, ticket: _Ticket) -> None:
        with self._mutex:
            if ticket.leads:
                return  # Appointed in the very moment the patience ended.
            if ticket in self._waiting:
                self._waiting.remove(ticket)
        raise TimeoutError


class _Ticket:
    """One thread's item, and the lock it sleeps on until it is committed or appointed."""

    def __init__(self, item: Any) -> None:
        self.item = item
        self.leads = False
        self.error: Exception | None = None
        self.called = threading.Lock()
        self.called.acquire()


class Intake:
    """`store` gives the open store, or None while there is none."""

    def __init__(
        self,
        store: Callable[[], Store | None],
        spool: Spool | None,
        machine: Callable[[], datetime],
        plan: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._spool = spool
        self._machine = machine
        self._plan = plan
        self._group = GroupCommit(self._commit, lambda: self._under_way)
        self._away_until = 0.0
        self._under_way = 0
        self._count = threading.Lock()

    def take(self, body: bytes) -> list[Event]:
        """Keep every event of a body that has an effect here; returns those nobody had kept before. Raises NotKept."""
        with self._count:
            self._under_way += 1
        try:
            return self._take(body)
        finally:
            with self._count:
                self._under_way -= 1

    def is_flooded(self) -> bool:
        """Webhooks come faster than they can be answered: then LINE's 200 goes before our own work."""
        return self._under_way >= FLOOD

    def _take(self, body: bytes) -> list[Event]:
        found = [(event, raw) for raw in events.split(body) if (event := self._wanted(raw)) is not None]
        if not found:
            return []
        now = self._machine()
        batch = _Batch(
            [event for event, _ in found],
            [_arrival(event, raw, now, answered=False) for event, raw in found],
            now,
        )
        store = self._store()
        if store is not None and time.monotonic() >= self._away_until:
            try:
                self._group.submit(batch, PATIENCE)
            except (*DATABASE_AWAY, TimeoutError) as error:
                self._away_until = time.monotonic() + RETRY_AFTER
                log.warning("database_away", error=type(error).__name__)
            else:
                return batch.fresh
        self._keep_aside(body, now)
        return batch.events

    def replay(self, was_answered: Callable[[str], bool]) -> int:
        """Bring spooled bodies into the database that is back; returns how many. Answered ones stay answered."""
        if self._spool is None or self._store() is None or self._spool.is_empty():
            return 0
        return self._spool.replay(lambda spooled: self._restore(spooled, was_answered))

    def _restore(self, spooled: list[Spooled], was_answered: Callable[[str], bool]) -> None:
        batches = []
        for one in spooled:
            found = [
                (event, raw) for raw in events.split(one.body) if (event := events.read(raw)) is not None
            ]
            arrivals = [
                _arrival(event, raw, one.received_at, answered=was_answered(event.event_id))
                for event, raw in found
            ]
            batches.append(_Batch([event for event, _ in found], arrivals, one.received_at))
        self._commit(batches)
        log.info("spool_replayed", bodies=len(spooled))

    def close(self) -> None:
        if self._spool is not None:
            self._spool.close()

    def spool_is_empty(self) -> bool:
        return self._spool is None or self._spool.is_empty()

    def spool_files(self) -> int:
        """How many files wait; 0 also where there is no key to write one with."""
        return 0 if self._spool is None else self._spool.count()

    def _wanted(self, raw: dict[str, Any]) -> Event | None:
        """Older than the memory of event ids: it might be a repeat of something done long ago."""
        event = events.read(raw)
        return event if event is not None and self._plan() - event.happened_at < OLDEST else None

    def _keep_aside(self, body: bytes, now: datetime) -> None:
        if self._spool is None:
            raise NotKept
        try:
            self._spool.append(body, now)
        except OSError as error:
            log.error("spool_failed", error=type(error).__name__)
            raise NotKept from None

    def _commit(self, batches: list[_Batch]) -> None:
        store = self._store()
        if store is None:
            raise TimeoutError
        with store.begin() as tx:
            kept = inbox.store(tx, [arrival for batch in batches for arrival in batch.personal])
            for batch in batches:
                _say_farewell(tx, batch)
        for batch in batches:
            batch.fresh = [event for event in batch.events if event.chat != "user" or event.event_id in kept]
            # The same event may have come twice within this commit: one of the two is new.
            kept -= {event.event_id for event in batch.fresh}


class _Batch:
    def __init__(self, found: list[Event], arrivals: list[Arrival], received_at: datetime) -> None:
        self.events = found
        self.received_at = received_at
        self.personal = [
            arrival for event, arrival in zip(found, arrivals, strict=True) if event.chat == "user"
        ]
        self.fresh: list[Event] = []


def _arrival(event: Event, raw: dict[str, Any], now: datetime, *, answered: bool) -> Arrival:
    return Arrival(
        event_id=event.event_id,
        user_id=event.chat_id,
        message_id=event.message_id,
        unsent_id=event.unsent_id,
        happened_at=event.happened_at,
        received_at=now,
        raw=json.dumps(raw, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace"),
        answered=answered,
    )


def _say_farewell(tx: Tx, batch: _Batch) -> None:
    """Groups and rooms get one neutral sentence and are left. Nothing about them or anybody in them is kept."""
    shared = [event for event in batch.events if event.chat != "user"]
    outbox.add(tx, [(_farewell(tx, event, batch.received_at), None) for event in shared])


def _farewell(tx: Tx, event: Event, now: datetime) -> Parcel:
    window = event.timestamp_ms // 600_000
    return Parcel(
        id=tx.ids(),
        dedupe=tx.keys.index("leave", f"{event.chat_id} {window}"),
        person_id=None,
        to="",
        way="leave",
        body={"chat": event.chat, "chat_id": event.chat_id, "token": event.reply_token},
        retry_key=str(uuid.UUID(int=tx.ids() << 64 | tx.ids(), version=4)),
        born_at=now,
        due_at=now,
        reply_until=now + TOKEN_LIFE,
    )
