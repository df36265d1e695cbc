"""What a child would otherwise do again each time: statements compiled, web application made, nothing left open.

Without this a life costs five times as much. The store that children inherit has run every flow once in this process,
in its only thread and with LINE's answers invented, and has then closed its connections.
"""

from __future__ import annotations

from concurrent.futures import Executor, Future
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot import web, wiring
from bot.clock import PlanClock
from bot.config import Settings
from bot.intake import Intake
from care.desk import Desk
from handlers.drain import Drain
from scheduler.calendar import KINDS, CalendarTick
from scheduler.outbox import OutboxTick
from storage import inbox, outbox
from storage.models import SendState
from storage.outbox import Parcel, Settled
from storage.session import random_id
from storage.store import Now, Store


class Warmth:
    """One store for one database file, to be handed to every child under a name and a clock of its own."""

    def __init__(self, chosen: Settings, desk: Desk) -> None:
        self._clock = PlanClock()
        self._store = wiring.open_store(chosen, self._clock, self._clock.now)
        self._desk = desk
        web.create(chosen, wiring.runtime(chosen, desk, self._clock)).test_client().get("/healthz")
        self._store.database.close()

    def store(self, clock: Now) -> Store:
        return replace(self._store, owner=random_id(), machine=clock, plan=clock)

    def rehearse(self, body: bytes) -> None:
        """Run one webhook through everything that touches the database."""
        store = self.store(self._clock.now)
        handed: list[tuple[bytes, list[Parcel]]] = []
        fresh = Intake(lambda: store, None, store.machine, store.plan).take(body)
        drain = Drain(store, self._desk, lambda: 1, lambda key, parcels: handed.append((key, parcels)))
        drain.round()
        with store.begin() as tx:
            for event in fresh:
                inbox.mark_answered(tx, event.event_id, store.machine())
            outbox.answered_elsewhere(tx, b"")
        drain.round([(key, [_refused(parcel) for parcel in parcels]) for key, parcels in handed])
        self._clock.advance(timedelta(minutes=1))
        OutboxTick(store, _sent, lambda parcel: {"wire": []}, _Here(), owner=random_id())()
        CalendarTick(store, KINDS)()
        store.database.close()


def _refused(parcel: Parcel) -> Settled:
    return Settled(parcel, SendState.WAITING, "push", parcel.due_at)


def _sent(parcel: Parcel) -> Settled:
    return Settled(parcel, SendState.SENT if parcel.tries else SendState.UNKNOWN, parcel.way, parcel.due_at)


class _Here(Executor):
    """Does what it is given at once, in the caller's thread."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        done: Future[Any] = Future()
        done.set_result(fn(*args, **kwargs))
        return done
