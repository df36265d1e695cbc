"""One database, either kind: settings that make SQLite durable and serial, and transactions for the rooms above."""

from __future__ import annotations

import secrets
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from storage.keyring import Keyring

NewId = Callable[[], int]

# What "the database is away" looks like; anything else is a fault of ours.
DATABASE_AWAY = (DBAPIError, PoolTimeout)


def random_id() -> int:
    """A fresh row id: 62 random bits, so that ids tell neither order nor number."""
    return secrets.randbits(62) + 1


@dataclass(frozen=True)
class Tx:
    """One open transaction: the connection, the installation's keys, and where new ids come from."""

    c: Connection
    keys: Keyring
    ids: NewId = random_id

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """What happens inside is undone alone if it raises, and the transaction goes on."""
        self.c.exec_driver_sql("SAVEPOINT turn")
        try:
            yield
        except BaseException:
            self.c.exec_driver_sql("ROLLBACK TO SAVEPOINT turn")
            raise
        finally:
            if not self.c.invalidated:
                self.c.exec_driver_sql("RELEASE SAVEPOINT turn")


class Database:
    """An engine with our settings. `begin` writes, `read` only reads; both give a bare connection."""

    def __init__(self, url: str | URL, *, wait: float = 2.0, pool: int = 12) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = _sqlite(self.url, wait, pool) if self.is_sqlite else _postgresql(self.url, wait, pool)
        # SQLite has one writer. Threads of one process queue here rather than in SQLite's sleeping retry loop.
        self._writer = Turnstile() if self.is_sqlite else None
        self._wait = wait

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A writing transaction: committed and durable when the block ends, rolled back when it raises."""
        if self._writer is None:
            with self.engine.begin() as c:
                yield c
            return
        with self._writer.turn(self._wait * 2), self.engine.begin() as c:
            yield c

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A reading transaction; on SQLite it never waits for the writer."""
        with self.engine.connect().execution_options(eap_read_only=True) as c, c.begin():
            yield c

    def forget_old_bytes(self, tables: Sequence[str]) -> bool:
        """Let no earlier state of deleted rows lie around; False while somebody is in the way.

        SQLite overwrites what it deletes, but its log holds earlier pages: it is emptied. PostgreSQL keeps dead rows in
        their file: each of `tables` is written anew, which locks it for as long as that takes. What its log and backups
        still hold, and until when, is in docs/adr/0010.
        """
        if self._writer is None:
            return all(self._write_anew(table) for table in tables)
        with self._writer.turn(self._wait * 2), self.engine.connect() as c:
            raw = c.connection.cursor()
            try:
                raw.execute("pragma wal_checkpoint(truncate)")
                busy = (raw.fetchone() or (1,))[0]
            finally:
                raw.close()
        return not busy

    def _write_anew(self, table: str) -> bool:
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as c:
            c.exec_driver_sql("SET statement_timeout = 0")
            file = f"SELECT pg_relation_filenode('{table}')"  # one of our own names
            before = c.exec_driver_sql(file).scalar()
            try:
                c.exec_driver_sql(f"VACUUM FULL {table}")
            except OperationalError:
                # Somebody holds the table longer than we wait.
                return False
            finally:
                c.exec_driver_sql("RESET statement_timeout")
            # A table of another owner is passed over with no more than a warning.
            return bool(c.exec_driver_sql(file).scalar() != before)

    def close(self) -> None:
        self.engine.dispose()


class Turnstile:
    """A lock that lets waiters in as they came, so that a busy thread that comes again at once cannot starve them."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._taken = False
        self._waiting: deque[threading.Lock] = deque()

    @contextmanager
    def turn(self, patience: float) -> Iterator[None]:
        """Hold it for the block. Raises SQLAlchemy's TimeoutError after `patience` seconds."""
        self._enter(patience)
        try:
            yield
        finally:
            with self._mutex:
                self._pass_on()

    def _enter(self, patience: float) -> None:
        with self._mutex:
            if not self._taken:
                self._taken = True
                return
            mine = threading.Lock()
            mine.acquire()
            self._waiting.append(mine)
        if mine.acquire(timeout=patience):
            return
        with self._mutex:
            if mine in self._waiting:
                self._waiting.remove(mine)
            else:
                # It was handed over in the very moment the patience ended.
                self._pass_on()
        raise PoolTimeout("the writer is busy")

    def _pass_on(self) -> None:
        if self._waiting:
            self._waiting.popleft().release()
        else:
            self._taken = False


def is_reachable(database: Database) -> bool:
    try:
        with database.read() as c:
            c.exec_driver_sql("SELECT 1")
    except SQLAlchemyError:
        return False
    return True


def _sqlite(url: URL, wait: float, pool: int) -> Engine:
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        # Every transaction ends in `begin` or `read`; rolling back once more on return would only cost time.
        pool_reset_on_return=None,
        pool_size=pool,
        max_overflow=0,
        pool_timeout=wait,
        connect_args={"timeout": wait, "check_same_thread": False},
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    for pragma in (
        "journal_mode=wal",
        "synchronous=full",
        "foreign_keys=on",
        "secure_delete=on",
        "trusted_schema=off",
        "temp_store=memory",
        "cache_size=-16000",
    ):
        connection.execute(f"pragma {pragma}").close()


def _begin_sqlite(c: Connection) -> None:
    # A deferred BEGIN that later writes fails with "database is locked" instead of waiting.
    c.exec_driver_sql("BEGIN" if c.get_execution_options().get("eap_read_only") else "BEGIN IMMEDIATE")


def _postgresql(url: URL, wait: float, pool: int) -> Engine:
    seconds = max(1, round(wait))
    return create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_size=pool,
        max_overflow=0,
        pool_timeout=wait,
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": seconds + 1,
            "options": f"-c lock_timeout={seconds * 1000} -c statement_timeout={seconds * 5000} -c timezone=UTC",
            "keepalives_idle": 5,
        },
    )
