"""An open store on each kind of database, what the service says, and somebody of whom everything is kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from care import content
from care.desk import Desk
from storage import keyring
from storage.crypto import MasterKeys
from storage.session import Database
from storage.store import Store
from tests.conversations.talkers import Clock
from tests.town import MASTER_KEY, PUBLIC_URL


@pytest.fixture(scope="session")
def desk() -> Desk:
    return replace(content.load("demo-town"), public_url=PUBLIC_URL)


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
