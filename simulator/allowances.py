"""How much the account may send: the month's quota, and the documented rate of every endpoint."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from simulator.refusals import quota_exceeded, rate_exceeded

# LINE counts days, and so months, in Japan.
JAPAN = timezone(timedelta(hours=9))
_HOUR = 3600.0
_RATES: dict[str, tuple[int, float]] = {
    "narrowcast": (60, _HOUR),
    "broadcast": (60, _HOUR),
    "delivery": (60, _HOUR),
    "webhook_test": (60, _HOUR),
    "webhook_endpoint": (1000, 60.0),
    "richmenu_create": (100, _HOUR),
    "richmenu_delete": (100, _HOUR),
    "alias_delete": (100, _HOUR),
    "richmenu_list": (10, 1.0),
    "multicast": (200, 1.0),
    "loading": (100, 1.0),
    "token": (370, 1.0),
}
_ELSE = (2000, 1.0)


@dataclass
class Quota:
    """Recipients of pushes a month; `limit` None is a plan without one. Replies cost nothing."""

    limit: int | None = None
    used: dict[str, int] = field(default_factory=dict)
    """By month, as 2026-11."""
    sent: dict[str, int] = field(default_factory=dict)
    """By kind and day, as push/20261122: what /message/delivery counts."""

    def consumption(self, now: datetime) -> int:
        return self.used.get(_month(now), 0)

    def check(self, recipients: int, now: datetime) -> None:
        """Raises 429 when the month does not have so many left."""
        if self.limit is not None and recipients and self.consumption(now) + recipients > self.limit:
            raise quota_exceeded()

    def spend(self, kind: str, recipients: int, now: datetime) -> None:
        day = f"{kind}/{now.astimezone(JAPAN):%Y%m%d}"
        self.sent[day] = self.sent.get(day, 0) + recipients
        if kind != "reply":
            self.used[_month(now)] = self.consumption(now) + recipients


def _month(now: datetime) -> str:
    return f"{now.astimezone(JAPAN):%Y-%m}"


class Buckets:
    """One token bucket an endpoint, by real time: moving the simulator's clock fills none."""

    def __init__(self, *, enforced: bool = True, now: Callable[[], float] = time.monotonic) -> None:
        self.enforced = enforced
        self._now = now
        self._lock = threading.Lock()
        self._levels: dict[str, tuple[float, float]] = {}

    def take(self, endpoint: str) -> None:
        """Raises 429 when calls to this endpoint come faster than LINE allows."""
        if not self.enforced:
            return
        most, seconds = _RATES.get(endpoint, _ELSE)
        with self._lock:
            now = self._now()
            level, at = self._levels.get(endpoint, (float(most), now))
            level = min(float(most), level + (now - at) * most / seconds)
            if level < 1:
                self._levels[endpoint] = (level, now)
                raise rate_exceeded()
            self._levels[endpoint] = (level - 1, now)
