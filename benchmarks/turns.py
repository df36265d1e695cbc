"""(b), (d) Full turns a second in one process: inbox, lease, decrypt, engine, encrypt, outbox, done.

The anchor is sqlite3 alone: one UPDATE and one commit with synchronous=FULL per turn, in a table of as many rows.
"""

from __future__ import annotations

import json
import random
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks import load
from benchmarks.figures import Figure, median, ratios
from bot.clock import PlanClock, machine_now
from bot.intake import Intake
from care import content
from care.desk import Desk
from handlers.drain import Drain
from storage import conversations, keyring, people, schema
from storage.crypto import MasterKeys, new_master_key
from storage.models import Conversation, Person
from storage.rows import insert_missing, table
from storage.session import Database
from storage.store import Store

TURNS = 1000
# A raw commit takes a fifth of a turn, and so short a run would measure the machine's mood.
RAW = 5 * TURNS
SLICES = 4
MANY = 1_000_000
FEW = 1_000
TOGETHER = 8
SEED = 7


@dataclass
class Place:
    """A database with people in the middle of a screening, and a raw table of as many rows."""

    store: Store
    desk: Desk
    drain: Drain
    intake: Intake
    raw: sqlite3.Connection
    people: int
    random: random.Random
    state: dict[str, object]


def sqlite_against_raw(runs: int) -> list[Figure]:
    with _place(FEW) as place:
        ours, anchor = _interleaved(place, runs)
    return [
        Figure("turns/s : raw sqlite3 loop", median(ratios(ours, anchor)), 0.2, {"ours": ours, "raw": anchor})
    ]


def many_against_few(runs: int, many: int = MANY) -> list[Figure]:
    """The quotient of turns to the raw loop with a million people in both, as a share of the same with a thousand."""
    with _place(FEW) as small, _place(many) as large:
        _quotients(small, large)
        pairs = [_quotients(small, large) for _ in range(runs)]
    shares = [lot / few for few, lot in pairs]
    raw = {"few": [few for few, _ in pairs], "many": [lot for _, lot in pairs]}
    return [Figure(f"turns : raw with {many:,} people, as a share of {FEW:,}", median(shares), 0.9, raw)]


def _quotients(small: Place, large: Place) -> tuple[float, float]:
    """Of both places, taken in turns a slice at a time: the machine's mood lasts longer than one slice."""
    slices = [(_turns(small), _turns(large), _raw(small), _raw(large)) for _ in range(SLICES)]
    few, lot, raw_few, raw_lot = (sum(1 / rate for rate in rates) for rates in zip(*slices, strict=True))
    return raw_few / few, raw_lot / lot


def postgresql(url: str, runs: int) -> list[Figure]:
    """Beside it: the same turns on PostgreSQL, against the same raw loop."""
    with _place(FEW, url) as place:
        ours, anchor = _interleaved(place, runs)
    return [
        Figure("turns/s on PostgreSQL : raw sqlite3 loop", median(ratios(ours, anchor)), 0.0, {"ours": ours})
    ]


def _interleaved(place: Place, runs: int) -> tuple[list[float], list[float]]:
    _turns(place)
    pairs = [(_turns(place), _raw(place)) for _ in range(runs)]
    return [ours for ours, _ in pairs], [anchor for _, anchor in pairs]


def _turns(place: Place) -> float:
    """Store and work through one answer each of so many different people; turns a second.

    Nobody speaks twice, for a burst is answered once and would be cheaper.
    """
    chosen = [load.user_id(number) for number in place.random.sample(range(1, place.people + 1), TURNS)]
    _ask_again(place, sorted(chosen))
    bodies = [_body(chosen[start : start + TOGETHER]) for start in range(0, TURNS, TOGETHER)]
    began = time.perf_counter()
    for body in bodies:
        place.intake.take(body)
    done = 0
    while worked := place.drain.round():
        done += worked
    spent = time.perf_counter() - began
    if done != TURNS:
        raise RuntimeError(f"{done} turns of {TURNS}")
    return TURNS / spent


def _body(users: list[str]) -> bytes:
    found = [load.event(next(load.SERIAL) + 1, user, "2") for user in users]
    return json.dumps({"destination": load.user_id(0), "events": found}).encode()


