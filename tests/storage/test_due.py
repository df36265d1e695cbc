"""Due work and duties: claimed once, led by one, paced for all, whatever the clocks do."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from storage import due, leases, pace
from storage.store import Store
from tests.storage.conftest import HandClock


def test_the_same_thing_is_on_the_calendar_once(store: Store, clock: HandClock) -> None:
    with store.begin() as tx:
        for _ in range(3):
            due.add(tx, "care", "2026-03", clock())
        assert len(due.claim(tx, 1, clock(), clock(), 10)) == 1


def test_two_workers_at_once_never_do_the_same_row(store: Store, clock: HandClock) -> None:
    with store.begin() as tx:
        for number in range(40):
            due.add(tx, "care", str(number), clock())
    taken: list[str] = []
    start = threading.Barrier(3)

    def work(owner: int) -> None:
        start.wait()
        while True:
            with store.begin() as tx:
                rows = due.claim(tx, owner, clock(), clock(), 5)
                for row in rows:
                    assert due.finish(tx, row, owner, clock())
            if not rows:
                return
            taken.extend(row.key for row in rows)

    threads = [threading.Thread(target=work, args=(owner,)) for owner in (1, 2, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(taken, key=int) == [str(number) for number in range(40)]


def test_a_poisoned_row_is_put_back_with_a_pause_and_stays_in_sight(store: Store, clock: HandClock) -> None:
    with store.begin() as tx:
        due.add(tx, "care", "bad", clock())
        tries = 0
        for _ in range(20):
            for row in due.claim(tx, 1, clock(), clock(), 10):
                due.fail(tx, row, "ValueError", clock())
                tries += 1
            clock.forward(hours=12)
        assert tries == due.TRIES


def test_what_another_process_took_over_cannot_be_finished(store: Store, clock: HandClock) -> None:
    with store.begin() as tx:
        due.add(tx, "care", "x", clock())
        [mine] = due.claim(tx, 1, clock(), clock(), 10)
        clock.forward(minutes=2)
        [theirs] = due.claim(tx, 2, clock(), clock(), 10)

        assert not due.finish(tx, mine, 1, clock())
        assert due.finish(tx, theirs, 2, clock())


@pytest.mark.parametrize(
    "jump", [timedelta(hours=1), timedelta(hours=-1), timedelta(days=1), timedelta(days=-1)]
)
def test_a_plan_clock_that_jumps_does_nothing_twice(store: Store, clock: HandClock, jump: timedelta) -> None:
    with store.begin() as tx:
        due.add(tx, "care", "x", clock() - timedelta(days=2))
        [row] = due.claim(tx, 1, clock(), clock(), 10)
        due.finish(tx, row, 1, clock())

        due.add(tx, "care", "x", clock() + jump)
        assert due.claim(tx, 1, clock(), clock() + jump, 10) == []


def test_one_leads_and_another_takes_over_when_it_falls_silent(store: Store, clock: HandClock) -> None:
    with store.begin() as tx:
        assert leases.hold(tx, "clock", 1, clock(), 5)
        assert not leases.hold(tx, "clock", 2, clock(), 5)
        clock.forward(seconds=4)
        assert leases.hold(tx, "clock", 1, clock(), 5)
        clock.forward(seconds=6)
        assert leases.hold(tx, "clock", 2, clock(), 5)
        assert not leases.hold(tx, "clock", 1, clock(), 5)
        leases.let_go(tx, "clock", 2)
        assert leases.hold(tx, "clock", 1, clock(), 5)


def test_no_second_sees_more_calls_than_agreed(store: Store, clock: HandClock) -> None:
    with store.begin() as tx:
        assert [pace.take(tx, "push", clock(), 40, 100) for _ in range(4)] == [40, 40, 20, 0]
        clock.forward(seconds=1)
        assert pace.take(tx, "push", clock(), 40, 100) == 40
