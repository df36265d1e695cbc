"""Due work: people whose day to take it back is over are destroyed, and then the bytes a database still holds."""

from __future__ import annotations

from datetime import datetime

import structlog

from care import erasures
from storage.session import Tx
from storage.store import Store

log = structlog.get_logger()

KIND = erasures.DUE
TRACES = erasures.TRACES


# Person keys, events and farewells: everything else is sealed under a person's key, and noise without it.
_UNDER_THE_MASTER_KEY = ("people", "inbox", "outbox")


class Busy(Exception):
    """Somebody reads or writes just now; later."""


def run(tx: Tx, machine_now: datetime, plan_now: datetime) -> None:
    """Destroy everybody whose day is over, in the caller's transaction: with all that is theirs, or not at all."""
    log.info("erased", people=erasures.destroy_due(tx, plan_now))


def clear_traces(store: Store) -> None:
    """Make the database let go of the bytes of keys that were destroyed. Outside any transaction, safe to repeat.

    Raises Busy when somebody is in the way.
    """
    if not store.database.forget_old_bytes(_UNDER_THE_MASTER_KEY):
        raise Busy
    log.info("traces_cleared")