def _ask_again(place: Place, users: list[str]) -> None:
    """Everybody stands at the first question again; not timed."""
    with place.store.begin() as tx:
        for user in users:
            person = people.find(tx, user)
            assert person is not None
            conversations.save(tx, person, place.state, machine_now())


def _raw(place: Place) -> float:
    rows = [place.random.randrange(1, place.people + 1) for _ in range(RAW)]
    began = time.perf_counter()
    for row in rows:
        place.raw.execute("BEGIN IMMEDIATE")
        place.raw.execute("UPDATE t SET v = v + 1 WHERE id = ?", (row,))
        place.raw.execute("COMMIT")
    return RAW / (time.perf_counter() - began)


@contextmanager
def _place(n: int, url: str | None = None) -> Iterator[Place]:
    disk = Path("var/bench")
    disk.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=disk) as folder:
        store = new_store(url or f"sqlite:///{folder}/eap.sqlite")
        desk = content.load("demo-town")
        state = _populate(store, desk, n)
        raw = _raw_table(Path(folder) / "raw.sqlite", n)
        intake = Intake(lambda: store, None, machine_now, machine_now)
        # No room: nothing is handed over, for LINE's part is measured elsewhere.
        drain = Drain(store, desk, lambda: 0, lambda _person, _parcels: None)
        yield Place(store, desk, drain, intake, raw, n, random.Random(SEED), state)
        raw.close()
        store.database.close()


def new_store(url: str) -> Store:
    database = Database(url)
    schema.upgrade(database)
    master = MasterKeys.parse(new_master_key())
    with database.begin() as c:
        keyring.install(c, master)
        keys = keyring.unlock(c, master)
    return Store(database, keys, 1, machine_now, PlanClock().now)


def _populate(store: Store, desk: Desk, n: int) -> dict[str, object]:
    """People, and for each a conversation that stands at the first question of a screening she has agreed to."""
    state = _first_question(store, desk)
    plain = json.dumps(state, separators=(",", ":")).encode()
    for start in range(1, n + 1, 20_000):
        with store.begin() as tx:
            users = [load.user_id(number) for number in range(start, min(start + 20_000, n + 1))]
            people.add_missing(tx, users, machine_now())
            tx.c.execute(table(Person).update().values(notice=desk.plan.notice.version))
            keyed = [tx.keys.index("line", user) for user in users]
            for part in range(0, len(keyed), 500):
                rows = tx.c.execute(
                    table(Person).select().where(Person.line_key.in_(keyed[part : part + 500]))
                )
                found = [people.of_row(tx, row) for row in rows]
                insert_missing(tx.c, Conversation, [_open(one, plain) for one in found])
    return state


def _open(person: people.Person, plain: bytes) -> dict[str, object]:
    body = person.seal("conversations", "body", person.id, plain)
    return {"person_id": person.id, "updated_at": machine_now(), "body": body}


def _first_question(store: Store, desk: Desk) -> dict[str, object]:
    """What a conversation looks like after 檢測 and 同意, said by somebody for real."""
    intake = Intake(lambda: store, None, machine_now, machine_now)
    drain = Drain(store, desk, lambda: 0, lambda _person, _parcels: None)
    somebody = load.user_id(10**12)
    for said in ("檢測", "1"):
        intake.take(json.dumps({"events": [load.event(next(load.SERIAL) + 1, somebody, said)]}).encode())
        drain.round()
    with store.begin() as tx:
        person = people.find(tx, somebody)
        assert person is not None
        state = conversations.load(tx, person)
    assert state is not None
    return state


def _raw_table(file: Path, n: int) -> sqlite3.Connection:
    raw = sqlite3.connect(file, isolation_level=None)
    raw.execute("PRAGMA journal_mode=WAL")
    raw.execute("PRAGMA synchronous=FULL")
    raw.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER, filler BLOB)")
    raw.execute("BEGIN")
    raw.executemany("INSERT INTO t VALUES (?, 0, zeroblob(200))", ((number,) for number in range(1, n + 1)))
    raw.execute("COMMIT")
    return raw
