"""LINE is not pressed when it says no, is caught up with soon when it is well again, and clocks may jump."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import select

from scheduler.outbox import PER_SECOND
from storage import outbox, pace
from storage.models import Outgoing, SendState
from tests.clocks import START, FastClock
from tests.figures import Figure
from tests.path import posting
from tests.town import Town, eventually, town

WRITERS = 100


def test_all_processes_together_keep_to_the_rate(database_url: str, tmp_path: Path, figure: Figure) -> None:
    chance = Random(5)
    with town(database_url, tmp_path, workers=2, clock=FastClock()) as place:
        granted: dict[int, int] = {}

        def ask(wanted: tuple[int, float]) -> tuple[int, int]:
            store = place.runs[wanted[0] % 2].store
            assert store is not None
            moment = START + timedelta(hours=1, seconds=wanted[1])
            with store.begin() as tx:
                return int(wanted[1]), pace.take(tx, "rehearsal", moment, wanted[0], PER_SECOND)

        for second in range(5):
            asked = [(chance.randint(1, 32), second + chance.random()) for _ in range(40)]
            with ThreadPoolExecutor(4) as threads:
                for at, count in threads.map(ask, asked):
                    granted[at] = granted.get(at, 0) + count

    assert set(granted.values()) == {PER_SECOND}
    figure(f"pushes granted to two processes in any second: {max(granted.values())} of {PER_SECOND} allowed")


def test_a_clock_a_little_behind_does_not_begin_the_second_again(database_url: str, tmp_path: Path) -> None:
    with town(database_url, tmp_path) as place:
        store = place.runs[0].store
        assert store is not None
        with store.begin() as tx:
            ahead = pace.take(tx, "rehearsal", START + timedelta(seconds=1), PER_SECOND, PER_SECOND)
            behind = pace.take(tx, "rehearsal", START, 10, PER_SECOND)
            again = pace.take(tx, "rehearsal", START + timedelta(seconds=1), 10, PER_SECOND)
            put_right = pace.take(tx, "rehearsal", START - timedelta(hours=1), 10, PER_SECOND)

    assert (ahead, behind, again, put_right) == (PER_SECOND, 0, 0, 10)


@pytest.mark.parametrize("after", [2, 600])
def test_a_push_waits_as_long_as_line_says(after: int, sqlite_url: str, tmp_path: Path) -> None:
    with town(sqlite_url, tmp_path, clock=FastClock()) as place:
        place.line.script("push", {"do": "429", "retry_after": after})
        refused_at = place.clock.now()
        _write_with_a_spoilt_token(place)
        eventually(lambda: _pushes(place))

        eventually(lambda: _error(place) == "status 429")
        assert timedelta(seconds=after) <= _row(place).due_at - refused_at < timedelta(seconds=after + 8)


def test_when_the_months_quota_is_used_up_the_push_rests_for_an_hour(sqlite_url: str, tmp_path: Path) -> None:
    with town(sqlite_url, tmp_path, clock=FastClock()) as place:
        place.line.quota(0)
        refused_at = place.clock.now()
        _write_with_a_spoilt_token(place)

        eventually(lambda: _error(place) == "quota used up")

        assert _row(place).due_at - refused_at >= timedelta(hours=1)


def test_line_is_left_alone_while_it_fails(sqlite_url: str, tmp_path: Path, figure: Figure) -> None:
    clock = FastClock(10)
    with town(sqlite_url, tmp_path, clock=clock) as place:
        place.line.always("push", "500")
        for _ in range(40):
            _write_with_a_spoilt_token(place)
        began = clock.now()
        eventually(lambda: clock.now() - began > timedelta(seconds=40), 20)
        tried = len(_pushes(place))

        place.line.all_well()
        returned = clock.now()
        place.wait(30)

        seconds = (clock.now() - returned).total_seconds()
    # Forty messages tried once a second each would be 1,600.
    assert tried < 120
    assert seconds < 60
    figure(f"LINE down for 40 s, 40 pushes waiting: asked {tried} times; caught up {seconds:.0f} s after its return")


def test_what_piled_up_is_said_within_a_minute_of_lines_return(
    sqlite_url: str, tmp_path: Path, figure: Figure
) -> None:
    clock = FastClock(3)
    with town(sqlite_url, tmp_path, clock=clock) as place:
        place.line.always("reply", "429")
        people = [posting.somebody(place) for _ in range(WRITERS)]
        for user in people:
            assert posting.post(place, posting.body(posting.text(place, user, "選單"))) == 200
        clock.jump(timedelta(seconds=70))

        place.line.all_well()
        returned = clock.now()
        place.wait(30)

        seconds = (clock.now() - returned).total_seconds()
        said = sum(bool(posting.said(place, user)) for user in people)
        with place.tx() as tx:
            in_doubt = outbox.counts(tx).get(SendState.UNKNOWN, 0)
    # A reply that was on the wire when its minute ended may have arrived: it is counted, not said again.
    assert (said + in_doubt, in_doubt < WRITERS / 2, seconds < 60) == (WRITERS, True, True)
    figure(f"{WRITERS} late answers: {said} said, {in_doubt} in doubt, {seconds:.0f} s after LINE took calls again")


def test_webhooks_get_their_200_in_time_while_line_hangs(sqlite_url: str, tmp_path: Path, figure: Figure) -> None:
    with town(sqlite_url, tmp_path) as place:
        place.line.always("reply", {"do": "hang", "seconds": 20})
        people = [posting.somebody(place) for _ in range(120)]
        bodies = [posting.body(posting.text(place, user, "選單")) for user in people]
        with ThreadPoolExecutor(6) as phones:
            statuses = list(phones.map(lambda raw: posting.post(place, raw), bodies))
        eventually(lambda: place.platform.faults.hanging)
        place.line.all_well()

    # A webhook that took longer than LINE's two seconds would be a 0 here.
    assert statuses == [200] * 120
    figure("LINE hanging on every reply: 120 of 120 webhooks answered 200 within LINE's two seconds")


@pytest.mark.parametrize("hours", [24, -1])
def test_a_clock_that_jumps_doubles_nothing_and_stops_nothing(
    hours: int, database_url: str, tmp_path: Path, figure: Figure
) -> None:
    clock = FastClock()
    with town(database_url, tmp_path, workers=2, clock=clock) as place:
        before = [posting.somebody(place) for _ in range(10)]
        for user in before:
            assert posting.post(place, posting.body(posting.text(place, user, "選單"))) == 200
        clock.jump(timedelta(hours=hours))
        after = [posting.somebody(place) for _ in range(10)]
        for number, user in enumerate(after):
            assert posting.post(place, posting.body(posting.text(place, user, "選單")), to=number % 2) == 200

        eventually(lambda: all(posting.said(place, user) for user in (*before, *after)), 20)
        place.wait(20)

        answers = [len({entry.key for entry in posting.said(place, user)}) for user in (*before, *after)]
    assert answers == [1] * 20


def _write_with_a_spoilt_token(place: Town) -> str:
    """LINE refuses the reply, so that the answer has to go as a push."""
    user = posting.somebody(place)
    assert posting.post(place, posting.body(posting.text(place, user, "選單", replyToken=f"spoilt{user}"))) == 200
    return user


def _pushes(place: Town) -> list[str]:
    return [one["path"] for one in place.line.capture() if one["path"].endswith("/push")]


def _row(place: Town) -> Any:
    with place.tx() as tx:
        return tx.c.execute(select(Outgoing.due_at, Outgoing.error)).one_or_none()


def _error(place: Town) -> str | None:
    row = _row(place)
    return None if row is None else row.error
