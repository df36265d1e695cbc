"""Twenty messages a minute of one person, counted for all processes together; a call for help is never too many."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from handlers.drain import PER_MINUTE, Drain
from scheduler.calendar import CalendarTick
from storage import inbox, keyring, outbox, people
from storage.crypto import MasterKeys
from storage.models import Conversation, InHand
from storage.session import Database
from storage.store import Store
from tests.figures import Figure
from tests.handlers.test_drain import DESK, Service
from tests.storage.conftest import KEN, MEI, HandClock
from tests.town import MASTER_KEY, eventually

SLOWLY = DESK.context("zh-Hant").texts.say("courtesy.slowly")


class Counting(Drain):
    """Counts the messages that really have a turn."""

    turns: Counter[str]

    def _event(self, tx: Any, queue: Any, waiting: Any, event: Any, turned: Any) -> Any:
        self.turns[queue.line_id] += 1
        return super()._event(tx, queue, waiting, event, turned)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def make(database_url: str, clock: HandClock) -> Iterator[Callable[[int], Service]]:
    """A service of this owner on the one database."""
    databases: list[Database] = []

    def service(owner: int) -> Service:
        database = Database(database_url)
        databases.append(database)
        with database.begin() as c:
            keys = keyring.unlock(c, MasterKeys.parse(MASTER_KEY))
        made = Service(Store(database, keys, owner, clock, clock), clock)
        made._number = owner * 10_000
        return made

    yield service
    for database in databases:
        database.close()


def alternating(services: list[Service], count: int, user: str = MEI) -> list[list[str]]:
    """One message after the other, each worked on by the next service; what each was answered."""
    answers = []
    for number in range(count):
        service = services[number % len(services)]
        service.says(user, "選單")
        answers.append(service.works())
        service.works()
    return answers


def test_after_twenty_in_a_minute_one_kind_word_and_then_silence_until_the_next(
    make: Callable[[int], Service], clock: HandClock, figure: Figure
) -> None:
    two = [make(1), make(2)]

    answers = alternating(two, 30)
    ken = alternating(two, 1, KEN)
    clock.forward(seconds=60)
    later = alternating(two, 1)

    said = ["slowly" if SLOWLY in "".join(one) else len(one) for one in answers]
    assert said == [1] * PER_MINUTE + ["slowly"] + [0] * 9
    assert [len(one) for one in (*ken, *later)] == [1, 1]
    with two[0].store.begin() as tx:
        assert inbox.backlog(tx).pending == 0
    figure(f"30 messages in a minute by two workers in turn: {said.count(1)} answered, 1 kind word, 9 silent")


def test_two_workers_at_once_let_exactly_twenty_through(
    make: Callable[[int], Service], figure: Figure
) -> None:
    users = [f"U{number:032x}" for number in range(1, 5)]
    two = [make(1), make(2)]
    turns: Counter[str] = Counter()
    for one in two:
        one.drain = Counting(one.store, DESK, lambda: 0, one._collect)
        object.__setattr__(one.drain, "turns", turns)
    start = threading.Barrier(3)
    is_over = threading.Event()

    def work(service: Service) -> None:
        start.wait()
        while not is_over.is_set():
            try:
                done = service.drain.round(batch=7)
            except OperationalError:
                # As the service does: whatever the database refused is tried again.
                done = 0
            if not done:
                time.sleep(0.005)

    threads = [threading.Thread(target=work, args=(one,)) for one in two]
    for thread in threads:
        thread.start()
    teller = make(3)
    start.wait()
    try:
        for _ in range(40):
            for user in users:
                teller.says(user, "選單")
        eventually(lambda: _pending(teller) == 0, 30)
    finally:
        is_over.set()
        for thread in threads:
            thread.join()

    with teller.store.begin() as tx:
        counted = set(tx.c.scalars(select(InHand.used)))
    assert turns == dict.fromkeys(users, PER_MINUTE)
    assert counted == {40}
    figure(f"40 messages each of 4 people at two workers at once: {set(turns.values())} each had a turn")


def test_a_burst_gets_the_kind_word_and_the_answer_to_what_still_counted(
    make: Callable[[int], Service],
) -> None:
    service = make(1)
    alternating([service], 1)
    service.clock.forward(seconds=60)
    for _ in range(30):
        service.says(MEI, "選單")

    said = service.works()

    assert [SLOWLY in one for one in said] == [True, False]
    assert service.works() == []


def test_calls_for_help_are_answered_however_many_and_do_not_count(make: Callable[[int], Service]) -> None:
    service = make(1)
    alternating([service], 25)

    for words in ("我不想活了", "求助"):
        service.says(MEI, words)
        service.works()
    for _ in range(30):
        service.says(KEN, "我不想活了")
        service.works()
        service.works()
    service.says(KEN, "選單")
    [menu] = service.works()

    assert SLOWLY not in menu
    service.clock.forward(seconds=16)
    with service.store.begin() as tx:
        copies = outbox.claim(tx, 9, service.clock(), 100)
    assert Counter(copy.to for copy in copies if copy.body["urgent"]) == {MEI: 2, KEN: 30}


def test_a_call_for_help_in_a_burst_is_heard_and_the_rest_passed_over(make: Callable[[int], Service]) -> None:
    service = make(1)
    for number in range(40):
        service.says(MEI, "想死" if number == 35 else "選單")

    service.works()
    service.clock.forward(seconds=16)

    with service.store.begin() as tx:
        copies = outbox.claim(tx, 9, service.clock(), 100)
        used = tx.c.scalar(select(InHand.used))
    assert sum(copy.body["urgent"] for copy in copies) == 1
    assert used == 39


def test_blocking_and_coming_back_always_count(make: Callable[[int], Service]) -> None:
    service = make(1)
    alternating([service], 25)

    service.hears(MEI, "unfollow")
    service.works()

    assert _is_blocked(service)
    service.hears(MEI, "follow", follow={"isUnblocked": True})
    assert len(service.works()) == 1
    assert not _is_blocked(service)


def test_what_breaks_and_is_tried_again_counts_once(make: Callable[[int], Service]) -> None:
    service = make(1)
    alternating([service], 1)
    service.says(MEI, "檢測")
    service.works()
    service.works()
    with service.store.begin() as tx:
        tx.c.execute(update(Conversation).values(body=b"\x01" + b"broken" * 9))
    service.says(MEI, "1")
    service.says(MEI, "2")

    service.works()
    with service.store.begin() as tx:
        assert tx.c.scalar(select(InHand.used)) == 2
    for _ in range(12):
        service.clock.forward(seconds=1)
        service.works()

    with service.store.begin() as tx:
        assert inbox.backlog(tx).parked >= 1
        assert tx.c.scalar(select(InHand.used)) in (3, 4)


def test_who_wrote_when_is_forgotten_after_two_minutes(
    make: Callable[[int], Service], clock: HandClock
) -> None:
    service = make(1)
    alternating([service], 3)
    tick = CalendarTick(service.store, {})
    object.__setattr__(tick, "_plan_ahead", lambda _tx: None)

    def rows() -> int:
        with service.store.begin() as tx:
            return len(tx.c.execute(select(InHand.sender_key)).all())

    tick()
    clock.forward(seconds=100)
    tick()
    assert rows() == 1
    clock.forward(seconds=40)
    tick()

    assert rows() == 0


def _pending(service: Service) -> int:
    with service.store.begin() as tx:
        return inbox.backlog(tx).pending


def _is_blocked(service: Service) -> bool:
    with service.store.begin() as tx:
        mei = people.find(tx, MEI)
    assert mei is not None
    return mei.blocked
