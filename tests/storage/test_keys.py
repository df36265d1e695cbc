"""Keys: a lost or wrong one changes nothing and is named; rotation goes on while people write, and after a crash."""

from __future__ import annotations

import itertools

import pytest
from sqlalchemy import func, select, update

from storage import conversations, inbox, keyring, people, screenings
from storage.crypto import KeyUnusable, MasterKeys, SealBroken, new_master_key
from storage.inbox import Arrival
from storage.models import Person, Screening
from storage.session import Tx
from storage.store import Store
from tests.storage.conftest import KEN, MEI, HandClock, known
from tests.town import MASTER_KEY


def test_a_missing_key_is_named_and_nothing_changes(store: Store, clock: HandClock) -> None:
    with store.begin() as tx:
        known(tx, MEI, clock())
        before = tx.c.execute(select(Person.kek_id, Person.wrapped)).all()
    old, other = MasterKeys.parse(MASTER_KEY), MasterKeys.parse(new_master_key())

    with store.begin() as tx, pytest.raises(KeyUnusable) as refused:
        keyring.unlock(tx.c, other)

    assert old.newest.id in str(refused.value)
    assert other.newest.id in str(refused.value)
    assert MASTER_KEY not in str(refused.value)
    with store.begin() as tx:
        assert tx.c.execute(select(Person.kek_id, Person.wrapped)).all() == before


@pytest.mark.parametrize("value", ["", "   ", "short", "!" * 44, MASTER_KEY[:-4]])
def test_a_malformed_key_is_refused_without_being_shown(value: str) -> None:
    with pytest.raises(KeyUnusable) as refused:
        MasterKeys.parse(value)

    assert "EAP_MASTER_KEYS" in str(refused.value)
    assert not value.strip() or value not in str(refused.value)


def test_a_sealed_value_opens_only_where_it_was_written(store: Store, clock: HandClock) -> None:
    """Every pair of person, table, column and row: moved anywhere else, it is refused."""
    with store.begin() as tx:
        owners = [known(tx, MEI, clock()), known(tx, KEN, clock())]
        places = list(itertools.product(owners, ("screenings", "consents"), ("body", "note"), (1, 2)))
        sealed = [who.seal(table, column, row, b"secret") for who, table, column, row in places]

    refused = 0
    for blob, home in zip(sealed, places, strict=True):
        for who, table, column, row in places:
            if (who, table, column, row) == home:
                assert who.open(table, column, row, blob) == b"secret"
                continue
            with pytest.raises(SealBroken):
                who.open(table, column, row, blob)
            refused += 1
    assert refused == len(places) * (len(places) - 1)


def test_a_swapped_row_is_refused_when_read(store: Store, clock: HandClock) -> None:
    with store.begin() as tx:
        mei, ken = known(tx, MEI, clock()), known(tx, KEN, clock())
        screenings.add(tx, mei, {"total": 3}, clock())
        screenings.add(tx, ken, {"total": 17}, clock())
        body = tx.c.scalar(select(Screening.body).where(Screening.person_id == ken.id))
        tx.c.execute(update(Screening).where(Screening.person_id == mei.id).values(body=body))

        with pytest.raises(SealBroken):
            screenings.last(tx, mei, 8)


def _people(tx: Tx, clock: HandClock, n: int) -> None:
    people.add_missing(tx, [f"U{number:032x}" for number in range(n)], clock())


def test_rotation_leaves_everything_readable_and_lets_the_old_key_go(store: Store, clock: HandClock) -> None:
    with store.begin() as tx:
        mei = known(tx, MEI, clock())
        conversations.save(tx, mei, {"open": "bsrs5"}, clock())
        inbox.store(tx, [Arrival("e1", MEI, "m1", None, clock(), clock(), b'{"hello":1}')])
        _people(tx, clock, 40)
    newer = MasterKeys.parse(f"{new_master_key()},{MASTER_KEY}")

    rounds = 0
    while True:
        with store.begin() as tx:
            done = keyring.rotate_batch(tx.c, newer, 7)
            rounds += 1
        if not done.people and not done.others:
            break

    only_new = MasterKeys([newer.newest])
    with store.begin() as old_tx:
        tx = Tx(old_tx.c, keyring.unlock(old_tx.c, only_new))
        found = people.find(tx, MEI)
        assert found is not None
        assert conversations.load(tx, found) == {"open": "bsrs5"}
        queues = inbox.claim(tx, 1, lambda raw: MEI, clock(), 10)
        assert [event.raw for queue in queues for event in queue.events] == [b'{"hello":1}']
        assert keyring.needed(tx.c) == {newer.newest.id}
    assert rounds > 5


def test_a_rotation_that_was_cut_off_goes_on(store: Store, clock: HandClock) -> None:
    with store.begin() as tx:
        _people(tx, clock, 20)
    newer = MasterKeys.parse(f"{new_master_key()},{MASTER_KEY}")

    with store.begin() as tx:
        keyring.rotate_batch(tx.c, newer, 8)
    with pytest.raises(RuntimeError), store.begin() as tx:
        keyring.rotate_batch(tx.c, newer, 8)
        raise RuntimeError

    with store.begin() as tx:
        keyring.unlock(tx.c, newer)
        left = tx.c.scalar(select(func.count()).where(Person.kek_id != newer.newest.id))
        assert left == 12
        assert keyring.rotate_batch(tx.c, newer, 100).people == 12
