"""The webhook's door: only what LINE signed comes in, and the work begins when the 200 is out."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from werkzeug.test import Client
from werkzeug.wrappers import Response

from bot.intake import NotKept
from bot.webhook import LARGEST_BODY, Webhook
from line import signature
from line.events import Event, parse
from line.signature import sign

SECRETS = ("newer", "older")
BODY = (
    b'{"events":[{"type":"follow","mode":"active","timestamp":1,"webhookEventId":"E1","source":{"type":"user",'
    b'"userId":"Uaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}}]}'
)


class Door:
    def __init__(self, trouble: Exception | None = None) -> None:
        self.trouble = trouble
        self.happened: list[str] = []

    def take(self, body: bytes) -> list[Event]:
        self.happened.append("take")
        if self.trouble is not None:
            raise self.trouble
        return parse(body)

    def after(self, fresh: Sequence[Event]) -> None:
        self.happened.append(f"after {len(fresh)}")

    def answer_now(self, body: bytes) -> None:
        self.happened.append("answer now")


def post(door: Door, body: bytes = BODY, header: str | None = None) -> Response:
    client = Client(Webhook(door, SECRETS, Response("elsewhere", 404)), Response)
    headers = {} if header is None else {signature.HEADER: header}
    return client.post("/callback", data=body, headers=headers, buffered=True)


@pytest.mark.parametrize("secret", SECRETS)
def test_both_secrets_of_a_rotation_open_it_and_work_begins_after_the_200(secret: str) -> None:
    door = Door()

    assert post(door, header=sign(BODY, secret)).status_code == 200
    assert door.happened == ["take", "after 1"]


@pytest.mark.parametrize("header", [None, "", "x", "é", sign(BODY, "other"), sign(BODY + b" ", "newer")])
def test_nothing_unsigned_comes_in(header: str | None) -> None:
    door = Door()

    assert post(door, header=header).status_code == 400
    assert door.happened == []


def test_a_body_larger_than_any_of_lines_is_refused_unread() -> None:
    body = b" " * (LARGEST_BODY + 1)
    door = Door()

    assert post(door, body, sign(body, "newer")).status_code == 413
    assert door.happened == []


@pytest.mark.parametrize("trouble", [NotKept(), RuntimeError("what somebody said")])
def test_what_could_not_be_kept_is_answered_before_the_503(
    trouble: Exception, capfd: pytest.CaptureFixture[str]
) -> None:
    door = Door(trouble)

    assert post(door, header=sign(BODY, "newer")).status_code == 503
    assert door.happened == ["take", "answer now"]
    assert "what somebody said" not in "".join(capfd.readouterr())


def test_other_pages_are_somebody_elses() -> None:
    client = Client(Webhook(Door(), SECRETS, Response("elsewhere", 404)), Response)

    assert client.get("/callback").status_code == 404
    assert client.post("/other").status_code == 404
