"""Due work of every kind: who may look (one leader), what is put on the calendar, and each row done once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from scheduler import erasures, housekeeping
from storage import due, inbox, leases
from storage.due import DueRow
from storage.session import Tx
from storage.store import Store

log = structlog.get_logger()

LEADER = "clock"
LEASE_SECONDS = 5.0
BATCH = 20
MINUTE = timedelta(minutes=1)
SWEEP_EVERY = MINUTE / 2

Run = Callable[[Tx, datetime, datetime], None]

KINDS: Mapping[str, Run] = {
    housekeeping.KIND: housekeeping.run,
    erasures.KIND: erasures.run,
    erasures.TRACES: lambda tx, machine_now, plan_now: None,
}
# What cannot be done inside a transaction, and is safe to repeat: done before the row is marked.
OUTSIDE: Mapping[str, Callable[[Store], None]] = {erasures.TRACES: erasures.clear_traces}


@dataclass
class CalendarTick:
    """One look at the calendar. Of several workers one leads, the others stand by; two leaders would do no harm."""

    store: Store
    kinds: Mapping[str, Run]
    _swept_at: datetime | None = field(default=None, init=False)

    def __call__(self) -> int:
        """Returns how many due rows were done."""
        store = self.store
        with store.begin() as tx:
            if not leases.hold(tx, LEADER, store.owner, store.machine(), LEASE_SECONDS):
                return 0
            self._plan_ahead(tx)
            self._sweep(tx)
            rows = due.claim(tx, store.owner, store.machine(), store.plan(), BATCH)
        return sum(self._run(row) for row in rows)

    def _plan_ahead(self, tx: Tx) -> None:
        now = self.store.plan()
        due.add(tx, housekeeping.KIND, housekeeping.key(now), now)

    def _sweep(self, tx: Tx) -> None:
        """Who wrote in which minute is forgotten when the next one is over."""
        now = self.store.machine()
        if self._swept_at is None or abs(now - self._swept_at) >= SWEEP_EVERY:
            inbox.forget_hands(tx, now - 2 * MINUTE)
            self._swept_at = now

    def _run(self, row: DueRow) -> bool:
        """The row's effects and its mark are one transaction, so it is done once or not at all."""
        store = self.store
        try:
            if row.kind in OUTSIDE:
                OUTSIDE[row.kind](store)
            with store.begin() as tx:
                self.kinds[row.kind](tx, store.machine(), store.plan())
                if not due.finish(tx, row, store.owner, store.plan()):
                    raise TakenOver
        except TakenOver:
            return False
        except Exception as error:  # noqa: BLE001  # one bad row must not stop the others
            log.error("due_row_failed", kind=row.kind, error=type(error).__name__, tries=row.tries)
            with store.begin() as tx:
                due.fail(tx, row, type(error).__name__, store.machine())
            return False
        return True

    def let_go(self) -> None:
        """Hand the clock over at once when this process stops."""
        with self.store.begin() as tx:
            leases.let_go(tx, LEADER, self.store.owner)


class TakenOver(Exception):
    """Another process has this row by now; what this one did is undone."""
