"""A question in plain words among 2,000 resources, a whole turn of it: the transaction, the person, the ranking, the
list remembered for its numbers, the commit. Milliseconds, on both databases."""

from __future__ import annotations

import tempfile
import time
from contextlib import closing
from pathlib import Path

from benchmarks import load
from benchmarks.figures import Figure, median
from benchmarks.turns import new_store
from bot.clock import machine_now
from care import content
from care.desk import Desk
from handlers.route import route
from line.events import Event
from storage import people
from storage.store import Store
from tests import postgres
from tests.catalogues import with_many

COUNT = 2000
MOST_MS = 5.0
ASKED = (
    "法律", "諮商", "長照", "健檢", "退休", "請假", "霸凌", "律師", "失眠", "報稅",
    "請問離婚要找誰", "爸爸失智沒人顧", "壓力好大想找人聊聊", "車禍對方不賠怎麼辦", "小孩不想上學",
    "职场霸凌去哪里申诉", "退休金可以領多少", "i need a lawyer", "day care for my mother", "無人機保養",
)  # fmt: skip


def lookups(runs: int) -> list[Figure]:
    desk = with_many(content.load("demo-town"), COUNT)
    with tempfile.TemporaryDirectory(dir=_disk()) as folder:
        figures = [_measured("SQLite", f"sqlite:///{folder}/eap.sqlite", desk, runs)]
    server = postgres.Postgres(durable=True)
    try:
        with postgres.fresh_database(server.url) as url:
            figures.append(_measured("PostgreSQL", url, desk, runs))
    finally:
        server.remove()
    return figures


def _measured(name: str, url: str, desk: Desk, runs: int) -> Figure:
    store = new_store(url)
    with closing(store.database):
        _ask(store, desk)
        medians = [median(_ask(store, desk)) for _ in range(runs)]
    return Figure(
        f"question to answer in ms among {COUNT:,} resources, {name}, median",
        median(medians),
        MOST_MS,
        {"ms": medians},
        at_most=True,
    )


def _ask(store: Store, desk: Desk) -> list[float]:
    """Everybody asks one thing; people of their own, so that nobody is told the same twice."""
    spent = []
    for text in ASKED * 5:
        number = next(load.SERIAL) + 1
        who = load.user_id(number)
        with store.begin() as tx:
            people.add_missing(tx, [who], machine_now())
        event = Event(
            "message", f"event{number}", machine_now(), "user", who, "token", message_type="text", text=text
        )
        began = time.perf_counter()
        with store.begin() as tx:
            person = people.find(tx, who)
            assert person is not None
            reply = route(tx, person, event, desk, machine_now())
        spent.append((time.perf_counter() - began) * 1000)
        assert reply.messages
    return spent


def _disk() -> Path:
    disk = Path("var/bench")
    disk.mkdir(parents=True, exist_ok=True)
    return disk
