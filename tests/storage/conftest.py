"""An open store on each kind of database, with clocks that a test moves by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from storage import keyring, people
from storage.crypto import MasterKeys
from storage.people import Person
from storage.session import Database, Tx
from storage.store import Store
from tests.town import MASTER_KEY

MEI, KEN = "U" + "a" * 32, "U" + "b" * 32


@dataclass
class HandClock:
    """Stands still until it is moved."""

    at: datetime = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **by: float) -> datetime:
        self.at += timedelta(**by)
        return self.at


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def store(database: Database, clock: HandClock) -> Store:
    with database.begin() as c:
        keys = keyring.unlock(c, MasterKeys.parse(MASTER_KEY))
    return Store(database, keys, 1, clock, clock)


def known(tx: Tx, user_id: str, now: datetime) -> Person:
    """The person with this LINE id, made if need be."""
    people.add_missing(tx, [user_id], now)
    found = people.find(tx, user_id)
    assert found is not None
    return found
