"""The outbox: what is in doubt stays in doubt, one body per retry key, order per person, nothing after the end."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from storage import outbox, people
from storage.models import Outgoing, SendState
from storage.outbox import Parcel, Settled
from storage.people import Person
from storage.session import Tx
from storage.store import Store
from tests.storage.conftest import KEN, MEI, HandClock, known


def parcel(tx: Tx, person: Person, now: Any, name: str = "p1", **changes: Any) -> Parcel:
    plain = Parcel(
        id=tx.ids(), dedupe=name.encode(), person_id=person.id, to=MEI, way="reply", body={"said": name},
        retry_key=str(uuid.uuid4()), born_at=now, due_at=now, reply_until=now,
    )  # fmt: skip
    return replace(plain, **changes)


def test_a_reply_left_in_hand_by_a_crash_comes_back_in_doubt(store: Store, clock: HandClock) -> None:
    with store.begin() as tx:
        mei = known(tx, MEI, clock())
        outbox.add_in_hand(tx, [(parcel(tx, mei, clock()), mei)], 1, clock())
    with store.begin() as tx:
        assert outbox.claim(tx, 2, clock(), 10) == []
    clock.forward(seconds=16)
    with store.begin() as tx:
        [found] = outbox.claim(tx, 2, clock(), 10)

    assert found.is_doubtful
    assert (found.to, found.body) == (MEI, {"said": "p1"})


def test_a_reply_that_only_waited_is_not_in_doubt_but_is_once_it_was_claimed(
    store: Store, clock: HandClock
) -> None:
    with store.begin() as tx:
        mei = known(tx, MEI, clock())
        outbox.add(tx, [(parcel(tx, mei, clock()), mei)])
        [first] = outbox.claim(tx, 1, clock(), 10)
    clock.forward(seconds=16)
    with store.begin() as tx:
        [second] = outbox.claim(tx, 2, clock(), 10)

    assert (first.is_doubtful, second.is_doubtful) == (False, True)


def test_only_whoever_holds_a_parcel_settles_it(store: Store, clock: HandClock) -> None:
    with store.begin() as tx:
        mei = known(tx, MEI, clock())
        outbox.add(tx, [(parcel(tx, mei, clock()), mei)])
        [found] = outbox.claim(tx, 1, clock(), 10)
        outbox.settle(tx, [Settled(found, SendState.SENT, "reply", clock())], owner=2)
        assert outbox.counts(tx) == {SendState.REPLYING: 1}
        outbox.settle(tx, [Settled(found, SendState.SENT, "reply", clock())], owner=1)
        assert outbox.counts(tx) == {SendState.SENT: 1}


@pytest.mark.parametrize("end", [SendState.SENT, SendState.UNKNOWN, SendState.REFUSED, SendState.NEEDS_HUMAN])
def test_what_is_over_keeps_neither_words_nor_person(store: Store, clock: HandClock, end: SendState) -> None:
    with store.begin() as tx:
        mei = known(tx, MEI, clock())
        outbox.add(tx, [(parcel(tx, mei, clock()), mei)])
        [found] = outbox.claim(tx, 1, clock(), 10)
        outbox.settle(tx, [Settled(found, end, "reply", clock())], 1)

        row = tx.c.execute(select(Outgoing.body, Outgoing.person_id)).one()
        now_known = people.find(tx, MEI)
        assert now_known is not None

    assert tuple(row) == (None, None)
    assert now_known.unheard == (1 if end == SendState.UNKNOWN else 0)


def test_a_push_says_the_same_on_every_try(store: Store, clock: HandClock) -> None:
    with store.begin() as tx:
        mei = known(tx, MEI, clock())
        outbox.add(tx, [(parcel(tx, mei, clock(), way="push"), mei)])
        [found] = outbox.claim(tx, 1, clock(), 10)
        frozen = outbox.freeze(tx, found, {"wire": [{"type": "text", "text": "hello"}]}, clock())
        outbox.settle(tx, [Settled(frozen, SendState.WAITING, "push", clock(), "status 500")], 1)
    clock.forward(seconds=1)
    with store.begin() as tx:
        [again] = outbox.claim(tx, 1, clock(), 10)

    assert again.frozen
    assert (again.body, again.retry_key) == (frozen.body, found.retry_key)


def test_one_persons_messages_keep_their_order_and_do_not_hold_up_others(
    store: Store, clock: HandClock
) -> None:
    with store.begin() as tx:
        mei, ken = known(tx, MEI, clock()), known(tx, KEN, clock())
        first = parcel(tx, mei, clock(), "first", way="push")
        clock.forward(seconds=1)
        second = parcel(tx, mei, clock(), "second", way="push")
        other = parcel(tx, ken, clock(), "other", way="push")
        outbox.add(tx, [(second, mei), (first, mei), (other, ken)])

        taken = [found.body["said"] for found in outbox.claim(tx, 1, clock(), 10)]

    assert sorted(taken) == ["first", "other"]


def test_what_waits_for_somebody_who_blocked_is_dropped(store: Store, clock: HandClock) -> None:
    with store.begin() as tx:
        mei = known(tx, MEI, clock())
        outbox.add(tx, [(parcel(tx, mei, clock(), way="push"), mei)])
        outbox.drop_for(tx, mei.id)

        assert outbox.claim(tx, 1, clock(), 10) == []
        assert outbox.counts(tx) == {SendState.DROPPED: 1}


def test_the_same_decision_twice_is_one_message(store: Store, clock: HandClock) -> None:
    with store.begin() as tx:
        mei = known(tx, MEI, clock())
        outbox.add(tx, [(parcel(tx, mei, clock()), mei), (parcel(tx, mei, clock()), mei)])
        outbox.add(tx, [(parcel(tx, mei, clock()), mei)])

        assert sum(outbox.counts(tx).values()) == 1
