"""The two clocks: the machine's, for leases and retries; the plan's, for what is due, which can be moved."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


def machine_now() -> datetime:
    return datetime.now(UTC)


class PlanClock:
    """Runs with the machine's clock, at a distance that can be set at start (EAP_NOW) and moved later."""

    def __init__(self, start_at: datetime | None = None) -> None:
        self._ahead = start_at - machine_now() if start_at is not None else timedelta(0)

    def now(self) -> datetime:
        return machine_now() + self._ahead

    def advance(self, by: timedelta) -> None:
        self._ahead += by
