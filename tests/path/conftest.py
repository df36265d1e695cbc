"""What the tests of the path need: one database of either kind without doubling every test, and the log."""

from __future__ import annotations

import faulthandler
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests import postgres
from tests.postgres import Postgres


@pytest.fixture(autouse=True)
def sweeps_may_take_their_time(request: pytest.FixtureRequest) -> None:
    """No dump of every thread after two minutes: of so many busy ones it has brought the interpreter down."""
    if request.node.get_closest_marker("sweep"):
        faulthandler.cancel_dump_traceback_later()


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A migrated SQLite database: for what does not depend on the kind."""
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'eap.sqlite')}"


@pytest.fixture
def postgres_copies(postgres_url: str, postgres_template: str) -> Iterator[Callable[[], str]]:
    """A function that gives a new migrated PostgreSQL database each time."""
    with ExitStack() as until_the_end:
        yield lambda: until_the_end.enter_context(postgres.fresh_database(postgres_url, postgres_template))


@pytest.fixture
def postgres_copy(postgres_copies: Callable[[], str]) -> str:
    """A migrated PostgreSQL database of one's own."""
    return postgres_copies()


@pytest.fixture
def own_postgres() -> Iterator[Postgres]:
    """A PostgreSQL server of one's own, which the test may stop and kill."""
    server = Postgres(durable=True)
    yield server
    server.remove()


@pytest.fixture
def log() -> Iterator[list[Any]]:
    """Every entry our rooms log meanwhile."""
    with capture_logs() as entries:
        yield entries
