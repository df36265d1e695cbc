"""What runs in a process beside its requests: the client, the open database, the drain, the answers under way."""

from __future__ import annotations

import queue
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from random import Random

import structlog

from bot.facts import Free, free_bytes
from bot.intake import Intake
from bot.logs import Complaint
from bot.watch import EVERY as WATCH_EVERY
from bot.watch import Watch
from care.desk import Desk
from handlers import crisis
from handlers.crisis import CrisisLine
from handlers.deliver import Deliver
from handlers.drain import BATCH, PER_MINUTE, Drain
from line import events, render
from line.client import CONNECTIONS, LineClient
from line.events import Event
from storage import inbox, outbox
from storage.outbox import Parcel, Settled
from storage.session import DATABASE_AWAY
from storage.store import Now, Store

log = structlog.get_logger()

SENDERS = CONNECTIONS - 16
CRISIS_SENDERS = 16
POLL = 1.0
# In a flood: how long webhooks go first before each round, and how many events the round takes.
GIVE_WAY = 0.5
SMALL_BATCH = 24
# LINE counts an answer after two seconds as none.
PATIENCE = 1.2


class Runtime:
    """One per process, made after the fork. `open_store` gives the database or raises while it is away.

    Implements the webhook's Door: events are taken at once, their work is done by the threads that `start` starts.
    """

    def __init__(
        self,
        *,
        desk: Desk,
        connect: Callable[[], LineClient],
        open_store: Callable[[], Store],
        make_intake: Callable[[Callable[[], Store | None]], Intake],
        machine: Now,
        plan: Now,
        folders: Sequence[Path],
        free: Free = free_bytes,
        per_minute: int = PER_MINUTE,
    ) -> None:
        self.desk = desk
        self._per_minute = per_minute
        self.trouble: str | None = "starting"
        self.fault: str | None = None
        self.machine = machine
        self.intake = make_intake(lambda: self.store)
        self.store: Store | None = None
        self._connect, self._open_store = connect, open_store
        self._client: LineClient | None = None
        self._client_ready = threading.Event()
        # Spreads retries, guards nothing.
        self.deliver = Deliver(self.client, desk, machine, plan, Random())  # noqa: S311
        self.crisis_line = CrisisLine(self.client, desk)
        self._begun, self._answered = _Recent(10_000), _Recent(10_000)
        self._senders = ThreadPoolExecutor(SENDERS, "send")
        self._crisis_senders = ThreadPoolExecutor(CRISIS_SENDERS, "crisis")
        self._settled: queue.SimpleQueue[tuple[bytes, list[Settled]]] = queue.SimpleQueue()
        self._unsettled: list[tuple[bytes, list[Settled]]] = []
        self._in_flight = 0
        self._count = threading.Lock()
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._drain_trouble = Complaint(log, "drain_failed")
        self._replay_trouble = Complaint(log, "spool_not_replayed")
        self.watch = Watch(self, folders, machine, free)

    # Starting and stopping

    def start(self) -> None:
        """Begin connecting, opening and draining; returns at once."""
        for work in (self._connect_loop, self._keep_open, self._drain_loop, self._watch_loop):
            thread = threading.Thread(target=work, name=work.__name__.strip("_"), daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """Finish what has begun: the round, the replies under way, their settling. Nothing new is taken."""
        self._stopping.set()
        self._wake.set()
        for thread in self._threads:
            thread.join(timeout=20)
        self._crisis_senders.shutdown(wait=True)
        self._senders.shutdown(wait=True)
        self.intake.close()
        if self._client is not None:
            self._client.close()
        if self.store is not None:
            try:
                self._settle_rest(self.store)
            except DATABASE_AWAY:
                log.warning("unsettled_at_stop")
            self.store.database.close()

    @property
    def reason(self) -> str | None:
        """Why it is not ready, for whoever looks."""
        return self.trouble or (
            None if self._client_ready.is_set() else "the client of LINE is still being made"
        )

    @property
    def is_ready(self) -> bool:
        return self.store is not None and self._client_ready.is_set()

    def client(self) -> LineClient:
        """The process's client; whoever comes before it is there waits for it."""
        self._client_ready.wait()
        assert self._client is not None
        return self._client

    # The webhook's door

    def take(self, body: bytes) -> list[Event]:
        return self.intake.take(body)

    def after(self, fresh: Sequence[Event]) -> None:
        for event in fresh:
            if crisis.judge(event, self.desk):
                self._crisis_senders.submit(self._answer_crisis, event)
        self.wake()

    def answer_now(self, body: bytes) -> None:
        at_risk = [event for event in events.parse(body) if crisis.judge(event, self.desk)]
        wait([self._crisis_senders.submit(self._answer_crisis, event) for event in at_risk], timeout=PATIENCE)

    def wake(self) -> None:
        # Setting it again would cost every webhook of a flood a switch to the drain's thread.
        if not self._wake.is_set():
            self._wake.set()

    def _answer_crisis(self, event: Event) -> None:
        # Without the database a repeat looks new; one answer under way is enough, and one that failed is no answer.
        if not self._begun.add(event.event_id):
            return
        try:
            if self.crisis_line.answer(event):
                self._answered.add(event.event_id)
                self._mark_answered(event)
            else:
                self._begun.discard(event.event_id)
        except Exception as error:  # noqa: BLE001  # the safety copy in the outbox goes out instead
            self._begun.discard(event.event_id)
            log.error("crisis_answer_failed", error=type(error).__name__)

    def _mark_answered(self, event: Event) -> None:
        if self.store is None:
            return
        try:
            with self.store.begin() as tx:
                inbox.mark_answered(tx, event.event_id, self.store.machine())
                outbox.answered_elsewhere(tx, tx.keys.index("crisis", event.event_id))
        except DATABASE_AWAY as error:
            log.warning("crisis_mark_missed", error=type(error).__name__)

    # Threads

    def _connect_loop(self) -> None:
        render.warm()
        for reply in self.desk.crisis.values():
            render.render(reply)
        self._client = self._connect()
        self._client_ready.set()
        self._wake.set()

    def _keep_open(self) -> None:
        while not self._stopping.is_set():
            self._try_open()
            self._try_replay()
            self._stopping.wait(POLL)

    def _try_open(self) -> None:
        if self.store is not None:
            return
        try:
            self.store = self._open_store()
            self.trouble = self.fault = None
            log.info("database_open")
            self._wake.set()
        except Exception as error:  # noqa: BLE001  # the reason is kept for /readyz; crisis replies go on meanwhile
            away = isinstance(error, DATABASE_AWAY)
            fault = "database" if away else type(error).__name__
            if fault != self.fault:
                log.error("database_not_open", error=type(error).__name__)
            self.fault = fault
            self.trouble = "the database does not answer" if away else str(error)

    def _try_replay(self) -> None:
        try:
            if self.intake.replay(self._answered.__contains__):
                self._wake.set()
            self._replay_trouble.went_well()
        except Exception as error:  # noqa: BLE001  # the spool stays; the next look tries again
            self._replay_trouble.failed(error)

    def _drain_loop(self) -> None:
        while not self._stopping.is_set():
            self._wake.wait(POLL)
            self._wake.clear()
            if self.store is None or not self._client_ready.is_set():
                continue
            try:
                self._rounds(self.store)
                self._drain_trouble.went_well()
            except Exception as error:  # noqa: BLE001  # nothing may end this thread; the leases run out, rows stay
                self._drain_trouble.failed(error)
                self._stopping.wait(0.3)

    def _watch_loop(self) -> None:
        while not self._stopping.wait(WATCH_EVERY):
            try:
                self.watch.note()
            except Exception as error:  # noqa: BLE001  # whoever watches must not be what falls over
                log.error("watch_failed", error=type(error).__name__)

    def _rounds(self, store: Store) -> None:
        drain = Drain(store, self.desk, self._room, self._hand_over, self._per_minute)
        while True:
            batch = self._give_way()
            self._collect()
            worked = drain.round(self._unsettled, batch)
            self._unsettled = []
            if (not worked and self._settled.empty()) or self._stopping.is_set():
                return

    def _give_way(self) -> int:
        """In a flood of webhooks, let them go first and take small rounds; returns how many events to take."""
        if not self.intake.is_flooded():
            return BATCH
        self._stopping.wait(GIVE_WAY)
        return SMALL_BATCH

    def _collect(self) -> None:
        while not self._settled.empty():
            self._unsettled.append(self._settled.get())

    def _settle_rest(self, store: Store) -> None:
        self._collect()
        with store.begin() as tx:
            outbox.settle(tx, [result for _, results in self._unsettled for result in results], store.owner)
            inbox.release(tx, store.owner, {key: None for key, _ in self._unsettled})

    # Replies under way

    def _room(self) -> int:
        return SENDERS - self._in_flight

    def _hand_over(self, key: bytes, parcels: list[Parcel]) -> None:
        with self._count:
            self._in_flight += 1
        self._senders.submit(self._send, key, parcels)

    def _send(self, key: bytes, parcels: list[Parcel]) -> None:
        results: list[Settled] = []
        try:
            results.extend(self.deliver.send(parcel) for parcel in parcels)
        except Exception as error:  # noqa: BLE001  # the row stays in doubt and is taken up when its lease ends
            log.error("reply_failed", error=type(error).__name__)
        with self._count:
            self._in_flight -= 1
        self._settled.put((key, results))
        self._wake.set()


class _Recent:
    """The ids of the last events that the crisis line has begun to answer, or has answered, in memory only."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._ids: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()

    def add(self, event_id: str) -> bool:
        """Whether it was not there yet."""
        with self._lock:
            is_new = event_id not in self._ids
            self._ids[event_id] = None
            while len(self._ids) > self._size:
                self._ids.popitem(last=False)
            return is_new

    def discard(self, event_id: str) -> None:
        with self._lock:
            self._ids.pop(event_id, None)

    def __contains__(self, event_id: str) -> bool:
        return event_id in self._ids
