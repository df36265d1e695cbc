"""The drain: late words are not acted on, late facts are; what breaks is parked alone and stays in sight."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from care import content
from handlers.drain import Drain
from storage import conversations, inbox, keyring, outbox, people
from storage.crypto import MasterKeys
from storage.inbox import Arrival
from storage.models import Conversation, InboxEvent, Outgoing
from storage.outbox import Parcel
from storage.session import Database
from storage.store import Store
from tests.storage.conftest import KEN, MEI, HandClock
from tests.town import MASTER_KEY

DESK = content.load("demo-town")


class Service:
    """A drain whose parcels are collected instead of sent."""

    def __init__(self, store: Store, clock: HandClock) -> None:
        self.store, self.clock = store, clock
        self.sent: list[Parcel] = []
        self._number = 0
        self.drain = Drain(store, DESK, lambda: 100, self._collect)
        self._settled: list[bytes] = []

    def _collect(self, key: bytes, parcels: list[Parcel]) -> None:
        self.sent += parcels
        self._settled.append(key)

    def hears(self, user: str, kind: str = "message", **what: object) -> None:
        self._number += 1
        raw = {
            "type": kind, "mode": "active", "timestamp": int(self.clock().timestamp() * 1000),
            "source": {"type": "user", "userId": user}, "webhookEventId": f"E{self._number}",
            "deliveryContext": {"isRedelivery": False}, "replyToken": f"{self._number:032x}", **what,
        }  # fmt: skip
        arrival = Arrival(
            f"E{self._number}", user, None, None, self.clock(), self.clock(), json.dumps(raw).encode()
        )
        with self.store.begin() as tx:
            inbox.store(tx, [arrival])

    def says(self, user: str, text: str) -> None:
        self.hears(user, message={"type": "text", "id": f"m{self._number}", "text": text})

    def works(self) -> list[str]:
        """Everything said in this round, as text."""
        self.sent.clear()
        settled, self._settled = self._settled, []
        self.drain.round([(key, []) for key in settled])
        return ["\n".join(one.get("text", "") for one in parcel.body["reply"][1:]) for parcel in self.sent]


@pytest.fixture
def service(database_url: str) -> Iterator[Service]:
    database, clock = Database(database_url), HandClock()
    with database.begin() as c:
        keys = keyring.unlock(c, MasterKeys.parse(MASTER_KEY))
    yield Service(Store(database, keys, 1, clock, clock), clock)
    database.close()


def test_words_of_an_hour_ago_are_not_acted_on_but_met_with_one_word_that_we_were_away(
    service: Service,
) -> None:
    service.says(MEI, "檢測")
    service.works()
    service.says(MEI, "1")
    service.says(MEI, "2")
    service.clock.forward(hours=1)

    [said] = service.works()

    assert DESK.context("zh-Hant").texts.say("engine.away") in said
    with service.store.begin() as tx:
        mei = people.find(tx, MEI)
        assert mei is not None
        kept = conversations.load(tx, mei)
    assert kept is not None
    assert [one["answers"] for one in kept["open"]] == [{}]


def test_a_call_for_help_is_answered_however_late(service: Service) -> None:
    service.says(MEI, "我不想活了")
    service.clock.forward(hours=1)

    service.works()

    with service.store.begin() as tx:
        [copy] = outbox.claim(tx, 9, service.clock(), 10)
    assert copy.body["urgent"]


def test_who_blocked_us_an_hour_ago_is_still_blocked(service: Service) -> None:
    service.says(MEI, "你好")
    service.works()
    service.hears(MEI, "unfollow")
    service.clock.forward(hours=1)

    assert service.works() == []

    with service.store.begin() as tx:
        mei = people.find(tx, MEI)
        assert mei is not None
        assert mei.blocked


def test_an_event_that_breaks_is_parked_after_five_tries_with_an_apology_and_harms_nobody_else(
    service: Service,
) -> None:
    service.says(MEI, "檢測")
    service.works()
    with service.store.begin() as tx:
        tx.c.execute(update(Conversation).values(body=b"\x01" + b"broken" * 9))
    service.says(MEI, "1")

    said: list[str] = []
    for _ in range(12):
        service.says(KEN, "你好")
        said += service.works()
        service.clock.forward(seconds=20)

    with service.store.begin() as tx:
        backlog = inbox.backlog(tx)
        parked = tx.c.execute(select(InboxEvent.tries, InboxEvent.error).where(InboxEvent.state == 2)).one()
    assert (backlog.parked, backlog.pending) == (1, 0)
    assert tuple(parked) == (inbox.TRIES, "SealBroken")
    assert sum(DESK.context("zh-Hant").texts.say("courtesy.apology") in one for one in said) == 1


def test_an_event_that_takes_the_process_down_each_time_is_parked_without_another_try(
    service: Service,
) -> None:
    service.says(MEI, "你好")
    with service.store.begin() as tx:
        tx.c.execute(update(InboxEvent).values(tries=inbox.TRIES))

    [said] = service.works()

    assert DESK.context("zh-Hant").texts.say("courtesy.apology") in said
    with service.store.begin() as tx:
        assert inbox.backlog(tx).parked == 1


def test_what_finds_no_free_sender_waits_in_the_outbox_untried(service: Service) -> None:
    service.drain = Drain(service.store, DESK, lambda: 0, service._collect)
    service.says(MEI, "你好")

    assert service.works() == []

    with service.store.begin() as tx:
        row = tx.c.execute(select(Outgoing.tries, Outgoing.lease_owner)).one()
        [found] = outbox.claim(tx, 9, service.clock() + timedelta(seconds=1), 10)
    assert tuple(row) == (0, None)
    assert not found.is_doubtful
