"""Whatever goes wrong is an alarm within two minutes: in /readyz, in /metrics, and once in the log."""

from __future__ import annotations

import json
import signal
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest
from pydantic import SecretStr
from sqlalchemy import insert, update

from bot.alarms import DISK_LOW
from bot.logs import Complaint
from storage.crypto import new_master_key
from storage.models import Due, InboxEvent, Lease, Outgoing
from tests.clocks import FastClock
from tests.figures import Figure
from tests.path import posting
from tests.postgres import Postgres
from tests.town import Town, eventually, town

WITHIN = 120.0


@dataclass
class Fault:
    """`plant` breaks something in a running town; `settings` and `free` break it from the start."""

    alarm: str
    plant: Callable[[Town], None] = lambda _place: None
    settings: dict[str, Any] | None = None
    free: int = 10**12
    is_ready: bool = True
    times: float = 15.0


def _hold_everybody(place: Town) -> None:
    user = posting.somebody(place)
    posting.hold(place, user, minutes=60)
    assert posting.post(place, posting.body(posting.text(place, user, "選單"))) == 200


def _park_one(place: Town) -> None:
    user = posting.somebody(place)
    posting.hold(place, user, minutes=60)
    assert posting.post(place, posting.body(posting.text(place, user, "選單"))) == 200
    with place.tx() as tx:
        tx.c.execute(update(InboxEvent).values(state=2))


def _spoilt(place: Town) -> None:
    """Somebody's answer has to go as a push, for LINE refuses the reply."""
    user = posting.somebody(place)
    assert posting.post(place, posting.body(posting.text(place, user, "選單", replyToken=f"spoilt{user}"))) == 200


def _token_refused(place: Town) -> None:
    place.platform.token = "another"
    _spoilt(place)


def _quota_gone(place: Town) -> None:
    place.line.quota(0)
    _spoilt(place)


def _line_fails(place: Town) -> None:
    place.line.always("push", "500")
    for _ in range(3):
        _spoilt(place)


def _line_rests(place: Town) -> None:
    """One message that waits for an hour: nobody has been told for a minute."""
    place.line.script("push", {"do": "429", "retry_after": 3600})
    _spoilt(place)


def _give_up_a_message(place: Town) -> None:
    _spoilt(place)
    place.wait()
    with place.tx() as tx:
        tx.c.execute(update(Outgoing).values(state=6))


def _give_up_work(place: Town) -> None:
    with place.tx() as tx:
        at = place.clock.now() - timedelta(hours=1)
        tx.c.execute(insert(Due).values(kind="housekeeping", key="broken", due_at=at, tries=5))


FAULTS = (
    Fault("events_waiting", _hold_everybody, times=60),
    Fault("events_parked", _park_one),
    Fault("messages_unsent", _line_rests, times=40),
    Fault("messages_given_up", _give_up_a_message),
    Fault("line_refuses_token", _token_refused),
    Fault("line_quota_used_up", _quota_gone),
    Fault("line_failing", _line_fails),
    Fault("work_given_up", _give_up_work),
    Fault("disk_low", free=499 * 2**20),
    Fault("keys_unusable", settings={"eap_master_keys": SecretStr("")}, is_ready=False),
    Fault("keys_unusable", settings={"eap_master_keys": SecretStr(new_master_key())}, is_ready=False),
)


@pytest.mark.parametrize("fault", FAULTS, ids=[f"{fault.alarm}{n}" for n, fault in enumerate(FAULTS)])
def test_a_fault_is_an_alarm_within_two_minutes(
    fault: Fault, sqlite_url: str, tmp_path: Path, figure: Figure
) -> None:
    clock = FastClock(fault.times)
    with town(sqlite_url, tmp_path, clock=clock, free=lambda _: fault.free, **(fault.settings or {})) as place:
        if fault.is_ready and fault.free > DISK_LOW:
            assert fault.alarm not in names(place)
        began = clock.now()
        fault.plant(place)

        eventually(lambda: fault.alarm in names(place), 20)

        seconds = (clock.now() - began).total_seconds()
        assert metric(place, fault.alarm) == 1.0
        assert readyz(place)["ready"] is fault.is_ready
        place.line.all_well()
    assert seconds <= WITHIN
    figure(f"alarm {fault.alarm}: seen {seconds:.0f} s after the fault")


