"""One life of the bot's process, from start to rest: webhook, inbox, drain, outbox, delivery, by the real parts."""

from __future__ import annotations

import mmap
import sqlite3
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from bot import web, wiring
from bot.clock import PlanClock
from bot.config import Settings
from bot.runtime import Runtime
from care.desk import Desk
from line import signature
from storage.store import Store
from tests.crash.warmth import Warmth
from tests.town import SECRET

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOMENT = timedelta(milliseconds=1)
STUCK, CRISIS_TAKES = 10.0, 1.0
ROUNDS = 12


class Stuck(Exception):
    """The bot did not come to rest."""


class Remains:
    """What outlives a killed process: whether LINE got its 200, how far the clock was, what was counted."""

    _LIFE, _COUNTED = struct.Struct("?d"), struct.Struct("qqq")

    def __init__(self) -> None:
        self._life = mmap.mmap(-1, self._LIFE.size)
        self._counted = mmap.mmap(-1, self._COUNTED.size)

    def write(self, answered: bool, ahead: float) -> None:
        self._LIFE.pack_into(self._life, 0, answered, ahead)

    def read(self) -> tuple[bool, float]:
        answered, ahead = self._LIFE.unpack_from(self._life, 0)
        return answered, ahead

    def count(self, start: int, end: int, total: int) -> None:
        self._COUNTED.pack_into(self._counted, 0, start, end, total)

    def counted(self) -> tuple[int, int, int]:
        start, end, total = self._COUNTED.unpack_from(self._counted, 0)
        return start, end, total


@dataclass(frozen=True)
class Life:
    """`ahead`: how many seconds after the first life this one is. `only_stores`: it takes the bodies, and ends."""

    settings: Settings
    database: Path
    bodies: tuple[bytes, ...]
    ahead: float = 0.0
    only_stores: bool = False


def live(life: Life, desk: Desk, warmth: Warmth, remains: Remains) -> None:
    """Start, take the webhooks, work until nothing is left to do (pauses are jumped over), stop. Raises Stuck."""
    clock = PlanClock()
    clock.advance(timedelta(seconds=life.ahead))
    run = wiring.runtime(life.settings, desk, clock, clock.now)
    run.store = warmth.store(clock.now)
    remains.write(False, life.ahead)
    if life.only_stores:
        for body in life.bodies:
            run.take(body)
        return
    door = web.create(life.settings, run).test_client()
    run.start()
    _until(lambda: run.is_ready)
    answered = [_deliver(door, body, life, remains) for body in life.bodies]
    _work_on(run, run.store, clock, life, lambda ahead: remains.write(any(answered), ahead))
    run.stop()


def _deliver(door: FlaskClient, body: bytes, life: Life, remains: Remains) -> bool:
    given = door.post("/callback", data=body, headers={signature.HEADER: signature.sign(body, SECRET)})
    # From here on LINE has its 200; what follows it happens on closing.
    remains.write(given.status_code == 200, life.ahead)
    given.close()
    return given.status_code == 200


def _work_on(run: Runtime, store: Store, clock: PlanClock, life: Life, tell: Callable[[float], None]) -> None:
    ticks, work, ahead = wiring.ticks(run, store), _Work(life.database, clock.now), life.ahead
    for _ in range(ROUNDS):
        _until(work.is_quiet)
        _until(work.crisis_is_over, CRISIS_TAKES, may_fail=True)
        for tick in ticks:
            while tick():
                pass
        _until(work.is_quiet)
        pause = work.pause()
        if pause is None:
            work.close()
            return
        clock.advance(pause)
        ahead += pause.total_seconds()
        tell(ahead)
        run.wake()
    raise Stuck("there is always something left")


class _Work:
    """What is still to be done, seen from beside: these looks must not count as instructions of ours."""

    def __init__(self, database: Path, now: Callable[[], datetime]) -> None:
        self._c = sqlite3.connect(database, isolation_level=None)
        self._now = now

    def is_quiet(self) -> bool:
        """No event is free or being worked on, no parcel is in living hands."""
        return not self._count(
            "select count(*) from inbox e left join in_hand h on h.sender_key = e.sender_key"
            " where e.state = 0 and (h.owner is not null or coalesce(h.until, 0) < :now)"
        ) and not self._count(
            "select count(*) from outbox where state < 3 and lease_owner is not null and lease_until >= :now"
        )

    def crisis_is_over(self) -> bool:
        """No reply waits beside the crisis line, which answers in these moments."""
        return not self._count("select count(*) from outbox where state = 0 and way = 'reply' and due_at > :now")

    def pause(self) -> timedelta | None:
        """How long until something can go on, or None when nothing is left."""
        then = self._c.execute(
            "select min(t) from (select coalesce(h.until, 0) t from inbox e left join in_hand h on"
            " h.sender_key = e.sender_key where e.state = 0 union all"
            " select max(due_at, coalesce(lease_until, 0)) from outbox where state < 3)"
        ).fetchone()[0]
        if then is None:
            return None
        return max(timedelta(), EPOCH + timedelta(microseconds=then) - self._now()) + MOMENT

    def close(self) -> None:
        self._c.close()

    def _count(self, query: str) -> Any:
        now = (self._now() - EPOCH) // timedelta(microseconds=1)
        return self._c.execute(query, {"now": now}).fetchone()[0]


def _until(fact: Callable[[], bool], seconds: float = STUCK, *, may_fail: bool = False) -> None:
    end = time.monotonic() + seconds
    while not fact():
        if time.monotonic() > end:
            if may_fail:
                return
            raise Stuck(getattr(fact, "__name__", "start"))
        time.sleep(0.001)
