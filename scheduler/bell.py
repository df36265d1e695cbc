"""APScheduler, which here only rings, in one process; what is due is decided by rows in the database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC

from apscheduler.schedulers.background import BackgroundScheduler

Tick = Callable[[], object]


def ring(ticks: dict[str, tuple[Tick, float]]) -> BackgroundScheduler:
    """Call every tick each so many seconds, late rather than never, one at a time. Started; `shutdown()` ends it."""
    scheduler = BackgroundScheduler(
        timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
    )
    for name, (tick, seconds) in ticks.items():
        scheduler.add_job(tick, "interval", seconds=seconds, id=name)
    scheduler.start()
    return scheduler
