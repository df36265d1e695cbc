"""`/metrics` for Prometheus: figures computed from the database at each scrape, so that every process says the same.

Nothing in it tells a person, a topic, or that somebody just called for help: crises are a count of whole days that are
over, and none of fewer than five.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from bot import alarms
from bot.facts import Facts, Kept
from storage import inbox
from storage.models import SendState
from storage.session import DATABASE_AWAY
from storage.store import Now, Store

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SMALLEST_CELL = 5
# What was answered just before midnight is written down by then.
DAY_IS_OVER = timedelta(minutes=10)
# SENT and DROPPED are ends that need nobody; their counts would grow with everything that is said.
SHOWN = (
    SendState.WAITING, SendState.REPLYING, SendState.PUSHING, SendState.UNKNOWN, SendState.REFUSED,
    SendState.NEEDS_HUMAN,
)  # fmt: skip
# Whoever comes through a proxy comes from elsewhere, whatever address the proxy itself has.
FORWARDED = (
    "HTTP_FORWARDED",
    "HTTP_VIA",
    "HTTP_X_REAL_IP",
    "HTTP_CLIENT_IP",
    "HTTP_TRUE_CLIENT_IP",
    "HTTP_CDN_LOOP",
)


def may_read(environ: Mapping[str, Any], token: str) -> bool:
    """With a token set, whoever shows it; without one, whoever is on this machine and not behind a proxy."""
    if token:
        scheme, _, given = str(environ.get("HTTP_AUTHORIZATION", "")).partition(" ")
        shown = given.strip().encode("utf-8", "replace")
        return scheme.lower() == "bearer" and hmac.compare_digest(shown, token.encode())
    if any(name in FORWARDED or name.startswith(("HTTP_X_FORWARDED", "HTTP_CF_")) for name in environ):
        return False
    try:
        return ipaddress.ip_address(str(environ.get("REMOTE_ADDR", ""))).is_loopback
    except ValueError:
        return False


class Crises:
    """How many crisis replies went out on the last day that is over. Counted once a day, and then fixed."""

    def __init__(self, store: Callable[[], Store | None], machine: Now, zone: ZoneInfo) -> None:
        self._store, self._machine, self._zone = store, machine, zone
        self._known: tuple[date, int] | None = None

    def yesterday(self) -> int | None:
        """None where it is fewer than five, or the database is away."""
        today = (self._machine() - DAY_IS_OVER).astimezone(self._zone).date()
        store = self._store()
        if (self._known is None or self._known[0] != today) and store is not None:
            try:
                with store.read() as tx:
                    count = inbox.answered_between(
                        tx, self._midnight(today - timedelta(days=1)), self._midnight(today)
                    )
            except DATABASE_AWAY:
                return None
            self._known = (today, count)
        if self._known is None or self._known[0] != today or self._known[1] < SMALLEST_CELL:
            return None
        return self._known[1]

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self._zone)


class Metrics(Collector):
    """Gives the text of a scrape."""

    def __init__(self, look: Callable[[], Facts], crises: Callable[[], int | None]) -> None:
        self._look, self._crises = look, crises
        self._registry = CollectorRegistry()
        self._registry.register(self)
        ProcessCollector(namespace="eap", registry=self._registry)

    def text(self) -> bytes:
        return generate_latest(self._registry)

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """Asked at registration, before there is anything to look at."""
        return []

    def collect(self) -> Iterable[GaugeMetricFamily]:
        facts = self._look()
        yield _one("eap_ready", "1 when this process can do all its work.", float(facts.is_ready))
        yield _one("eap_database_up", "1 when the database answers.", float(facts.kept is not None))
        yield _one("eap_spool_files", "Files of webhooks that wait outside the database.", facts.spool_files)
        yield _one("eap_disk_free_bytes", "Free space where it is scarcest.", facts.disk_free)
        if facts.kept is not None:
            yield from _stored(facts.kept)
        crises = self._crises()
        if crises is not None:
            says = "Crisis replies on the last day that is over; absent for fewer than five."
            yield _one("eap_crisis_replies_yesterday", says, crises)
        raised = {alarm.name for alarm in alarms.wrong(facts)}
        family = GaugeMetricFamily("eap_alarm", "1 for what somebody has to look at.", labels=["name"])
        for name in alarms.NAMES:
            family.add_metric([name], float(name in raised))
        yield family


def _stored(kept: Kept) -> Iterable[GaugeMetricFamily]:
    events = GaugeMetricFamily("eap_inbox_events", "Events not done with, by state.", labels=["state"])
    events.add_metric(["waiting"], kept.waiting)
    events.add_metric(["parked"], kept.parked)
    yield events
    yield _one("eap_inbox_oldest_seconds", "Age of the oldest waiting event.", kept.oldest_event or 0.0)
    messages = GaugeMetricFamily(
        "eap_outbox_messages", "Messages, by state; ended ones of seven days.", labels=["state"]
    )
    for state in SHOWN:
        messages.add_metric([state.name.lower()], kept.sends.get(state, 0))
    yield messages
    yield _one("eap_outbox_oldest_seconds", "Age of the oldest message not sent.", kept.oldest_unsent or 0.0)
    yield _one("eap_due_given_up", "Due work that has failed too often.", kept.given_up)
    yield _one("eap_clock_held", "1 while a process holds the calendar.", float(kept.clock_free is None))


def _one(name: str, says: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, says, value=value)
