"""While the database is away events wait in a sealed file, and are worked through once when it is back."""

from __future__ import annotations

import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.spool import Spool, Spooled
from storage.crypto import MasterKeys
from tests.figures import Figure
from tests.path import posting
from tests.path.test_crisis_always import how_often
from tests.postgres import Postgres
from tests.town import MASTER_KEY, Town, eventually, town

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)

# Another process that spools what it is given and dies before it can clean up.
DYING = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from bot.spool import Spool
from storage.crypto import MasterKeys
folder, key, *bodies = sys.argv[1:]
spool = Spool(Path(folder), MasterKeys.parse(key))
for body in bodies:
    spool.append(body.encode(), datetime.now(UTC))
os.kill(os.getpid(), 9)
"""


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    made = Spool(tmp_path / "spool", MasterKeys.parse(MASTER_KEY))
    yield made
    made.close()


def replayed(spool: Spool) -> list[bytes]:
    found: list[Spooled] = []
    spool.replay(found.extend)
    return [one.body for one in found]


def test_what_was_kept_aside_comes_back_in_order_and_once(spool: Spool) -> None:
    for name in (b"one", b"two", b"three"):
        spool.append(name, NOON)

    assert replayed(spool) == [b"one", b"two", b"three"]
    assert replayed(spool) == []
    assert spool.is_empty()


def test_what_cannot_be_stored_yet_stays(spool: Spool) -> None:
    spool.append(b"one", NOON)

    with pytest.raises(TimeoutError):
        spool.replay(_away)

    assert replayed(spool) == [b"one"]


def test_a_record_that_a_crash_tore_off_does_not_take_the_others_with_it(spool: Spool, tmp_path: Path) -> None:
    spool.append(b"one", NOON)
    spool.append(b"two", NOON)
    spool.close()
    [file] = (tmp_path / "spool").glob("*.spool")
    whole = file.read_bytes()

    for cut in range(1, len(whole)):
        file.write_bytes(whole[:cut])
        found = replayed(spool)
        assert found in ([], [b"one"])

    assert found == [b"one"]


def test_a_full_disk_in_the_middle_hides_nothing_that_is_acknowledged_later(spool: Spool, tmp_path: Path) -> None:
    spool.append(b"one", NOON)
    [file] = (tmp_path / "spool").glob("*.spool")
    with _largest_file(file.stat().st_size + 10), pytest.raises(OSError, match="File too large"):
        spool.append(b"never acknowledged", NOON)

    spool.append(b"two", NOON)

    assert sorted(replayed(spool)) == [b"one", b"two"]


def test_nothing_in_the_spool_can_be_read_without_the_key(spool: Spool, tmp_path: Path) -> None:
    spool.append("我不想活了".encode(), NOON)

    for file in (tmp_path / "spool").iterdir():
        assert "我不想活了".encode() not in file.read_bytes()


def test_what_a_crash_left_is_taken_over_by_the_next_process(sqlite_url: str, tmp_path: Path, figure: Figure) -> None:
    with town(sqlite_url, tmp_path, start=False) as place:
        people = [posting.somebody(place) for _ in range(10)]
        bodies = [posting.body(posting.text(place, user, "選單")).decode() for user in people]
        died = subprocess.run(
            [sys.executable, "-c", DYING, str(tmp_path / "spool"), MASTER_KEY, *bodies], check=False
        )
        assert died.returncode == -signal.SIGKILL
        [file] = (tmp_path / "spool").glob("*.spool")
        with file.open("ab") as torn:
            torn.write(b"\x00\x00\x40\x00half a record")

        with town(sqlite_url, tmp_path, platform=place.platform) as successor:
            eventually(lambda: all(posting.said(successor, user) for user in people), 20)
            assert [_answers(successor, user) for user in people] == [1] * 10
            assert successor.run.intake.spool_is_empty()
    figure("10 events spooled by a process that was killed: 10 answered by the next one, once each")


def test_what_people_say_while_the_database_is_away_is_answered_when_it_is_back(
    own_postgres: Postgres, prepare_database: Callable[[str], None], tmp_path: Path, figure: Figure
) -> None:
    prepare_database(own_postgres.url)
    with town(own_postgres.url, tmp_path) as place:
        own_postgres.stop(signal.SIGINT)
        people = [posting.somebody(place) for _ in range(20)]
        raws = [posting.body(posting.text(place, user, "選單")) for user in people]
        statuses = [posting.post(place, raw) for raw in raws]
        # LINE sends some of them once more, for it may.
        statuses += [posting.post(place, raw) for raw in raws[:5]]
        caller = posting.somebody(place)
        statuses.append(posting.post(place, posting.body(posting.text(place, caller, "求助"))))
        eventually(lambda: how_often(place, caller))

        own_postgres.start()

        eventually(lambda: all(posting.said(place, user) for user in people), 20)
        place.wait(20)
        assert set(statuses) == {200}
        assert [_answers(place, user) for user in people] == [1] * 20
        assert how_often(place, caller) == 1
    figure("20 events and a call for help while PostgreSQL was away: 21 answered, once each")


def _answers(place: Town, user: str) -> int:
    """How many calls to LINE showed something in this chat."""
    return len({entry.key for entry in posting.said(place, user)})


def _away(_: list[Spooled]) -> None:
    raise TimeoutError


@contextmanager
def _largest_file(size: int) -> Iterator[None]:
    """As on a disk that is full: no file grows beyond this."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
