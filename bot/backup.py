"""`backup FILE`: the database as it was at one instant, copied while the service runs. Master keys are never in it."""

from __future__ import annotations

import os
import secrets
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from psycopg.conninfo import make_conninfo
from sqlalchemy import URL, make_url

from bot.config import Settings
from storage import keyring, schema
from storage.session import Database

# What pg_dump may know of our surroundings: where things are, never our secrets.
KEPT = ("PATH", "HOME", "LANG", "PGPASSFILE", "PGSSLROOTCERT", "PGSYSCONFDIR")

PG_DUMP = (
    "pg_dump",
    "--format=custom",
    "--no-owner",
    "--no-privileges",
    "--no-password",
    "--lock-wait-timeout=30s",
)


class BackupFailed(Exception):
    """Says what is in the way. Nothing was left behind."""


def run(settings: Settings, file: Path, say: Callable[[str], None]) -> None:
    """Write FILE, whole and on the disk when this returns, for its owner's eyes only. Raises BackupFailed.

    A file that is there is never written over, and a backup that is cut off never has the name FILE.
    """
    url = make_url(settings.database_url)
    facts = _facts(url)
    with _part_of(file) as part:
        if url.get_backend_name() == "sqlite":
            _copy_sqlite(Path(url.database or ""), part)
        else:
            _dump_postgresql(url, part)
    say(f"{file}: {file.stat().st_size:,} bytes, {facts}")


def _facts(url: URL) -> str:
    """What whoever restores it will ask: the schema, and which keys open it."""
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        raise BackupFailed("DATABASE_URL: there is no database to back up")
    database = Database(url)
    try:
        with database.read() as c:
            revision = schema.current(c)
            if revision is None:
                raise BackupFailed(
                    "DATABASE_URL: this database was never migrated, there is nothing to back up"
                )
            keys = sorted(keyring.needed(c))
    finally:
        database.close()
    return f"schema {revision}, opened by master key {', '.join(keys)} (not in it)"


@contextmanager
def _part_of(file: Path) -> Iterator[Path]:
    """A new file beside it, which gets its name when all of it is on the disk."""
    part = file.with_name(f".{file.name}.{secrets.token_hex(4)}.part")
    if file.exists():
        raise BackupFailed(f"{file} is there already and stays as it is: choose another name")
    try:
        try:
            os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            yield part
            _flush(part)
            # Unlike a rename, this refuses a name that somebody has taken meanwhile.
            os.link(part, file)
        finally:
            part.unlink(missing_ok=True)
        _flush(file.parent)
    except FileExistsError:
        raise BackupFailed(f"{file} is there already and stays as it is: choose another name") from None
    except OSError as error:
        raise BackupFailed(f"{file} could not be written: {error.strerror}") from None


def _copy_sqlite(source: Path, part: Path) -> None:
    """SQLite's own online copy, in one step: a stepwise one starts anew whenever another process writes."""
    try:
        with (
            closing(sqlite3.connect(f"file:{source}?mode=rw", uri=True, timeout=10)) as live,
            closing(sqlite3.connect(part)) as copy,
        ):
            live.backup(copy)
            # The copy is one plain file, without a write-ahead log beside it.
            copy.execute("pragma journal_mode=delete")
            [(verdict,)] = copy.execute("pragma integrity_check(1)").fetchall()
    except sqlite3.Error as error:
        raise BackupFailed(f"SQLite could not copy the database: {error}") from None
    if verdict != "ok":
        raise BackupFailed("the copy does not pass SQLite's integrity check: is the disk sound?")


def _dump_postgresql(url: URL, part: Path) -> None:
    """pg_dump in the custom format, one snapshot; and proof that pg_restore can read the table of contents."""
    parts = url.translate_connect_args(username="user", database="dbname") | dict(url.query)
    parts.pop("password", None)
    conninfo = make_conninfo(**{name: str(value) for name, value in parts.items()})
    env = {name: os.environ[name] for name in KEPT if name in os.environ}
    if url.password:
        # Not as an argument: those are for everybody on this machine to see.
        env["PGPASSWORD"] = url.password
    with part.open("wb") as out:
        _client([*PG_DUMP, f"--dbname={conninfo}"], env, out.fileno())
    _client(["pg_restore", "--list", str(part)], env, subprocess.DEVNULL)


def _client(command: list[str], env: dict[str, str], out: int) -> None:
    try:
        done = subprocess.run(  # noqa: S603  # fixed words, and our own setting
            command, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.PIPE, check=False
        )
    except FileNotFoundError:
        raise BackupFailed(
            f"{command[0]} is not here: install PostgreSQL's client programs, of the server's version or newer"
        ) from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise BackupFailed(said[0] if said else f"{command[0]} ended with {done.returncode}")


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
