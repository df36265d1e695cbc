"""What was looked for and not found: counted exactly, readable only from the fifth person on, and never a name."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from care import content, names, resources
from care.desk import Desk
from care.turns import Turn
from handlers.route import route
from line.events import Event
from storage import missed
from storage.models import Base, MissedBy, MissedTerm
from storage.session import Database
from storage.store import Store
from tests.privacy.searching import leaks
from tests.storage.conftest import HandClock, known

DAY = date(2026, 3, 2)
PEOPLE = ["U" + f"{number:032x}" for number in range(1, 41)]
CANARY = "無人飛行載具保養棚"


@pytest.fixture(scope="module")
def desk() -> Desk:
    return content.load("demo-town")


def asks(store: Store, who: str, term: str, text: str | None = None) -> None:
    with store.begin() as tx:
        missed.count(tx, known(tx, who, store.plan()), names.term(term), DAY, text=text)


def row(store: Store) -> tuple[int, int, str | None]:
    with store.begin() as tx:
        found = tx.c.execute(select(MissedTerm.asked, MissedTerm.people, MissedTerm.term)).one()
        return found[0], found[1], found[2]


def test_the_words_are_readable_from_the_fifth_different_person_on(store: Store) -> None:
    for who in [*PEOPLE[:4], *PEOPLE[:4]]:
        asks(store, who, "停車證", "停車證")
    assert row(store) == (8, 4, None)

    asks(store, PEOPLE[4], "停车证", "停車證")

    assert row(store) == (9, 5, "停車證")
    with store.begin() as tx:
        assert missed.readable(tx) == [missed.Missed("停車證", 9, 5, DAY)]


def test_what_may_not_be_kept_is_counted_all_the_same(store: Store) -> None:
    for who in PEOPLE[:7]:
        asks(store, who, "王大明")

    assert row(store) == (7, 7, None)


def test_two_workers_at_once_count_everybody_once(store: Store, database: Database, clock: HandClock) -> None:
    """Each asks for two terms in one transaction, the second worker in the opposite order."""
    other = Store(Database(database.url), store.keys, 2, clock, clock)
    with store.begin() as tx:
        for who in PEOPLE:
            known(tx, who, clock())
    troubles: list[Exception] = []

    def work(mine: Store, terms: list[str]) -> None:
        try:
            for who in PEOPLE:
                with mine.begin() as tx:
                    for term in terms:
                        missed.count(tx, known(tx, who, clock()), term, DAY, text=term)
        except Exception as error:  # noqa: BLE001  # whatever it is, the test shows it
            troubles.append(error)

    workers = [
        threading.Thread(target=work, args=(store, ["宿舍", "班車"])),
        threading.Thread(target=work, args=(other, ["班車", "宿舍"])),
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    other.database.close()

    assert troubles == []
    with store.begin() as tx:
        assert [(one.asked, one.people) for one in missed.readable(tx)] == [(80, 40), (80, 40)]


def test_a_term_nobody_asks_for_any_more_goes_with_all_that_hangs_on_it(store: Store) -> None:
    asks(store, PEOPLE[0], "停車證")

    with store.begin() as tx:
        assert missed.forget_before(tx, DAY) == 0
        assert missed.forget_before(tx, DAY + timedelta(days=1)) == 1
        assert tx.c.execute(select(MissedBy.term_key)).all() == []


def test_what_four_people_said_is_nowhere(store: Store, desk: Desk, clock: HandClock, tmp_path: Path) -> None:
    """Through the route, as it is typed; the whole database is searched, on SQLite its files too."""
    for number, who in enumerate(PEOPLE[:4]):
        says(store, desk, clock, who, CANARY, number)

    assert row(store) == (4, 4, None)
    assert leaks([CANARY], everything(store, tmp_path)) == []

    says(store, desk, clock, PEOPLE[4], CANARY, 9)

    assert row(store) == (5, 5, CANARY)
    assert leaks([CANARY], everything(store, tmp_path)) != []


def test_nobody_who_asked_can_be_named_from_it(store: Store) -> None:
    """The same person under two terms is two keys."""
    asks(store, PEOPLE[0], "停車證")
    asks(store, PEOPLE[0], "宿舍")

    with store.begin() as tx:
        keys = list(tx.c.scalars(select(MissedBy.asker_key)))
    assert len(set(keys)) == 2


NEVER = [
        "王大明", "陳小姐", "林科長", "歐陽菲菲", "张伟", "小王", "阿明", "我們林課長很兇", "王大明主任", "吳老師",
        "0912345678", "分機1234", "A123456789", "mei@example.com", "零九一二三四五", "David Chen", "teacher chang",
        "想死", "這是一段很長很長的故事我想說給你聽可是說不完",
    ]  # fmt: skip


def test_what_looks_like_a_person_or_a_number_or_a_risk_is_never_kept(store: Store, desk: Desk) -> None:
    for text in NEVER:
        for who in PEOPLE[:6]:
            with store.begin() as tx:
                person = known(tx, who, store.plan())
                resources.missed(Turn(tx, person, desk, store.plan()), text)

    with store.begin() as tx:
        kept = tx.c.execute(select(MissedTerm.people, MissedTerm.term)).all()
    assert kept == [(6, None)] * len(NEVER)


def test_plain_words_may_be_kept(desk: Desk) -> None:
    for text in ("停車證", "宿舍", "社團補助款項", "員工餐廳", "班車時刻"):
        assert names.is_keepable(text, desk.names), text


def says(store: Store, desk: Desk, clock: HandClock, who: str, text: str, number: int) -> None:
    event = Event("message", f"event{number}", clock(), "user", who, "token", message_type="text", text=text)
    with store.begin() as tx:
        route(tx, known(tx, who, clock()), event, desk, clock())


def everything(store: Store, folder: Path) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    with store.begin() as tx:
        for table in Base.metadata.sorted_tables:
            rows = tx.c.execute(table.select()).all()
            values = [value for one in rows for value in one]
            found[table.name] = b"\n".join(
                value if isinstance(value, bytes) else str(value).encode() for value in values
            )
    for file in folder.glob("eap.sqlite*"):
        found[file.name] = file.read_bytes()
    return found
