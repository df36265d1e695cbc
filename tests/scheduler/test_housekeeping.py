"""What is kept no longer than promised, and not a day less."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from care import content
from care.screenings import last_result
from care.turns import Turn
from line.render import wire
from scheduler import housekeeping
from scheduler.calendar import KINDS, CalendarTick
from storage import conversations, keyring, missed, screenings
from storage.crypto import MasterKeys
from storage.models import MissedBy, MissedTerm
from storage.session import Database
from storage.store import Store
from tests.storage.conftest import MEI, HandClock, known
from tests.town import MASTER_KEY

RECORD = {
    "instrument": "bsrs5",
    "version": "x",
    "answers": {"sleep": "3"},
    "total": 12,
    "band": "moderate",
    "item6": "1",
}


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    database, clock = Database(database_url), HandClock()
    with database.begin() as c:
        keys = keyring.unlock(c, MasterKeys.parse(MASTER_KEY))
    yield Store(database, keys, 1, clock, clock)
    database.close()


def test_after_a_year_only_the_band_of_a_screening_is_left(store: Store) -> None:
    now, desk = store.plan(), content.load("demo-town")
    band = desk.contexts["zh-Hant"].questionnaires["bsrs5"].bands[2]
    with store.begin() as tx:
        mei = known(tx, MEI, now)
        screenings.add(tx, mei, RECORD | {"band": band.name}, now - timedelta(days=366))
        screenings.add(tx, mei, RECORD, now - timedelta(days=364))

        housekeeping.run(tx, now, now)
        housekeeping.run(tx, now, now)

        old, young = screenings.last(tx, mei, 8)
        assert old.record == RECORD | {"answers": {}, "total": None, "item6": None, "band": band.name}
        assert young.record == RECORD
        screenings.forget(tx, mei)
        screenings.add(tx, mei, old.record, now)
        shown = str(wire(last_result(Turn(tx, mei, desk, now, False))))
    assert band.label in shown


def test_a_questionnaire_left_half_answered_is_forgotten_after_a_day(store: Store) -> None:
    now = store.plan()
    with store.begin() as tx:
        mei = known(tx, MEI, now)
        conversations.save(tx, mei, {"open": []}, now - timedelta(hours=23))
        housekeeping.run(tx, now, now)
        assert conversations.load(tx, mei) is not None
        housekeeping.run(tx, now, now + timedelta(hours=2))
        assert conversations.load(tx, mei) is None


def test_it_runs_once_a_day_whoever_looks(store: Store) -> None:
    assert [CalendarTick(store, KINDS)() for _ in range(3)] == [1, 0, 0]


def test_a_word_that_found_nothing_goes_half_a_year_after_it_was_last_asked(store: Store) -> None:
    now = store.plan()
    with store.begin() as tx:
        mei = known(tx, MEI, now)
        for word, days in (("停車證", 181), ("宿舍", 179)):
            missed.count(tx, mei, word, (now - timedelta(days=days)).date(), text=None)

        housekeeping.run(tx, now, now)

        assert tx.c.execute(select(func.count()).select_from(MissedTerm)).scalar_one() == 1
        assert tx.c.execute(select(func.count()).select_from(MissedBy)).scalar_one() == 1
