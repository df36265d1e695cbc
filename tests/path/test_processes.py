"""Real processes: two of them share the work, one is killed, the disk fills, the operator stops them, keys rotate."""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import func, select

from simulator.app import create_app
from simulator.client import Simulator
from simulator.platform import Platform
from simulator.server import Server
from storage import keyring, people
from storage.crypto import MasterKeys, new_master_key
from storage.models import Person
from storage.session import Database, Tx
from tests import captures
from tests.clocks import START
from tests.figures import Figure
from tests.serving import ROOT, Serving, bot, environment, serving
from tests.town import MASTER_KEY, SECRET, TOKEN, eventually, town


@dataclass
class Line:
    """LINE's stand-in, for processes of their own."""

    platform: Platform
    phones: Simulator
    url: str

    def reaches(self, service: Serving) -> None:
        """From now on webhooks go to this service."""
        self.platform.webhook.target = service.callback


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    capture = captures.folder() / f"{tmp_path.name}-{os.getpid()}.jsonl"
    platform = Platform(secret=SECRET, token=TOKEN, rate_limits=False, capture=capture)
    with Server(create_app(platform)) as server, Simulator(server.url) as phones:
        yield Line(platform, phones, server.url)
        platform.close()


def test_when_one_of_two_processes_is_killed_the_other_goes_on(
    line: Line, sqlite_url: str, tmp_path: Path, figure: Figure
) -> None:
    env = environment(line.url, sqlite_url, tmp_path)
    with serving(env, tmp_path, name="first") as first:
        line.reaches(first)
        mei = line.phones.person("梅")
        assert mei.sees(3, wait=20)
        eventually(lambda: _ask(sqlite_url, "select count(*) from due where done_at is not null") == [(1,)], 20)
        leader = _leader(sqlite_url)
        with serving(env, tmp_path, name="second") as second:
            _kill(first)
            killed_at = time.monotonic()
            line.reaches(second)
            mei.says("選單")
            assert mei.sees(1, wait=20)
            eventually(lambda: _leader(sqlite_url) != leader, 20)
            seconds = time.monotonic() - killed_at

            assert leader
            assert _ask(sqlite_url, "select tries from due") == [(1,)]
    figure(f"one of two processes killed: the other answers, and leads after {seconds:.1f} s; due row done once")


def test_a_stop_lets_answers_under_way_arrive(line: Line, sqlite_url: str, tmp_path: Path, figure: Figure) -> None:
    with serving(environment(line.url, sqlite_url, tmp_path), tmp_path) as service:
        line.reaches(service)
        callers = [line.phones.person(f"{n}") for n in range(8)]
        assert all(who.sees(3, wait=20) for who in callers)
        line.phones.always("reply", {"do": "ok", "latency_ms": 1500})
        for who in callers:
            who.says("選單")
        assert line.phones.quiet()

        service.process.send_signal(signal.SIGTERM)
        ended = service.process.wait(40)

        assert [len(who.sees(1, wait=5)) for who in callers] == [1] * 8
        assert ended == 0
    states = _ask(sqlite_url, "select state, count(*) from outbox group by state")
    assert states == [(3, 16)]
    figure("SIGTERM with 8 slow replies under way: 8 of 8 arrived, 8 of 8 written down, exit 0")


def test_a_full_disk_is_survived_without_a_hand(line: Line, sqlite_url: str, tmp_path: Path, figure: Figure) -> None:
    with serving(environment(line.url, sqlite_url, tmp_path), tmp_path) as service:
        line.reaches(service)
        mei, ken = line.phones.person("梅"), line.phones.person("Ken")
        assert mei.sees(3, wait=20)
        assert ken.sees(3, wait=20)
        worker = _worker(service)

        with _no_file_grows_beyond(worker, 2000):
            # The database cannot grow, a small file still can: the spool takes it.
            mei.says("選單")
            assert line.phones.quiet()
            with _no_file_grows_beyond(worker, 0):
                ken.says("求助")
                assert "1925" in "".join(shown.text for shown in ken.sees(4, wait=20))
                assert line.phones.quiet()
        statuses = [one["status"] for one in line.phones.call("GET", "/webhook")["attempts"]]

        assert mei.sees(1, wait=20)
        ken.says("選單")
        assert ken.sees(1, wait=20)
        assert statuses == [200, 200, 200, 503]
        eventually(lambda: service.readyz()["spool_empty"], 20)
    assert _ask(sqlite_url, "pragma integrity_check") == [("ok",)]
    figure("disk full: 求助 answered before its 503, the rest spooled and answered later; database intact")


def test_a_wrong_setting_is_named_and_its_value_is_not(tmp_path: Path, sqlite_url: str, figure: Figure) -> None:
    good = environment("http://127.0.0.1:9", sqlite_url, tmp_path)
    wrong = {
        "LINE_API_BASE": "http://line.example/hush-hush",
        "DATABASE_URL": "mysql://root:hush-hush@db/eap",
        "EAP_NOW": "2031-07-09T01:02:03",
        "PORT": "70707",
        "WEB_CONCURRENCY": "4",
        "LINE_CHANNEL_SECRET": " , ",
        "EAP_PLAN": "hush-hush",
    }
    with ThreadPoolExecutor(4) as operators:
        runs = list(operators.map(lambda one: bot("serve", env=good | {one[0]: one[1]}), wrong.items()))

    for (name, value), run in zip(wrong.items(), runs, strict=True):
        assert run.returncode == 2, (name, run.stderr)
        assert name in run.stderr or name == "EAP_PLAN"
        assert value.strip(" ,") == "" or value not in run.stderr or name == "EAP_PLAN"
        assert "Traceback" not in run.stderr
        assert len(run.stderr.splitlines()) == 1
    figure(f"{len(wrong)} wrong settings: each stops the start, named in one line, its value not shown")


