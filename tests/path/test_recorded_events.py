"""Webhooks that LINE and its SDKs have recorded: each gets its 200, none raises, and no neighbour is lost."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from line import signature
from tests.clocks import FastClock
from tests.figures import Figure
from tests.path import posting
from tests.town import SECRET, Town, town

pytestmark = pytest.mark.shared

FORGED = 10_000


@pytest.mark.parametrize("name", ["webhook_replay", "webhook_events"])
@pytest.mark.parametrize("today", [False, True], ids=["in their own time", "today"])
def test_every_recorded_webhook_gets_its_200_and_its_neighbour_an_answer(
    name: str, today: bool, shared: Path, sqlite_url: str, tmp_path: Path, log: list[Any], figure: Figure
) -> None:
    bodies = [json.loads(line) for line in (shared / "line" / f"{name}.jsonl").read_text().splitlines()]
    clock = FastClock(start_at=datetime.now(UTC) if today else _just_after(bodies))

    with town(sqlite_url, tmp_path, clock=clock) as place:
        neighbours = [_post_with_a_neighbour(place, body) for body in bodies]
        place.wait(40)

        unanswered = [user for user in neighbours if not posting.said(place, user)]

    assert unanswered == []
    assert "database_open" in {entry["event"] for entry in log}
    assert [entry for entry in log if entry["log_level"] in ("error", "critical")] == []
    when = "today" if today else "in their own time"
    figure(f"{name}.jsonl {when}: {len(bodies)} bodies, 200 each, 0 errors, {len(neighbours)} neighbours answered")


def test_recorded_signatures_are_judged_as_recorded(shared: Path) -> None:
    vectors = [json.loads(line) for line in (shared / "line" / "signature_vectors.jsonl").read_text().splitlines()]

    for one in vectors:
        given = signature.is_valid(one["body"].encode(), one["signature"], [one["channel_secret"]])
        assert given == one["valid"], one["origin"]
    assert len(vectors) == 8


def test_no_forged_webhook_is_accepted(sqlite_url: str, tmp_path: Path, figure: Figure) -> None:
    chance = random.Random(7)
    with town(sqlite_url, tmp_path) as place:
        honest = posting.body(posting.text(place, posting.somebody(place), "選單"))
        accepted = sum(
            signature.is_valid(raw, header, [SECRET, "the-next-secret"]) for raw, header in _forged(honest, chance)
        )
        # A part of them through the door itself.
        door = list(_forged(honest, chance))[:200]
        statuses = [posting.post(place, raw, signed=header) for raw, header in door]

        assert accepted == 0
        assert statuses == [400] * len(door)
        assert posting.post_to(place.webs[0], honest, {}) == 400
        assert posting.post(place, honest) == 200
    figure(f"forged webhooks: {FORGED} tried, 0 accepted; without a signature: 400")


def test_while_the_secret_is_changed_both_are_good(sqlite_url: str, tmp_path: Path) -> None:
    with town(sqlite_url, tmp_path, line_channel_secret=SecretStr(f"the-next-one,{SECRET}")) as place:
        raw = posting.body()
        assert posting.post(place, raw) == 200
        assert posting.post(place, raw, signed=signature.sign(raw, "the-next-one")) == 200
        assert posting.post(place, raw, signed=signature.sign(raw, "an-older-one")) == 400


def _just_after(bodies: list[Any]) -> datetime:
    """An hour after the newest event, so that none is too old to be looked at where they are of one time."""
    stamps = [int(event.get("timestamp") or 0) for body in bodies for event in body.get("events", [])]
    return datetime.fromtimestamp(max(stamp for stamp in stamps if stamp < 4e12) / 1000, UTC) + timedelta(hours=1)


def _post_with_a_neighbour(place: Town, body: dict[str, Any]) -> str:
    """The body as it is, and once more with somebody's ordinary message between its events; returns who that is."""
    user = posting.somebody(place)
    recorded = list(body.get("events") or [])
    for event in recorded:
        _make_known(place, event)
    assert posting.post(place, json.dumps(body, ensure_ascii=False).encode()) == 200
    middle = len(recorded) // 2
    mixed = [*recorded[:middle], posting.text(place, user, "選單"), *recorded[middle:]]
    assert posting.post(place, json.dumps(body | {"events": mixed}, ensure_ascii=False).encode()) == 200
    return user


def _make_known(place: Town, event: Any) -> None:
    """The people of a recording live in this town. Their tokens do not: answers to them go as pushes."""
    user = (event.get("source") or {}).get("userId")
    if isinstance(user, str) and user not in place.platform.chats.people:
        posting.somebody(place, user)


def _forged(honest: bytes, chance: random.Random) -> Iterable[tuple[bytes, str]]:
    """Bodies changed after signing, signatures of other secrets, cut, padded, of other algorithms, and rubbish."""
    good = signature.sign(honest, SECRET)
    for number in range(FORGED):
        kind = number % 8
        place = chance.randrange(len(honest))
        if kind == 0:
            yield honest[:place] + bytes([honest[place] ^ (1 << chance.randrange(8))]) + honest[place + 1 :], good
        elif kind == 1:
            yield honest, signature.sign(honest, f"secret{number}")
        elif kind == 2:
            yield honest, good[: chance.randrange(len(good))]
        elif kind == 3:
            spot = chance.randrange(len(good) - 2)
            other = chance.choice([c for c in "ABCdef012" if c != good[spot]])
            yield honest, good[:spot] + other + good[spot + 1 :]
        elif kind == 4:
            yield honest + b" " * (1 + number % 9), good
        elif kind == 5:
            yield honest, "".join(chance.choices("ABCDEFabcdef0123456789+/=", k=44))
        elif kind == 6:
            yield honest[: chance.randrange(len(honest))], good
        else:
            yield honest, chance.choice(["", "=", "null", good.swapcase(), good + good, "é" * 44, f"sha256={good}"])
