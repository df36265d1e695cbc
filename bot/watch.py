"""Looks at the service from inside, and says once in the log what has gone wrong or right."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

import structlog

from bot import alarms, facts
from bot.alarms import Alarm
from bot.facts import Facts, Free
from bot.intake import Intake
from storage.session import DATABASE_AWAY
from storage.store import Now, Store

log = structlog.get_logger()

EVERY = 10.0


class Watched(Protocol):
    """What is looked at of a process."""

    store: Store | None
    trouble: str | None
    fault: str | None
    intake: Intake

    @property
    def is_ready(self) -> bool: ...

    @property
    def reason(self) -> str | None: ...


class Watch:
    """`folders`: where the database and the spool lie. Safe to call from any thread."""

    def __init__(self, run: Watched, folders: Sequence[Path], machine: Now, free: Free) -> None:
        self._run, self._folders, self._machine, self._free = run, folders, machine, free
        self._began_at: datetime = machine()
        self._raised: set[str] = set()

    def look(self) -> Facts:
        """What there is to know now. Never raises; a database that does not answer is one of the facts."""
        run = self._run
        kept, trouble, fault = None, run.reason, run.fault
        if run.store is not None:
            try:
                with run.store.read() as tx:
                    kept = facts.kept(tx, self._machine(), self._began_at)
            except DATABASE_AWAY:
                trouble, fault = "the database does not answer", "database"
        return Facts(
            is_ready=run.is_ready and kept is not None,
            trouble=trouble,
            fault=fault,
            spool_files=run.intake.spool_files(),
            disk_free=facts.least_free(self._folders, self._free),
            kept=kept,
        )

    def note(self) -> list[Alarm]:
        """What is wrong now, logged where it was not wrong at the last look."""
        found = {alarm.name: alarm for alarm in alarms.wrong(self.look())}
        for name in sorted(found.keys() - self._raised):
            log.error("alarm_raised", name=name, says=found[name].says)
        for name in sorted(self._raised - found.keys()):
            log.info("alarm_over", name=name)
        self._raised = set(found)
        return list(found.values())
