"""PostgreSQL is restarted while people write, in every manner: whatever LINE was told is kept is answered, once."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import select

from storage.models import EventState, InboxEvent
from tests.clocks import FastClock
from tests.figures import Figure
from tests.path import posting
from tests.postgres import Postgres
from tests.town import Town, eventually, town

MANNERS = {"fast": signal.SIGINT, "immediate": signal.SIGQUIT, "kill -9": signal.SIGKILL}
WRITERS = 3


@dataclass
class Traffic:
    """Strangers who write one after another, and what LINE was told about each."""

    town: Town
    acknowledged: dict[str, str] = field(default_factory=dict)
    """Who wrote, by event id."""
    refused: int = 0
    over: threading.Event = field(default_factory=threading.Event)

    def write(self) -> None:
        while not self.over.is_set():
            user = posting.somebody(self.town)
            event = posting.text(self.town, user, "選單")
            if posting.post(self.town, posting.body(event)) == 200:
                self.acknowledged[event["webhookEventId"]] = user
            else:
                self.refused += 1
            time.sleep(0.02)


def test_nothing_acknowledged_is_lost_when_postgresql_restarts(
    own_postgres: Postgres, prepare_database: Callable[[str], None], tmp_path: Path, figure: Figure
) -> None:
    # A reply that was under way is taken up when its lease ends: after three seconds here, not fifteen.
    _restart_under_traffic(own_postgres, prepare_database, tmp_path, figure, rounds=1, clock=FastClock(5))


@pytest.mark.sweep
def test_nothing_acknowledged_is_lost_in_thirty_restarts(
    own_postgres: Postgres, prepare_database: Callable[[str], None], tmp_path: Path, figure: Figure
) -> None:
    _restart_under_traffic(own_postgres, prepare_database, tmp_path, figure, rounds=10, clock=FastClock())


def _restart_under_traffic(
    server: Postgres,
    prepare: Callable[[str], None],
    folder: Path,
    figure: Figure,
    *,
    rounds: int,
    clock: FastClock,
) -> None:
    prepare(server.url)
    with town(server.url, folder, clock=clock) as place:
        traffic = Traffic(place)
        writers = [threading.Thread(target=traffic.write) for _ in range(WRITERS)]
        for writer in writers:
            writer.start()
        try:
            gaps = {name: [_restart(server, how, place) for _ in range(rounds)] for name, how in MANNERS.items()}
        finally:
            traffic.over.set()
            for writer in writers:
                writer.join()
        place.wait(40)

        assert _unfinished(place, traffic) == []
        answers = [len({entry.key for entry in posting.said(place, user)}) for user in traffic.acknowledged.values()]
        assert (answers.count(1), traffic.refused) == (len(traffic.acknowledged), 0)
    longest = ", ".join(f"{name} {max(seconds):.1f} s" for name, seconds in gaps.items())
    figure(
        f"PostgreSQL restarted {3 * rounds} times under traffic: {len(answers)} events acknowledged, 0 lost, "
        f"0 answered twice; longest until the next answer: {longest}"
    )


def _restart(server: Postgres, how: signal.Signals, place: Town) -> float:
    """Stop and start it; the seconds from when it takes connections again until somebody new is answered."""
    time.sleep(0.4)
    server.stop(how)
    time.sleep(0.3)
    eventually(lambda: _has_started(server), 20)
    began = time.monotonic()
    user = posting.somebody(place)
    assert posting.post(place, posting.body(posting.text(place, user, "選單"))) == 200
    eventually(lambda: posting.said(place, user), 20)
    return time.monotonic() - began


def _has_started(server: Postgres) -> bool:
    """After kill -9 its children hold the memory for a moment, and a start is refused."""
    try:
        server.start()
    except RuntimeError:
        return False
    return True


def _unfinished(place: Town, traffic: Traffic) -> list[str]:
    """Acknowledged events that the database does not know, or has not worked through."""
    with place.tx() as tx:
        done = set(tx.c.scalars(select(InboxEvent.event_key).where(InboxEvent.state == EventState.DONE)))
        return [one for one in traffic.acknowledged if tx.keys.index("event", one) not in done]
