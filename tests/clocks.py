"""Time for tests: a clock that starts where a test wants it and runs as fast as it wants, for everybody in the town."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from bot.clock import PlanClock

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


class FastClock(PlanClock):
    """Leases, pauses, LINE's minute and the plan all pass `times` as fast as on the wall."""

    def __init__(self, times: float = 1.0, start_at: datetime = START) -> None:
        super().__init__()
        self._started, self._begin, self._times = time.monotonic(), start_at, times
        self._jumped = timedelta()

    def machine(self) -> datetime:
        passed = (time.monotonic() - self._started) * self._times
        return self._begin + timedelta(seconds=passed) + self._jumped

    def now(self) -> datetime:
        return self.machine() + self._ahead

    def jump(self, by: timedelta) -> None:
        """The machine's own clock is set, forwards or back: leases and pauses see it."""
        self._jumped += by
