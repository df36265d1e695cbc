"""The people of the transcripts, and the ways they reach the bot."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from care import content
from care.desk import Desk
from storage import keyring
from storage.crypto import MasterKeys
from storage.session import Database
from storage.store import Store
from tests.conversations.talkers import Clock, Direct, Talker, Webhook
from tests.town import MASTER_KEY, PUBLIC_URL, town


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


@pytest.fixture
def direct(store: Store, desk: Desk, clock: Clock) -> Talker:
    """On each kind of database."""
    return Direct(store, desk, clock)


@pytest.fixture
def webhook(sqlite_template: Path, tmp_path: Path) -> Iterator[Talker]:
    """Through everything there is between a telephone and the answer."""
    url = f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'eap.sqlite')}"
    with town(url, tmp_path) as place:
        yield Webhook(place)