def test_nobody_at_the_calendar_is_an_alarm(sqlite_url: str, tmp_path: Path, figure: Figure) -> None:
    clock = FastClock(15)
    with town(sqlite_url, tmp_path, clock=clock, start=False) as place:
        place.run.start()
        began = clock.now()
        eventually(lambda: place.run.is_ready)

        eventually(lambda: "clock_unheld" in names(place), 20)
        seconds = (clock.now() - began).total_seconds()
        place.run.stop()
    assert seconds <= WITHIN
    figure(f"alarm clock_unheld: seen {seconds:.0f} s after a web without a worker began")


def test_a_calendar_whose_holder_died_is_an_alarm(sqlite_url: str, tmp_path: Path) -> None:
    with town(sqlite_url, tmp_path, clock=FastClock(), start=False) as place:
        place.run.start()
        eventually(lambda: place.run.is_ready)
        with place.tx() as tx:
            until = place.clock.now() - timedelta(seconds=45)
            tx.c.execute(insert(Lease).values(name="clock", owner=77, until=until))

        # What was before we began to look does not count.
        assert names(place) == set()
        place.clock.jump(timedelta(seconds=31))  # type: ignore[attr-defined]
        assert names(place) == {"clock_unheld"}
        place.run.stop()


def test_a_database_that_goes_away_is_an_alarm_said_once_and_not_a_flood(
    own_postgres: Postgres, prepare_database: Callable[[str], None], tmp_path: Path, log: list[Any], figure: Figure
) -> None:
    prepare_database(own_postgres.url)
    with town(own_postgres.url, tmp_path) as place:
        assert names(place) == set()
        began = time.monotonic()
        own_postgres.stop(signal.SIGQUIT)

        eventually(lambda: "database_away" in names(place), 20)
        seconds = time.monotonic() - began
        user = posting.somebody(place)
        assert posting.post(place, posting.body(posting.text(place, user, "選單"))) == 200
        eventually(lambda: "spool_waiting" in names(place), 20)
        place.run.watch.note()
        place.run.watch.note()
        time.sleep(2)
        noise = [one for one in log if one["event"] in ("drain_failed", "tick_failed")]
        own_postgres.start()
        place.wait(20)
        eventually(lambda: names(place) == set())
        place.run.watch.note()

    said = [one["name"] for one in log if one["event"] == "alarm_raised"]
    over = [one["name"] for one in log if one["event"] == "alarm_over"]
    assert sorted(said) == sorted(over)
    assert {"database_away", "spool_waiting"} <= set(said)
    assert len(set(said)) == len(said)
    # Three threads, each once for every kind of error the going down shows it.
    assert len(noise) <= 9
    figure(f"alarm database_away: seen {seconds:.1f} s after; {len(noise)} lines of failing drain and ticks in 3 s")


class Heard:
    """A log that keeps what is said."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def error(self, event: str, **more: Any) -> None:
        self.said.append(f"{event} {more['error']} {more['times']}")

    def info(self, event: str, **more: Any) -> None:
        self.said.append(event)


def test_a_fault_that_goes_on_is_said_when_it_changes_and_once_a_minute() -> None:
    heard = Heard()
    quiet, chatty = Complaint(heard, "drain_failed"), Complaint(heard, "tick_failed", every=0.0)

    for error in (OSError(), OSError(), OSError(), ValueError()):
        quiet.failed(error)
    quiet.went_well()
    quiet.went_well()
    chatty.failed(OSError())
    chatty.failed(OSError())

    assert heard.said == [
        "drain_failed OSError 1", "drain_failed ValueError 3", "drain_failed_no_more",
        "tick_failed OSError 1", "tick_failed OSError 1",
    ]  # fmt: skip


def names(place: Town) -> set[str]:
    return {alarm["name"] for alarm in readyz(place)["alarms"]}


def readyz(place: Town) -> dict[str, Any]:
    return dict(json.loads(fetch(place, "/readyz")))


def metric(place: Town, alarm: str) -> float:
    [line] = [line for line in fetch(place, "/metrics").splitlines() if line.startswith(f'eap_alarm{{name="{alarm}"')]
    return float(line.split()[-1])


def fetch(place: Town, path: str) -> str:
    address = place.webs[0].removesuffix("/callback") + path
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310  # our own address
            return str(answer.read().decode())
    except HTTPError as error:
        with error:
            return error.read().decode()
