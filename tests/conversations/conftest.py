"""The people of the transcripts, and the ways they reach the bot."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from care import content
from care.desk import Desk
from storage import keyring
from storage.crypto import MasterKeys
from storage.session import Database
from storage.store import Store
from tests.conversations.talkers import Clock, Direct, Talker
from tests.town import MASTER_KEY


@pytest.fixture(scope="session")
def desk() -> Desk:
    return content.load("demo-town")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(database_url: str, clock: Clock) -> Iterator[Store]:
    database = Database(database_url)
    with database.begin() as c:
        keys = keyring.unlock(c, MasterKeys.parse(MASTER_KEY))
    yield Store(database, keys, 1, clock, clock)
    database.close()


@pytest.fixture
def talker(store: Store, desk: Desk, clock: Clock) -> Talker:
    return Direct(store, desk, clock)
