"""`python -m bot backup`: taken while people write, it opens again by the steps of the operator's page."""

from __future__ import annotations

import base64
import os
import resource
import shutil
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url, select

from bot import backup, wiring
from bot.backup import BackupFailed
from storage import keyring, people
from storage.crypto import MasterKeys
from storage.models import InboxEvent
from storage.session import Database
from tests import postgres
from tests.figures import Figure
from tests.path import posting
from tests.serving import ROOT, bot, environment
from tests.town import MASTER_KEY, SECRET, TOKEN, Town, eventually, settings, town

AFTER_RESTORE = ROOT / "deploy/after-restore.sql"


@pytest.fixture
def env(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """An operator's environment, with PostgreSQL's client programs of the server's version."""
    path = f"{postgres.programs()}:{os.environ['PATH']}"
    monkeypatch.setenv("PATH", path)
    return environment("http://127.0.0.1:9", database_url, tmp_path, PATH=path)


@pytest.fixture
def fresh_url(database_url: str, postgres_url: str, tmp_path: Path) -> Iterator[str]:
    """Where to restore to: a database that does not exist yet, or an empty one."""
    if database_url.startswith("sqlite"):
        yield f"sqlite:///{tmp_path / 'restored.sqlite'}"
        return
    with postgres.fresh_database(postgres_url) as url:
        yield url


def test_a_backup_under_traffic_holds_every_turn_acknowledged_before_it(
    database_url: str, fresh_url: str, env: dict[str, str], tmp_path: Path, figure: Figure
) -> None:
    file = tmp_path / "eapline.backup"
    with town(database_url, tmp_path) as place:
        mei = place.person("梅")
        assert mei.sees(3, wait=20)
        with _traffic(place) as traffic:
            eventually(lambda: len(traffic.acknowledged) > 100)
            before = list(traffic.acknowledged)
            done = bot("backup", str(file), env=env)
            during = len(traffic.acknowledged) - len(before)
        assert done.returncode == 0, done.stderr
        place.wait()

        _restore(file, fresh_url, env)
        kept = _events(fresh_url)

    assert during > 0, "nothing was written meanwhile: this shows nothing"
    assert [event for event in before if not kept.has(event)] == []
    with town(fresh_url, tmp_path / "again") as again:
        eventually(lambda: again.run.is_ready)
        assert again.settled(), "nothing is answered or sent a second time"
        with again.tx() as tx:
            assert people.find(tx, mei.user)
        ken = again.person("Ken")
        assert ken.sees(3, wait=20)
    kind = database_url.partition(":")[0].partition("+")[0]
    figure(
        f"backup on {kind} with {during} webhooks acknowledged meanwhile: {len(before)} of {len(before)} from before "
        "are in it; restored, migrated, and answering"
    )


@pytest.mark.usefixtures("env")
def test_it_is_for_its_owner_says_what_opens_it_and_holds_no_key(
    database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "eapline.backup"

    _backup(database_url, file)

    said = capsys.readouterr().out
    key = MasterKeys.parse(MASTER_KEY).newest
    assert f"{file}: {file.stat().st_size:,} bytes, schema " in said
    assert f"master key {key.id} (not in it)" in said
    assert file.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir() if "backup" in each.name] == [file.name]
    held = file.read_bytes()
    for secret in (
        MASTER_KEY.encode(),
        base64.urlsafe_b64decode(MASTER_KEY),
        SECRET.encode(),
        TOKEN.encode(),
    ):
        assert secret not in held


def test_a_file_that_is_there_stays_as_it_is(database_url: str, tmp_path: Path) -> None:
    file = tmp_path / "yesterday.backup"
    file.write_text("yesterday")

    with pytest.raises(BackupFailed, match="is there already and stays as it is"):
        _backup(database_url, file)

    assert file.read_text() == "yesterday"


@pytest.mark.usefixtures("env")
def test_a_full_disk_leaves_nothing_that_looks_like_a_backup(database_url: str, tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, before[1]))
    try:
        with pytest.raises(BackupFailed):
            _backup(database_url, tmp_path / "eapline.backup")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)

    assert not [each for each in tmp_path.iterdir() if "backup" in each.name]


def test_what_cannot_work_is_said_and_nothing_is_made(sqlite_template: Path, tmp_path: Path) -> None:
    nowhere = f"sqlite:///{tmp_path / 'not-there.sqlite'}"

    with pytest.raises(BackupFailed, match="could not be written: No such file or directory"):
        _backup(f"sqlite:///{sqlite_template}", tmp_path / "nowhere" / "eapline.backup")
    with pytest.raises(BackupFailed, match="there is no database to back up"):
        _backup(nowhere, tmp_path / "eapline.backup")

    assert not [each for each in tmp_path.rglob("*") if each.name in {"not-there.sqlite", "eapline.backup"}]


def test_without_pg_dump_it_says_what_to_install(
    postgres_template: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(BackupFailed, match="pg_dump is not here: install PostgreSQL's client programs"):
        _backup(postgres_template, tmp_path / "eapline.backup")


def _backup(url: str, file: Path) -> None:
    backup.run(settings(url, "http://127.0.0.1:9", file.parent), file, print)


@dataclass
class Traffic:
    """People who write, and the events LINE got its 200 for."""

    place: Town
    acknowledged: list[str] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def write(self) -> None:
        while not self.ended.is_set():
            sent = posting.text(self.place, posting.somebody(self.place), "選單")
            if posting.post(self.place, posting.body(sent)) == 200:
                self.acknowledged.append(sent["webhookEventId"])


@contextmanager
def _traffic(place: Town) -> Iterator[Traffic]:
    traffic = Traffic(place)
    writer = threading.Thread(target=traffic.write)
    writer.start()
    try:
        yield traffic
    finally:
        traffic.ended.set()
        writer.join()


def _restore(file: Path, url: str, env: dict[str, str]) -> None:
    """The steps of docs/operator/backup.md."""
    if url.startswith("sqlite"):
        target = url.removeprefix("sqlite:///")
        shutil.copy(file, target)
        with closing(sqlite3.connect(target)) as database:
            assert database.execute("pragma integrity_check").fetchall() == [("ok",)]
            database.executescript(AFTER_RESTORE.read_text())
    else:
        plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        command = ["pg_restore", "--exit-on-error", "--no-owner", f"--dbname={plain}", str(file)]
        subprocess.run(command, env=env, check=True)
        with psycopg.connect(plain, autocommit=True) as database:
            database.execute(AFTER_RESTORE.read_text().encode())
    wiring.migrate(settings(url, "http://127.0.0.1:9", file.parent))


@dataclass
class Kept:
    """The keyed ids of the events in a database."""

    keys: keyring.Keyring
    rows: set[bytes]

    def has(self, event: str) -> bool:
        return self.keys.index("event", event) in self.rows


def _events(url: str) -> Kept:
    database = Database(url)
    try:
        with database.read() as c:
            return Kept(
                keyring.unlock(c, MasterKeys.parse(MASTER_KEY)), set(c.scalars(select(InboxEvent.event_key)))
            )
    finally:
        database.close()
