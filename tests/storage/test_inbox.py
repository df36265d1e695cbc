"""The inbox: each event once, each person in one pair of hands, in the order things happened."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

from sqlalchemy import select

from storage import inbox, people
from storage.inbox import Arrival
from storage.models import EventState, InboxEvent
from storage.models import Person as PersonRow
from storage.store import Store
from tests.storage.conftest import KEN, MEI, HandClock


def arrival(
    event_id: str, user: str, at: datetime, *, message: str | None = None, unsent: str | None = None
) -> Arrival:
    return Arrival(event_id, user, message, unsent, at, at, f'{{"who":"{user}"}}'.encode())


def of(raw: bytes) -> str:
    return raw.decode().split('"')[3]


def test_a_repeated_event_is_kept_once_and_known_as_a_repeat(store: Store, clock: HandClock) -> None:
    with store.begin() as tx:
        assert inbox.store(tx, [arrival("e1", MEI, clock()), arrival("e1", MEI, clock())]) == {"e1"}
    with store.begin() as tx:
        assert inbox.store(tx, [arrival("e1", MEI, clock()), arrival("e2", MEI, clock())]) == {"e2"}
        assert inbox.backlog(tx).pending == 2


def test_a_repeat_after_processing_stays_without_effect(store: Store, clock: HandClock) -> None:
    with store.begin() as tx:
        inbox.store(tx, [arrival("e1", MEI, clock())])
        [queue] = inbox.claim(tx, 1, of, clock(), 10)
        inbox.finish(tx, [event.id for event in queue.events])
        inbox.store(tx, [arrival("e1", MEI, clock())])

        assert inbox.backlog(tx).pending == 0


def test_events_come_in_the_order_they_happened_not_the_order_they_arrived(
    store: Store, clock: HandClock
) -> None:
    with store.begin() as tx:
        late, early = clock() + timedelta(seconds=3), clock()
        inbox.store(tx, [arrival("second", MEI, late)])
        inbox.store(tx, [arrival("first", MEI, early)])

        [queue] = inbox.claim(tx, 1, of, late, 10)

        assert [event.happened_at for event in queue.events] == [early, late]


def test_one_person_is_in_one_pair_of_hands_until_the_lease_ends(store: Store, clock: HandClock) -> None:
    with store.begin() as tx:
        inbox.store(tx, [arrival("e1", MEI, clock())])
        assert len(inbox.claim(tx, 1, of, clock(), 10)) == 1
    with store.begin() as tx:
        inbox.store(tx, [arrival("e2", MEI, clock()), arrival("e3", KEN, clock())])
        assert [of(q.events[0].raw) for q in inbox.claim(tx, 2, of, clock(), 10)] == [KEN]
    clock.forward(seconds=16)
    with store.begin() as tx:
        [queue] = inbox.claim(tx, 2, of, clock(), 10)
        assert len(queue.events) == 2
        assert inbox.still_mine(tx, 1, {queue.key: 2}, clock()) == {}
        assert inbox.still_mine(tx, 2, {queue.key: 2}, clock()) == {queue.key: 2}


def test_two_workers_never_take_the_same_person(store: Store, clock: HandClock) -> None:
    users = [f"U{number:032x}" for number in range(60)]
    with store.begin() as tx:
        inbox.store(tx, [arrival(f"e{user}{n}", user, clock()) for user in users for n in range(2)])
    taken: list[int] = []
    start = threading.Barrier(4)

    def work(owner: int) -> None:
        start.wait()
        while True:
            with store.begin() as tx:
                queues = inbox.claim(tx, owner, of, clock(), 20)
            if not queues:
                return
            taken.extend(queue.person.id for queue in queues)

    threads = [threading.Thread(target=work, args=(owner,)) for owner in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(taken) == sorted(set(taken))
    assert len(taken) == 60


def test_an_event_whose_last_try_never_ended_is_taken_alone(store: Store, clock: HandClock) -> None:
    """Otherwise one event that crashes the process would drag its neighbours into being parked."""
    with store.begin() as tx:
        inbox.store(tx, [arrival("bad", MEI, clock())])
        inbox.claim(tx, 1, of, clock(), 10)
    clock.forward(seconds=20)
    with store.begin() as tx:
        inbox.store(tx, [arrival("good", KEN, clock())])

        first = inbox.claim(tx, 2, of, clock(), 10)
        second = inbox.claim(tx, 2, of, clock(), 10)

        assert [of(q.events[0].raw) for q in first] == [MEI]
        assert [of(q.events[0].raw) for q in second] == [KEN]


def test_what_was_processed_keeps_nothing_but_a_keyed_id(store: Store, clock: HandClock) -> None:
    with store.begin() as tx:
        inbox.store(tx, [arrival("e1", MEI, clock(), message="m1")])
        [queue] = inbox.claim(tx, 1, of, clock(), 10)
        inbox.finish(tx, [queue.events[0].id])

        row = tx.c.execute(select(InboxEvent.__table__)).one()
        assert (row.payload, row.sender_key, row.message_key) == (None, None, None)


def test_an_unsent_message_loses_its_text_before_anyone_reads_it(store: Store, clock: HandClock) -> None:
    with store.begin() as tx:
        inbox.store(
            tx, [arrival("e1", MEI, clock(), message="m1"), arrival("e2", KEN, clock(), message="m2")]
        )
        inbox.store(tx, [arrival("e3", MEI, clock(), unsent="m1")])

        kept = {of(event.raw) for queue in inbox.claim(tx, 1, of, clock(), 10) for event in queue.events}
        row = tx.c.execute(select(InboxEvent.state, InboxEvent.payload).order_by(InboxEvent.id)).first()

    assert row is not None
    assert tuple(row) == (EventState.DONE, None)
    assert kept == {MEI, KEN}


def test_ids_are_forgotten_after_thirty_days_and_parked_events_after_seven(
    store: Store, clock: HandClock
) -> None:
    with store.begin() as tx:
        inbox.store(tx, [arrival("done", MEI, clock()), arrival("parked", KEN, clock())])
        queues = inbox.claim(tx, 1, of, clock(), 10)
        for queue in queues:
            if of(queue.events[0].raw) == MEI:
                inbox.finish(tx, [queue.events[0].id])
            else:
                inbox.fail(tx, queue.events[0].id, "ValueError", park=True)
        clock.forward(days=8)
        assert inbox.forget_before(tx, clock() - timedelta(days=30), clock() - timedelta(days=7)) == 1
        clock.forward(days=23)
        assert inbox.forget_before(tx, clock() - timedelta(days=30), clock() - timedelta(days=7)) == 1
        assert tx.c.execute(select(InboxEvent.id)).all() == []


def test_no_line_id_lies_readable_in_a_row(store: Store, clock: HandClock) -> None:
    with store.begin() as tx:
        people.add_missing(tx, [MEI], clock())
        row = tx.c.execute(select(PersonRow.__table__)).one()

    assert not any(MEI.encode() in value for value in row if isinstance(value, bytes))
