"""Whatever is broken, a call for help is answered: no database, no key, no spool, no worker, a LINE that falters."""

from __future__ import annotations

import shutil
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from storage.crypto import new_master_key
from storage.models import InHand
from storage.rows import upsert
from storage.session import Database
from tests.figures import Figure
from tests.path import posting
from tests.postgres import Postgres
from tests.town import HOUR, Town, eventually, town

CALLS = ("求助", "我不想活了", "想自殺", "help", "i want to kill myself", "救命")
# The fixed reply names the line that is open day and night.
LINE_TO_CALL = "1925"


def calls_for_help(place: Town, status: int = 200) -> tuple[int, int]:
    """Six people call; how many were answered, and the most often that one of them was."""
    people = [posting.somebody(place) for _ in CALLS]
    for user, words in zip(people, CALLS, strict=True):
        assert posting.post(place, posting.body(posting.text(place, user, words))) == status
    times = [lambda user=user: how_often(place, user) for user in people]
    eventually(lambda: all(count() for count in times), 20)
    time.sleep(0.3)
    counted = [count() for count in times]
    return sum(count > 0 for count in counted), max(counted)


def how_often(place: Town, user: str) -> int:
    """How often somebody was shown the crisis reply."""
    texts = [entry.message.get("text", "") for entry in posting.said(place, user)]
    return sum(LINE_TO_CALL in text for text in texts)


def test_help_is_answered_while_all_is_well(sqlite_url: str, tmp_path: Path) -> None:
    with town(sqlite_url, tmp_path) as place:
        assert calls_for_help(place) == (6, 1)


def test_help_is_answered_once_when_many_call_at_once(sqlite_url: str, tmp_path: Path, figure: Figure) -> None:
    with town(sqlite_url, tmp_path) as place:
        callers = [posting.somebody(place) for _ in range(60)]
        bodies = [posting.body(posting.text(place, user, "求助")) for user in callers]
        with ThreadPoolExecutor(12) as phones:
            statuses = list(phones.map(lambda raw: posting.post(place, raw), bodies))
        eventually(lambda: all(how_often(place, user) for user in callers), 20)
        # A safety copy that is still there now would go out after fifteen seconds.
        place.wait(10)

        times = [how_often(place, user) for user in callers]
    assert statuses == [200] * 60
    assert times == [1] * 60
    figure("求助 from 60 people at once: 60 answered, once each")


def test_help_is_answered_without_a_key(sqlite_url: str, tmp_path: Path, figure: Figure) -> None:
    with town(sqlite_url, tmp_path, eap_master_keys=SecretStr("")) as place:
        # Neither stored nor spooled: LINE is told so, after the answer.
        assert calls_for_help(place, status=503) == (6, 1)
    figure("求助 with the key missing: 6 of 6 answered, each webhook then got its 503")


def test_help_is_answered_with_a_wrong_key(sqlite_url: str, tmp_path: Path) -> None:
    with town(sqlite_url, tmp_path, eap_master_keys=SecretStr(new_master_key())) as place:
        assert place.run.trouble is not None
        assert "missing from EAP_MASTER_KEYS" in place.run.trouble
        assert calls_for_help(place) == (6, 1)


def test_help_is_answered_with_no_database_at_start(tmp_path: Path) -> None:
    with town(f"sqlite:///{tmp_path / 'nothing.sqlite'}", tmp_path) as place:
        assert calls_for_help(place) == (6, 1)


def test_help_is_answered_once_though_line_repeats_itself_while_nothing_can_be_stored(tmp_path: Path) -> None:
    with town(f"sqlite:///{tmp_path / 'nothing.sqlite'}", tmp_path) as place:
        user = posting.somebody(place)
        raw = posting.body(posting.text(place, user, "求助"))
        with ThreadPoolExecutor(4) as copies:
            assert list(copies.map(lambda _: posting.post(place, raw), range(4))) == [200] * 4
        eventually(lambda: how_often(place, user))
        time.sleep(0.5)

        assert how_often(place, user) == 1


def test_help_is_answered_with_no_postgresql_at_start(tmp_path: Path) -> None:
    with town(f"postgresql://nobody@/none?host={tmp_path}", tmp_path) as place:
        assert calls_for_help(place) == (6, 1)


