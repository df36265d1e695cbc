"""Asked to be erased: sealed, nothing of hers is served, pushed or listed, and undo brings every row back; a day later,
or at once if she says so, everything is destroyed, whoever else is at work."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from care import erasures, exports, risk
from care.desk import Desk
from care.requests import known as words
from care.turns import Turn
from dialogs.messages import Reply
from handlers.deliver import body
from handlers.route import route
from line.events import Event
from scheduler.calendar import KINDS, CalendarTick
from storage import due, links, outbox, people, screenings
from storage import erasures as rows_of
from storage.erasures import TooLate
from storage.links import LinkOver, NoSuchLink
from storage.models import Base, Due, Outgoing, Person, SendState
from storage.people import Sealed
from storage.session import Tx
from storage.store import Store
from tests.conversations.talkers import Clock
from tests.figures import Figure
from tests.privacy.lives import live, parcel, rows

LIN, KEN = "U" + "1" * 32, "U" + "2" * 32
DAY = timedelta(hours=24)
# Tables with rows that belong to one person, and those that hold nothing of anybody once she is gone.
HERS = ("people", "conversations", "consents", "screenings", "links", "in_hand")


def routed(store: Store, desk: Desk, **event: Any) -> Reply:
    """One event of hers through the route, in a transaction of its own."""
    with store.begin() as tx:
        people.add_missing(tx, [LIN], store.plan())
        person = people.find(tx, LIN)
        assert person is not None
        given = Event(event_id="e", happened_at=store.plan(), chat="user", chat_id=LIN, **event)
        return route(tx, person, given, desk, store.plan())


def says(store: Store, desk: Desk, text: str) -> Reply:
    return routed(store, desk, kind="message", message_type="text", text=text)


def sealed(store: Store, desk: Desk) -> str:
    """Somebody with a row everywhere, sealed now; returns the token of her link."""
    with store.begin() as tx:
        person, token = live(tx, LIN, store.plan())
        erasures.seal(Turn(tx, person, desk, store.plan()))
    return token


def everything(store: Store) -> dict[str, list[dict[str, Any]]]:
    with store.begin() as tx:
        return rows(tx)


def test_undo_brings_every_row_back_as_it_was(store: Store, desk: Desk, figure: Figure) -> None:
    with store.begin() as tx:
        person, _ = live(tx, LIN, store.plan())
        live(tx, KEN, store.plan())
        before = rows(tx)
        erasures.seal(Turn(tx, person, desk, store.plan()))
        during = rows(tx)

    told = says(store, desk, "復原")

    after = everything(store)
    assert "已經復原" in str(told)
    assert [name for name in before if during[name] != before[name]] == ["due", "outbox", "people"]
    # What waited to be sent to her is dropped for good, as docs/adr/0010 says; everything else is as it was.
    mine = {name: table for name, table in before.items() if name not in ("due", "outbox")}
    assert {name: after[name] for name in mine} == mine
    assert [row["state"] for row in after["outbox"]].count(SendState.DROPPED) == 1
    figure(
        f"undo ({store.database.engine.dialect.name}): {sum(map(len, mine.values()))} rows of "
        f"{sum(bool(table) for table in mine.values())} tables compared by every column, 0 differ"
    )


def test_while_sealed_every_word_and_button_gets_the_one_answer_and_changes_nothing(
    store: Store, desk: Desk, figure: Figure
) -> None:
    sealed(store, desk)
    before = everything(store)
    answer = says(store, desk, "你好")
    assert "已經封存" in str(answer)

    spoken = [desk.context("zh-Hant").texts.say(f"control.{key}") for key in
              ("resume", "result", "trend", "contact", "menu", "my_data", "screening", "forget", "withdraw", "export",
               "erase", "notice", "language", "back", "skip", "cancel")]  # fmt: skip
    texts = [*spoken, "1", "2", "English", "資源", "法律諮詢", "設定", "謝謝", "停止", "昨天和主管吵架" * 10]
    presses = [f"w={word}" for word in sorted(words())] + [
        "v=screening",
        "d=erasing&s=how&t=1&v=destroy&l=zh-Hant",
    ]
    for text in texts:
        assert says(store, desk, text) == answer, text
    for data in presses:
        assert routed(store, desk, kind="postback", data=data) == answer, data
    for kind in ("sticker", "image", "location"):
        assert routed(store, desk, kind="message", message_type=kind) == answer
    assert routed(store, desk, kind="follow") == answer

    assert everything(store) == before
    figure(f"while sealed: {len(texts) + len(presses) + 4} acts, 1 answer, 0 rows changed")


@pytest.mark.parametrize("text, language", [("我不想活了", "zh-Hant"), ("求助", "zh-Hant"), ("help", "en")])
def test_a_call_for_help_is_answered_as_always(store: Store, desk: Desk, text: str, language: str) -> None:
    sealed(store, desk)
    before = everything(store)

    reply = says(store, desk, text)

    assert reply == risk.crisis_reply(desk, language)
    assert everything(store) == before


def test_while_sealed_nothing_of_hers_can_be_opened_listed_or_fetched(store: Store, desk: Desk) -> None:
    token = sealed(store, desk)
    with store.begin() as tx:
        person = people.find(tx, LIN)
        assert person is not None
        for table in ("conversations", "consents", "screenings"):
            with pytest.raises(Sealed):
                person.open(table, "body", 1, b"\x01" + b"0" * 40)
        with pytest.raises(Sealed):
            screenings.last(tx, person, 8)
        with pytest.raises(Sealed):
            exports.file(tx, person, desk, store.plan())
        assert screenings.detailed_before(tx, store.plan() + timedelta(days=900), 100) == []
        for ask in (links.look, links.use):
            with pytest.raises(LinkOver):
                ask(tx, token, exports.KIND, store.plan())


def test_nothing_is_pushed_to_her_but_the_answer_to_a_call_for_help(store: Store, desk: Desk) -> None:
    with store.begin() as tx:
        person, _ = live(tx, LIN, store.plan())
        call = body(risk.crisis_reply(desk, "zh-Hant"), "zh-Hant", None, urgent=True)
        outbox.add(tx, [(parcel(tx, person, LIN, store.plan(), call, "push"), person)])
        erasures.seal(Turn(tx, person, desk, store.plan()))
        # Decided on before, come in after: in another process's hands when she asked.
        late = body(Reply(()), "zh-Hant", None)
        outbox.add(tx, [(parcel(tx, person, LIN, store.plan(), late, "push"), person)])
        fixed = body(Reply(()), "zh-Hant", "token", fixed=True)
        outbox.add(tx, [(parcel(tx, person, LIN, store.plan(), fixed), person)])
        outbox.add(tx, [(parcel(tx, person, LIN, store.plan(), fixed | {"fixed": False}), person)])

        sent = [one for _ in range(3) for one in outbox.claim(tx, 9, store.machine(), 10)]

    assert sorted((one.way, one.body.get("urgent"), one.body.get("fixed")) for one in sent) == [
        ("push", True, False),
        ("reply", False, True),
    ]


def test_she_is_destroyed_after_a_day_and_not_before(store: Store, desk: Desk, clock: Clock) -> None:
    with store.begin() as tx:
        live(tx, KEN, store.plan())
        kept = {name: table for name, table in rows(tx).items() if name in HERS}
    sealed(store, desk)
    tick = CalendarTick(store, KINDS)

    clock.at += DAY - timedelta(seconds=1)
    tick()
    with store.begin() as tx:
        assert tx.c.scalar(select(func.count()).select_from(Person)) == 2
    clock.at += timedelta(seconds=1)
    tick()

    left = everything(store)
    # Leases and half-finished questions are gone with time, hers or not.
    lasting = [name for name in HERS if name not in ("conversations", "in_hand")]
    assert {name: left[name] for name in lasting} == {name: kept[name] for name in lasting}
    reply = says(store, desk, "復原")
    assert "沒有可以復原" in str(reply)


def test_two_workers_and_one_killed_in_the_middle_destroy_once_and_whole(
    store: Store, desk: Desk, clock: Clock
) -> None:
    class Killed(BaseException):
        pass

    def dies(tx: Tx, machine_now: Any, plan_now: Any) -> None:
        erasures.destroy_due(tx, plan_now)
        raise Killed

    sealed(store, desk)
    lasting = [name for name in HERS if name != "in_hand"]
    before = everything(store)
    clock.at += DAY
    with pytest.raises(Killed):
        CalendarTick(store, {**KINDS, erasures.DUE: dies, "housekeeping": lambda *_: None})()
    after = everything(store)
    assert [name for name in lasting if after[name] != before[name]] == []

    clock.at += timedelta(minutes=2)
    others = [CalendarTick(replace(store, owner=owner), KINDS) for owner in (2, 3)]
    threads = [threading.Thread(target=other) for other in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    clock.at += timedelta(minutes=2)
    for other in others:
        other()

    left = everything(store)
    assert {name: left[name] for name in HERS} == {name: [] for name in HERS}
    assert [row["tries"] for row in left["due"] if row["kind"] == erasures.DUE] == [2]


def test_undo_and_destruction_at_the_same_moment_end_in_one_of_the_two(
    store: Store, desk: Desk, clock: Clock, figure: Figure
) -> None:
    outcomes: list[str] = []
    for _ in range(12):
        sealed(store, desk)
        full = {name: len(table) for name, table in everything(store).items() if name in HERS}
        clock.at += DAY
        now, gate, said = clock.at, threading.Barrier(2), list[str]()

        def undo(gate: threading.Barrier = gate, said: list[str] = said) -> None:
            with store.begin() as tx:
                person = people.find(tx, LIN)
                if store.database.is_sqlite:
                    said.append("back" if person else "late")
                    if person:
                        rows_of.unseal(tx, person)
                    return
                gate.wait(5)
                assert person is not None
                try:
                    rows_of.unseal(tx, person)
                    said.append("back")
                except TooLate:
                    said.append("late")

        thread = threading.Thread(target=undo)
        thread.start()
        if not store.database.is_sqlite:
            gate.wait(5)
        with store.begin() as tx:
            erasures.destroy_due(tx, now)
        thread.join()

        left = {name: len(table) for name, table in everything(store).items() if name in HERS}
        assert said == (["late"] if left["people"] == 0 else ["back"])
        if left["people"]:
            # An undone erasing keeps every row; only the lease of a turn may have been taken.
            assert left | {"in_hand": 0} == full | {"in_hand": 0}
            with store.begin() as tx:
                found = people.find(tx, LIN)
                assert found is not None
                rows_of.destroy(tx, found.id)
        outcomes += said
    figure(
        f"undo against destruction ({store.database.engine.dialect.name}): {len(outcomes)} races, 0 in between"
    )


def test_a_due_row_that_failed_too_often_keeps_nobody(store: Store, desk: Desk, clock: Clock) -> None:
    sealed(store, desk)
    with store.begin() as tx:
        tx.c.execute(Due.__table__.update().values(tries=due.TRIES))  # type: ignore[attr-defined]  # a declarative model's table
    clock.at += DAY + timedelta(hours=3)

    CalendarTick(store, KINDS)()

    assert everything(store)["people"] == []


def test_erased_now_she_is_gone_in_the_same_turn_and_a_stranger_in_the_next(store: Store, desk: Desk) -> None:
    with store.begin() as tx:
        _, token = live(tx, LIN, store.plan())
        events = tx.c.scalar(select(func.count()).select_from(Base.metadata.tables["inbox"]))

    for text in ("刪除全部資料", "2"):
        reply = says(store, desk, text)

    left = everything(store)
    assert "已經永久刪除" in str(reply)
    assert {name: left[name] for name in HERS} == {name: [] for name in HERS}
    assert left["outbox"] == []
    assert len(left["inbox"]) == events
    assert [(row["payload"], row["sender_key"], row["message_key"]) for row in left["inbox"]] == [
        (None, None, None)
    ]
    with store.begin() as tx, pytest.raises(NoSuchLink):
        links.look(tx, token, exports.KIND, store.plan())
    assert "先讓您知道" in str(says(store, desk, "選單"))


def test_the_answer_to_a_call_for_help_outlives_her_row(store: Store, desk: Desk) -> None:
    with store.begin() as tx:
        person, _ = live(tx, LIN, store.plan())
        call = body(risk.crisis_reply(desk, "zh-Hant"), "zh-Hant", None, urgent=True)
        outbox.add(tx, [(parcel(tx, person, LIN, store.plan(), call, "push"), person)])
        erasures.destroy(Turn(tx, person, desk, store.plan()))

        [sent] = outbox.claim(tx, 9, store.machine(), 10)
        frozen = outbox.freeze(tx, sent, {"wire": [], "silent": False}, store.plan())
        outbox.settle(tx, [outbox.Settled(frozen, SendState.WAITING, "push", store.machine())], 9)
        [again] = outbox.claim(tx, 9, store.machine() + timedelta(minutes=1), 10)
        assert (sent.to, again.to, again.person_id) == (LIN, LIN, None)
        outbox.settle(tx, [outbox.Settled(again, SendState.SENT, "push", store.machine())], 9)
        assert tx.c.execute(select(Outgoing.body, Outgoing.person_id)).all() == [(None, None)]
