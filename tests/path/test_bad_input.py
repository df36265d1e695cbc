"""Bad input stops nothing: no webhook gets a 500, a poisoned event is parked alone, everybody else is answered."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from bot import web
from line import events
from storage import people
from storage.models import Conversation
from tests.clocks import FastClock
from tests.figures import Figure
from tests.path import posting
from tests.path.mutations import mutated
from tests.town import Town, eventually, town

BATCH = 200


@pytest.mark.shared
def test_no_mutated_webhook_gets_a_500(
    shared: Path, sqlite_url: str, tmp_path: Path, log: list[Any], figure: Figure
) -> None:
    _post_mutations(600, 1, shared, sqlite_url, tmp_path, log, figure)


@pytest.mark.sweep
@pytest.mark.shared
def test_none_of_ten_thousand_mutated_webhooks_gets_a_500(
    shared: Path, database_url: str, tmp_path: Path, log: list[Any], figure: Figure
) -> None:
    _post_mutations(10_000, 2, shared, database_url, tmp_path, log, figure)


@pytest.mark.shared
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_body_whatever_can_break_the_parser(shared: Path, data: st.DataObject) -> None:
    lines = (shared / "line" / "webhook_replay.jsonl").read_text().splitlines()
    body = json.loads(data.draw(st.sampled_from(lines)))
    raw = data.draw(st.one_of(st.randoms().map(lambda chance: mutated(body, chance)), st.binary(max_size=300)))

    for event in events.parse(raw):
        assert event.chat_id
        assert len(event.event_id) <= 64


def test_a_poisoned_event_is_parked_alone_and_regretted(sqlite_url: str, tmp_path: Path, figure: Figure) -> None:
    with town(sqlite_url, tmp_path, clock=FastClock(5)) as place:
        unlucky, ken = place.person("衰"), place.person("Ken")
        for who in (unlucky, ken):
            assert who.sees(3)
            who.says("檢測")
            assert who.sees(1)
        place.wait()
        _break_what_is_kept(place, unlucky.user)

        unlucky.says("1")
        ken.says("1")

        assert "第 1／6 題" in ken.sees(1)[0].text
        [sorry] = unlucky.sees(1, wait=20)
        assert "1925" in sorry.text
        place.wait()
        told = web.create(place.settings, place.run).test_client().get("/readyz").get_json()
        assert (told["ready"], told["events_parked"], told["events_waiting"]) == (True, 1, 0)
        # What comes after the poisoned event is not held up by it.
        unlucky.says("停止")
        assert unlucky.sees(1, wait=20)
    figure("poisoned event: parked after 5 tries, apologised for, seen in /readyz; others answered meanwhile")


def test_one_person_of_a_large_batch_fails_alone(postgres_copy: str, tmp_path: Path, figure: Figure) -> None:
    with town(postgres_copy, tmp_path) as place:
        people = [posting.somebody(place) for _ in range(BATCH)]
        assert posting.post(place, posting.body(*(posting.text(place, user, "檢測") for user in people))) == 200
        eventually(lambda: all(posting.said(place, user) for user in people), 30)
        place.wait()
        unlucky = people[BATCH // 2]
        _break_what_is_kept(place, unlucky)

        assert posting.post(place, posting.body(*(posting.text(place, user, "1") for user in people))) == 200
        others = [user for user in people if user != unlucky]
        eventually(lambda: all("第 1／6 題" in str(posting.said(place, user)) for user in others), 30)

        assert "第 1／6 題" not in str(posting.said(place, unlucky))
    figure(f"{BATCH} people's turns in one batch, one of them poisoned: {BATCH - 1} answered")


def _post_mutations(
    count: int, seed: int, shared: Path, url: str, folder: Path, log: list[Any], figure: Figure
) -> None:
    chance = random.Random(seed)
    bodies = [json.loads(line) for line in (shared / "line" / "webhook_replay.jsonl").read_text().splitlines()]
    newest = max(event["timestamp"] for body in bodies for event in body["events"])
    with town(url, folder, clock=FastClock(start_at=_at(newest))) as place:
        for body in bodies:
            user = body["events"][0].get("source", {}).get("userId")
            if user and user not in place.platform.chats.people:
                posting.somebody(place, user)
        statuses = [posting.post(place, mutated(_as_new(chance.choice(bodies), n), chance)) for n in range(count)]
        neighbour = posting.somebody(place)
        statuses.append(posting.post(place, posting.body(posting.text(place, neighbour, "選單"))))
        place.wait(120)

        assert set(statuses) == {200}
        assert posting.said(place, neighbour)
        assert [entry for entry in log if entry["log_level"] in ("error", "critical")] == []
        assert "turn_failed" not in {entry["event"] for entry in log}
    figure(f"mutated webhooks on {url.partition(':')[0]}: {count} posted, 0 got a 500, 0 errors, the rest flows")


def _as_new(body: dict[str, Any], number: int) -> dict[str, Any]:
    """The recorded body as one that has not been seen yet."""
    return body | {"events": [event | {"webhookEventId": f"01MUTATED{number:017}"} for event in body["events"]]}


def _at(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000 + 3600, UTC)


def _break_what_is_kept(place: Town, user: str) -> None:
    """The row of this person's conversation cannot be opened any more."""
    with place.tx() as tx:
        person = people.find(tx, user)
        assert person is not None
        tx.c.execute(update(Conversation).where(Conversation.person_id == person.id).values(body=b"\x01rubbish"))