def test_help_is_answered_when_not_even_the_spool_can_be_written(tmp_path: Path, figure: Figure) -> None:
    (tmp_path / "spool").write_text("a file stands where the folder should be")

    with town(f"sqlite:///{tmp_path / 'nothing.sqlite'}", tmp_path) as place:
        assert calls_for_help(place, status=503) == (6, 1)
    figure("求助 with database and spool both away: 6 of 6 answered, each webhook then got its 503")


def test_help_is_answered_while_postgresql_is_stopped(
    own_postgres: Postgres, prepare_database: Callable[[str], None], tmp_path: Path, figure: Figure
) -> None:
    prepare_database(own_postgres.url)
    with town(own_postgres.url, tmp_path) as place:
        mei = place.person("梅")
        assert mei.sees(3)
        own_postgres.stop(signal.SIGQUIT)

        answered, most = calls_for_help(place)

        own_postgres.start()
        place.wait(20)
        # What was spooled is worked through now; the calls among it have had their answer.
        assert (answered, most) == (6, 1)
        assert all(how_often(place, user) == 1 for user in _strangers(place, mei.user))
    figure("求助 while PostgreSQL is stopped: 6 of 6 answered, none of them again when it is back")


def test_help_is_answered_while_the_database_is_locked(sqlite_url: str, tmp_path: Path) -> None:
    with town(sqlite_url, tmp_path) as place, _held_by_another(sqlite_url):
        assert calls_for_help(place) == (6, 1)


def test_help_is_answered_while_a_dead_worker_holds_everybody(sqlite_url: str, tmp_path: Path) -> None:
    with town(sqlite_url, tmp_path) as place:
        mei = place.person("梅")
        mei.sees(3)
        place.wait()
        with place.tx() as tx:
            hands = {"sender_key": tx.keys.index("line", mei.user), "owner": 1, "since": place.clock.now()}
            upsert(tx.c, InHand, "sender_key", hands | {"until": place.clock.now() + HOUR})

        mei.says("我不想活了")

        assert LINE_TO_CALL in "".join(shown.text for shown in mei.sees(4))


BAD_DAYS: tuple[tuple[Any, ...], ...] = (
    ("500", "500", "500"),
    ("refuse_before", "refuse_before"),
    ("cut_after",),
    ("500_after", "500"),
    ("429", "429", "429"),
    ({"do": "429", "retry_after": 1}, "cut_before"),
    ("400",),
    ("garbage",),
    ("500",) * 4,
    ("429",) * 4,
    ({"do": "hang", "seconds": 8},),
    ({"do": "hang_after", "seconds": 8},),
)


def test_help_is_answered_on_every_bad_day_of_lines(sqlite_url: str, tmp_path: Path, figure: Figure) -> None:
    with ThreadPoolExecutor(len(BAD_DAYS)) as days:
        times = list(days.map(lambda day: _on_a(day, sqlite_url, tmp_path), range(len(BAD_DAYS))))

    assert [day for day, shown in zip(BAD_DAYS, times, strict=True) if shown not in (1, 2)] == []
    figure(f"求助 on {len(BAD_DAYS)} bad days of LINE's (500, 429, cut, hang): all answered, twice: {times.count(2)}")


def _on_a(day: int, template: str, folder: Path) -> int:
    """How often a call for help was answered while LINE did this to the first tries."""
    mine = folder / str(day)
    mine.mkdir()
    url = f"sqlite:///{shutil.copy(template.removeprefix('sqlite:///'), mine / 'eap.sqlite')}"
    with town(url, mine) as place:
        place.line.script("reply", *BAD_DAYS[day])
        user = posting.somebody(place)
        assert posting.post(place, posting.body(posting.text(place, user, "求助"))) == 200
        eventually(lambda: how_often(place, user), 20)
        place.wait(20)
        return how_often(place, user)


@contextmanager
def _held_by_another(url: str) -> Iterator[None]:
    """Another process is in the middle of a long write."""
    other = Database(url)
    try:
        with other.begin():
            yield
    finally:
        other.close()


def _strangers(place: Town, known: str) -> list[str]:
    return [user for user in place.platform.chats.people if user != known]


