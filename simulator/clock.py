"""The simulator's clock: the machine's own, moved forward by whoever rehearses next week."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What the platform asks for: the moment, and a way to move it."""

    def now(self) -> datetime: ...

    def advance(self, by: timedelta) -> None: ...


class MovableClock:
    """The machine's clock and an offset. Moving it back is allowed: clocks of real hosts do that too."""

    def __init__(self, offset: timedelta = timedelta()) -> None:
        self.offset = offset

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset

    def advance(self, by: timedelta) -> None:
        self.offset += by


def milliseconds(moment: datetime) -> int:
    """As LINE writes timestamps."""
    return int(moment.timestamp() * 1000)
