"""After she has been destroyed: nothing of hers in the database file, its log, the spool or any log, not even for
somebody who has the master key and tries every byte. PostgreSQL: what is left where, as docs/adr/0010 says."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from care import erasures
from care.desk import Desk
from care.turns import Turn
from scheduler.calendar import KINDS, CalendarTick
from simulator.app import create_app
from simulator.client import Phone, Simulator
from simulator.platform import Platform
from simulator.server import Server
from storage import keyring, people, schema
from storage.crypto import BlindIndex, MasterKeys, WrappedKey
from storage.session import Database
from storage.store import Store
from tests import captures
from tests.conversations.talkers import Clock
from tests.figures import Figure
from tests.postgres import Postgres
from tests.privacy.attacking import Attacker
from tests.privacy.lives import PARKED, UNDER_WAY, live
from tests.privacy.searching import contents, forms, leaks
from tests.serving import environment, serving
from tests.town import MASTER_KEY, SECRET, TOKEN, eventually

LIN = "U" + "1" * 32
FREE = "昨天和主管吵了一架想離職"
NAME = "林美玲科員"


def test_erased_now_nothing_of_hers_is_left_on_the_disk(tmp_path: Path, figure: Figure) -> None:
    """The service as it runs, with a log at DEBUG; others go on using it."""
    database = tmp_path / "eap.sqlite"
    platform = Platform(
        secret=SECRET, token=TOKEN, rate_limits=False, capture=captures.folder() / "erased.jsonl"
    )
    with Server(create_app(platform)) as line, Simulator(line.url) as town:
        env = environment(line.url, f"sqlite:///{database}", tmp_path, LOG_LEVEL="DEBUG")
        with serving(env, tmp_path) as bot:
            platform.webhook.target = bot.callback
            ken, lin = town.person("Ken"), town.person(NAME)
            assert ken.sees(3)
            assert lin.sees(3)
            for words in (FREE, NAME, "檢測", "1", "3", "3", "2", "1", "0", "1", "匯出", "我的資料"):
                _says(lin, words)
            _says(ken, "檢測")
            before = contents(tmp_path)
            [hers, kens] = [_row(database, user) for user in (lin.user, ken.user)]
            attacker, canaries = Attacker(MASTER_KEY), [lin.user, FREE, NAME]
            key = attacker.key_of(before, hers.id)
            # The search is an honest one: while she was here it would have found all of it.
            assert key is not None
            assert attacker.opened_with(key, before, [lin.user])
            assert attacker.said(before, canaries)

            for words in ("刪除全部資料", "2"):
                _says(lin, words)
            eventually(lambda: "traces_cleared" in bot.log, 30)
            after = contents(tmp_path)
            assert attacker.key_of(after, kens.id) is not None
            _says(ken, "1")
        after |= {f"stopped {name}": data for name, data in contents(tmp_path).items()}
    platform.close()

    assert {"eap.sqlite", "eap.sqlite-wal", "serve.log"} <= set(after)
    assert leaks([*canaries, str(hers.id)], after) == []
    assert attacker.key_of(after, hers.id) is None
    assert attacker.opened_with(key, after, canaries) == []
    assert attacker.said(after, canaries) == []
    assert [blob for blob in hers.blobs if any(blob in data for data in after.values())] == []
    size = sum(map(len, after.values())) // 1024
    figure(
        f"erased now: {len(canaries) + 1} words and ids, each in {len(forms('12345678'))} forms, {len(hers.blobs)} "
        f"sealed values and her key, tried at every byte of {len(after)} files ({size} KB) with the master key: 0 hits"
    )


def test_a_day_after_nothing_is_left_either(
    sqlite_template: Path, tmp_path: Path, desk: Desk, clock: Clock, figure: Figure
) -> None:
    """With enough neighbours that her rows have been moved from page to page."""
    file = tmp_path / "eap.sqlite"
    file.write_bytes(sqlite_template.read_bytes())
    with _Opened(f"sqlite:///{file}", clock) as store:
        wrapped = _fill(store, desk, 60)
        before, attacker, some = contents(tmp_path), Attacker(MASTER_KEY), list(wrapped)[:4]
        keys = [attacker.key_of(before, number) for number in some]
        assert all(keys)
        assert all(_holds(before, blob) for blob in wrapped.values())
        clock.at += timedelta(hours=24)
        _tick_until_clear(store, clock)
        after = contents(tmp_path)

    assert [blob for blob in wrapped.values() if _holds(after, blob)] == []
    assert [number for number in some if attacker.key_of(after, number) is not None] == []
    assert attacker.said(after, [f"U{n:032x}" for n in range(0, 60, 3)]) == []
    words = [PARKED, UNDER_WAY, "moderate", "screening"]
    assert [key for key in keys if key and Attacker.opened_with(key, after, words)] == []
    figure(f"erased after a day (sqlite): {len(wrapped)} of 60 people, keys left 0")


def test_postgresql_forgets_in_the_night_but_for_its_own_log(
    clock: Clock, desk: Desk, figure: Figure
) -> None:
    server = Postgres(durable=True)
    try:
        _migrate(server.url)
        with _Opened(server.url, clock) as store:
            wrapped = _fill(store, desk, 30)
            attacker, users = Attacker(MASTER_KEY), [f"U{n:032x}" for n in range(0, 30, 3)]
            assert all(_holds(_tables(server, store), blob) for blob in wrapped.values())
            clock.at += timedelta(hours=24)
            CalendarTick(store, KINDS)()
            with store.begin() as tx:
                assert not any(people.by_ids(tx, [number]) for number in wrapped)
            # Deleted, and still there: this is why the night is needed.
            assert any(_holds(_tables(server, store), blob) for blob in wrapped.values())
            assert attacker.said(_tables(server, store), users)

            _tick_until_clear(store, clock)
            files = _tables(server, store)
            log = {file.name: file.read_bytes() for file in (server.folder / "data" / "pg_wal").glob("0*")}
        left = [blob for blob in wrapped.values() if _holds(files, blob)]
        in_log = [blob for blob in wrapped.values() if _holds(log, blob)]
    finally:
        server.remove()
    assert left == []
    assert attacker.said(files, users) == []
    assert in_log, "nothing left in the log either: docs/adr/0010 says too little"
    figure(
        f"erased after a day (postgresql): of {len(wrapped)} keys {len(left)} are left in the tables' files after the "
        f"night, {len(in_log)} in the server's own log until it is recycled (docs/adr/0010)"
    )


class _Row:
    """What lies in the database of one person, sealed."""

    def __init__(self, number: int, blobs: list[bytes]) -> None:
        self.id, self.blobs = number, blobs


def _row(database: Path, user: str) -> _Row:
    with closing(sqlite3.connect(database, timeout=10)) as c:
        keys = MasterKeys.parse(MASTER_KEY)
        kek, wrapped = c.execute("select kek_id, wrapped from keys where purpose = 'index'").fetchone()
        index = BlindIndex(WrappedKey(kek, wrapped).raw(keys, "index"))
        found = c.execute(
            "select id, line_key, line_id, wrapped from people where line_key = ?", (index("line", user),)
        )
        number, *blobs = found.fetchone()
        for table in ("conversations", "consents", "screenings"):
            blobs += [row[0] for row in c.execute(f"select body from {table} where person_id = ?", (number,))]  # noqa: S608  # ours
        return _Row(number, blobs)


def _says(who: Phone, words: str) -> None:
    who.says(words)
    assert who.sees(1), words


class _Opened:
    """A store on this database, closed at the end."""

    def __init__(self, url: str, clock: Clock) -> None:
        self._database, self._clock = Database(url), clock

    def __enter__(self) -> Store:
        with self._database.begin() as c:
            keys = keyring.unlock(c, MasterKeys.parse(MASTER_KEY))
        return Store(self._database, keys, 1, self._clock, self._clock)

    def __exit__(self, *_: object) -> None:
        self._database.close()


def _migrate(url: str) -> None:
    database = Database(url)
    schema.upgrade(database)
    with database.begin() as c:
        keyring.install(c, MasterKeys.parse(MASTER_KEY))
    database.close()


def _fill(store: Store, desk: Desk, count: int) -> dict[int, bytes]:
    """So many people with rows everywhere; every third has asked to be erased, and is returned with her wrapped key."""
    asked: dict[int, bytes] = {}
    for n in range(count):
        with store.begin() as tx:
            live(tx, f"U{n:032x}", store.plan())
    for n in range(0, count, 3):
        with store.begin() as tx:
            found = people.find(tx, f"U{n:032x}")
            assert found is not None
            asked[found.id] = people.held(tx, found)["wrapped"]
            erasures.seal(Turn(tx, found, desk, store.plan()))
    return asked


def _tick_until_clear(store: Store, clock: Clock) -> None:
    for _ in range(3):
        CalendarTick(store, KINDS)()
        clock.at += timedelta(hours=12)
    CalendarTick(store, KINDS)()


def _tables(server: Postgres, store: Store) -> dict[str, bytes]:
    """The files of our own tables; everything PostgreSQL makes for itself has a lower number."""
    with store.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as c:
        c.exec_driver_sql("CHECKPOINT")
    files = (server.folder / "data" / "base").rglob("*")
    return {
        str(file): file.read_bytes()
        for file in files
        if file.is_file() and file.name.split(".")[0].isdigit() and int(file.name.split(".")[0]) >= 16384
    }


def _holds(files: Mapping[str, bytes], blob: bytes) -> bool:
    return any(blob in data for data in files.values())
