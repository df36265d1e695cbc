"""Due work: what is kept no longer than promised. Once a day by the plan's clock; safe to repeat."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from care import erasures, screenings
from storage import conversations, inbox, links, missed, outbox
from storage.session import Tx

log = structlog.get_logger()

KIND = "housekeeping"
EVERY = timedelta(days=1)

# Retention, from the design's table of what is kept before consent and the requirements' table after it.
EVENT_IDS = timedelta(days=30)
PARKED = timedelta(days=7)
SENT = timedelta(days=7)
LINKS = timedelta(days=1)
# Single answers of a questionnaire; after that only the band (requirements, retention defaults).
ANSWERS = timedelta(days=365)
AT_ONCE = 2000
# A half-answered questionnaire asks about "the last week": after a day its answers mean something else.
UNFINISHED = timedelta(days=1)
# Half a year is long enough to notice what the catalogue lacks; what nobody asks for any more is nobody's business.
MISSED = timedelta(days=180)


def key(plan_now: datetime) -> str:
    """One run per day."""
    return plan_now.date().isoformat()


def run(tx: Tx, machine_now: datetime, plan_now: datetime) -> None:
    """Delete what is past its time, in the caller's transaction."""
    events = inbox.forget_before(tx, machine_now - EVENT_IDS, machine_now - PARKED)
    parcels = outbox.forget_before(tx, machine_now - SENT)
    unfinished = conversations.drop_untouched_since(tx, plan_now - UNFINISHED)
    missed.forget_before(tx, (plan_now - MISSED).date())
    aged = screenings.age_out(tx, plan_now - ANSWERS, AT_ONCE)
    links.forget_before(tx, plan_now - LINKS)
    # Whom the calendar has missed: a due row that failed too often must not keep anybody.
    erasures.destroy_due(tx, plan_now)
    log.info("housekeeping_done", events=events, parcels=parcels, unfinished=unfinished, aged=aged)
