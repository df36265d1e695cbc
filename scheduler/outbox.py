"""Due work: parcels that wait in the outbox, whoever left them. Claimed by row, paced for all processes together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

import structlog

from storage import outbox, pace
from storage.models import SendState
from storage.outbox import Parcel, Settled
from storage.session import Tx
from storage.store import Store

log = structlog.get_logger()

# No more than are sent at once, so that every claim is tried well inside its lease.
BATCH = 32
# LINE allows 2,000 pushes a second; what a town needs is far less, and other tools share the account.
PER_SECOND = 195
FAILURES = 5
LONGEST_BREAK = timedelta(seconds=30)
# A refusal is an answer, and a reply that came too late or a quota that is used up says nothing about LINE's health.
NOT_LINES_FAULT = ("status 4", "token expired", "quota used up")

Send = Callable[[Parcel], Settled]
PushBody = Callable[[Parcel], dict[str, Any]]


@dataclass
class Breaker:
    """After five failures in a row LINE is left alone for a growing while; then one parcel asks whether it is back."""

    random: Random
    failures: int = 0
    closed_until: datetime | None = None

    def allows(self, now: datetime, batch: int) -> int:
        if self.closed_until is not None and now < self.closed_until:
            return 0
        return batch if self.failures < FAILURES else 1

    def learn(self, results: Sequence[Settled], now: datetime) -> None:
        for result in results:
            self.failures = self.failures + 1 if _line_failed(result) else 0
        if self.failures >= FAILURES:
            pause = min(LONGEST_BREAK.total_seconds(), 2.0 ** (self.failures - FAILURES))
            self.closed_until = now + timedelta(seconds=pause * self.random.uniform(0.5, 1.0))


def _line_failed(result: Settled) -> bool:
    is_open_or_unknown = result.state in (SendState.WAITING, SendState.UNKNOWN)
    return is_open_or_unknown and not (result.error or "").startswith(NOT_LINES_FAULT)


@dataclass
class OutboxTick:
    """One look at the outbox. Safe in any number of processes at once.

    `owner` is not the drain's: a reply this process tried too slowly may be taken up here, and only one may settle.
    """

    store: Store
    send: Send
    push_body: PushBody
    executor: Executor
    owner: int
    breaker: Breaker = field(default_factory=lambda: Breaker(Random()))  # noqa: S311  # spreads load, guards nothing

    def __call__(self) -> int:
        """Claim, send, settle; returns how many parcels were tried."""
        now = self.store.machine()
        allowed = self.breaker.allows(now, BATCH)
        if not allowed:
            return 0
        with self.store.begin() as tx:
            parcels = self._claim(tx, now, allowed)
        if not parcels:
            return 0
        results = list(self.executor.map(self._try, parcels))
        with self.store.begin() as tx:
            outbox.settle(tx, results, self.owner)
        self.breaker.learn(results, self.store.machine())
        return len(parcels)

    def _claim(self, tx: Tx, now: datetime, allowed: int) -> list[Parcel]:
        granted = pace.take(tx, "push", now, allowed, PER_SECOND)
        return [self._ready(tx, parcel) for parcel in outbox.claim(tx, self.owner, now, granted)]

    def _ready(self, tx: Tx, parcel: Parcel) -> Parcel:
        """A push is frozen in the same commit that claims it."""
        if parcel.way != "push" or parcel.frozen:
            return parcel
        return outbox.freeze(tx, parcel, self.push_body(parcel), self.store.plan())

    def _try(self, parcel: Parcel) -> Settled:
        try:
            return self.send(parcel)
        except Exception as error:  # noqa: BLE001  # one parcel that cannot be sent must not hold up the others
            log.error("parcel_failed", error=type(error).__name__, tries=parcel.tries)
            pause = timedelta(seconds=min(600.0, 2.0 ** (parcel.tries + 1)))
            state = SendState.WAITING if parcel.tries < FAILURES else SendState.NEEDS_HUMAN
            return Settled(parcel, state, parcel.way, self.store.machine() + pause, type(error).__name__)
