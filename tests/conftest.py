"""What every test may ask for: databases of both kinds, the shared folder, and never a connection to outside."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from storage import keyring, schema
from storage.crypto import MasterKeys
from storage.session import Database
from tests import captures, figures, postgres, sockets
from tests.town import MASTER_KEY

SHARED = Path(__file__).parents[2] / "shared"


def pytest_configure() -> None:
    sockets.forbid_outside()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Everything sent in the whole run is judged by LINE's rules; one violation fails the run."""
    verdict = captures.judge_all()
    if verdict is None:
        return
    figures.note(f"everything sent in this run, judged by LINE's rules: {verdict.summary}")
    if verdict.violations:
        figures.lines.extend(verdict.violations[:40])
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if figures.lines:
        terminalreporter.section("figures")
        for line in figures.lines:
            terminalreporter.line(line)


@pytest.fixture
def figure() -> figures.Figure:
    """Says a line that is printed when all tests have run."""
    return figures.note


@pytest.fixture(scope="session")
def shared() -> Path:
    """LINE's schemas and recorded events, which lie beside the checkout."""
    if not SHARED.is_dir():
        pytest.skip("../shared is not here")
    return SHARED


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A running PostgreSQL, one for the session: its maintenance database. Tests take `postgres_database`."""
    with postgres.running_server() as url:
        yield url


@pytest.fixture
def postgres_database(postgres_url: str) -> Iterator[str]:
    """A new, empty PostgreSQL database."""
    with postgres.fresh_database(postgres_url) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A new, empty database of each kind in turn: for tests of the migrations themselves."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'eap.sqlite'}"
    url: str = request.getfixturevalue("postgres_database")
    return url


@pytest.fixture(scope="session")
def prepare_database() -> Callable[[str], None]:
    """Brings an empty database to where tests want it. Runs once per kind; each test gets a copy."""
    return _migrate


def _migrate(url: str) -> None:
    database = Database(url)
    schema.upgrade(database)
    with database.begin() as c:
        keyring.install(c, MasterKeys.parse(MASTER_KEY))
    if database.is_sqlite:
        with database.engine.connect() as c:
            c.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


@pytest.fixture(scope="session")
def sqlite_template(prepare_database: Callable[[str], None], tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("template") / "eap.sqlite"
    prepare_database(f"sqlite:///{file}")
    file.touch()
    return file


@pytest.fixture(scope="session")
def postgres_template(prepare_database: Callable[[str], None], postgres_url: str) -> Iterator[str]:
    with postgres.fresh_database(postgres_url) as url:
        prepare_database(url)
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A migrated database of one's own, of each kind in turn: whoever stores something is tested on both."""
    if request.param == "sqlite":
        yield f"sqlite:///{shutil.copy(request.getfixturevalue('sqlite_template'), tmp_path / 'eap.sqlite')}"
        return
    server, template = map(request.getfixturevalue, ("postgres_url", "postgres_template"))
    with postgres.fresh_database(server, template) as url:
        yield url