def test_a_missing_or_wrong_key_stops_the_start_and_changes_nothing(sqlite_url: str, tmp_path: Path) -> None:
    good = environment("http://127.0.0.1:9", sqlite_url, tmp_path)
    _add_people(sqlite_url, 3)
    before, needed = _everything(sqlite_url), str(MasterKeys.parse(MASTER_KEY).newest.id)
    keys = {"": "EAP_MASTER_KEYS is empty", new_master_key(): needed, "not-a-key": "EAP_MASTER_KEYS"}
    wrong = list(keys)[1]
    commands = [(("serve",), key) for key in keys] + [(("keys", "rotate"), wrong)]
    with ThreadPoolExecutor(4) as operators:
        runs = list(operators.map(lambda one: bot(*one[0], env=good | {"EAP_MASTER_KEYS": one[1]}), commands))

    for (words, key), run in zip(commands, runs, strict=True):
        assert run.returncode == 1, (words, run.stderr)
        assert keys[key] in run.stderr
        assert not key or key not in run.stderr
    assert _everything(sqlite_url) == before


def test_keys_rotate_while_people_write_and_again_after_being_killed(
    sqlite_url: str, tmp_path: Path, figure: Figure
) -> None:
    new = new_master_key()
    both = f"{new},{MASTER_KEY}"
    _add_people(sqlite_url, 6000)
    with town(sqlite_url, tmp_path, eap_master_keys=SecretStr(both)) as place:
        mei = place.person("梅")
        assert mei.sees(3)
        env = environment(place.settings.line_api_base, sqlite_url, tmp_path, EAP_MASTER_KEYS=both)
        rotating = subprocess.Popen([sys.executable, "-m", "bot", "keys", "rotate"], env=env, cwd=ROOT)
        eventually(lambda: 0 < _left(sqlite_url, new) < 6000, 30)
        rotating.kill()
        rotating.wait()
        half = _left(sqlite_url, new)
        mei.says("選單")
        assert mei.sees(1)

        done = bot("keys", "rotate", env=env)
        mei.says("選單")
        assert mei.sees(1)

        assert half
        assert done.returncode == 0, done.stderr
        assert _left(sqlite_url, new) == 0
        place.wait()
    with town(sqlite_url, tmp_path, eap_master_keys=SecretStr(new), platform=place.platform) as place:
        assert place.run.is_ready
        with place.tx() as tx:
            assert people.find(tx, "U" + f"{7:032x}") is not None
    figure(f"keys rotated while people wrote, killed with {half} of 6,000 people to go and resumed: 0 unreadable")


@pytest.mark.sweep
def test_the_keys_of_a_hundred_thousand_people_rotate_in_ten_seconds(
    database_url: str, tmp_path: Path, figure: Figure
) -> None:
    new = new_master_key()
    _add_people(database_url, 100_000)
    env = environment("http://127.0.0.1:9", database_url, tmp_path, EAP_MASTER_KEYS=f"{new},{MASTER_KEY}")

    began = time.monotonic()
    done = bot("keys", "rotate", env=env)
    seconds = time.monotonic() - began

    assert done.returncode == 0, done.stderr
    assert _left(database_url, new) == 0
    figure(f"keys of 100,000 people rotated on {database_url.partition(':')[0]}: {seconds:.1f} s (to hold: 10 s)")
    assert seconds < 10


def _ask(url: str, question: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"), timeout=10)) as database:
        return database.execute(question).fetchall()


def _leader(url: str) -> object:
    [(owner,)] = _ask(url, "select owner from leases where name = 'clock'") or [(None,)]
    return owner


def _worker(service: Serving) -> int:
    """gunicorn's one worker, where everything happens."""
    pid = service.process.pid
    [worker] = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(worker)


def _kill(service: Serving) -> None:
    worker = _worker(service)
    for pid in (service.process.pid, worker):
        os.kill(pid, signal.SIGKILL)
    service.process.wait()


@contextmanager
def _no_file_grows_beyond(pid: int, size: int) -> Iterator[None]:
    """As on a full disk, for one process."""
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)


def _add_people(url: str, count: int) -> None:
    database = Database(url)
    master = MasterKeys.parse(MASTER_KEY)
    with database.begin() as c:
        tx = Tx(c, keyring.unlock(c, master))
        for first in range(0, count, 5000):
            people.add_missing(tx, [f"U{n:032x}" for n in range(first, min(count, first + 5000))], START)
    database.close()


def _left(url: str, new: str) -> int:
    """How many people are still under another key than the new one."""
    database = Database(url)
    with database.read() as c:
        found = c.scalar(
            select(func.count()).select_from(Person).where(Person.kek_id != MasterKeys.parse(new).newest.id)
        )
    database.close()
    return found or 0


def _everything(url: str) -> list[str]:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as database:
        return list(database.iterdump())

