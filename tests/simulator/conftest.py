"""A simulator on a socket of its own, and a tiny bot that echoes."""

from __future__ import annotations

import http.client
import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from simulator.app import create_app
from simulator.client import Simulator
from simulator.platform import Platform
from simulator.server import Server

SECRET = "simulated-channel-secret"
TOKEN = "simulated-access-token"


@dataclass
class Answered:
    status: int
    body: Any
    headers: dict[str, str]


@dataclass
class Bot:
    """Hears events, answers 200, and calls LINE's API when a test says so."""

    base: str = ""
    echoes: bool = False
    status: int = 200
    events: list[dict[str, Any]] = field(default_factory=list)
    bodies: list[tuple[bytes, dict[str, str]]] = field(default_factory=list)

    def __call__(self, body: bytes, headers: dict[str, str]) -> int:
        self.bodies.append((body, headers))
        for event in json.loads(body)["events"]:
            self.events.append(event)
            if self.echoes and event["type"] == "message" and event["message"]["type"] == "text":
                self.reply(event["replyToken"], event["message"]["text"])
        return self.status

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str = TOKEN,
        kind: str = "application/json",
        **headers: str,
    ) -> Answered:
        line = http.client.HTTPConnection("127.0.0.1", int(self.base.rsplit(":", 1)[1]), timeout=10)
        raw = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
        sent = {"Authorization": f"Bearer {token}"} | ({"Content-Type": kind} if raw is not None else {})
        try:
            line.request(
                method, path, raw, sent | {name.replace("_", "-"): value for name, value in headers.items()}
            )
            answer = line.getresponse()
            given = answer.read()
            is_json = answer.headers.get("Content-Type", "").startswith("application/json")
            heard = {name.lower(): value for name, value in answer.headers.items()}
            return Answered(answer.status, json.loads(given) if is_json else given, heard)
        finally:
            line.close()

    def reply(self, reply_token: str, *texts: str) -> Answered:
        return self.ask(
            "POST", "/v2/bot/message/reply", {"replyToken": reply_token, "messages": said(*texts)}
        )

    def push(self, to: str, *texts: str, key: str | None = None) -> Answered:
        headers = {} if key is None else {"X_Line_Retry_Key": key}
        return self.ask("POST", "/v2/bot/message/push", {"to": to, "messages": said(*texts)}, **headers)

    def last_token(self) -> str:
        return str(next(e["replyToken"] for e in reversed(self.events) if "replyToken" in e))


def said(*texts: str) -> list[dict[str, Any]]:
    return [{"type": "text", "text": text} for text in texts]


def fresh_key() -> str:
    return str(uuid.uuid4())


@pytest.fixture
def bot() -> Bot:
    return Bot()


@pytest.fixture
def platform(bot: Bot) -> Iterator[Platform]:
    made = Platform(secret=SECRET, token=TOKEN, webhook=bot)
    yield made
    made.close()


@pytest.fixture
def line(platform: Platform, bot: Bot) -> Iterator[Simulator]:
    """The control API of a running simulator."""
    with Server(create_app(platform)) as server:
        bot.base = server.url
        with Simulator(server.url) as simulator:
            yield simulator


@pytest.fixture
def key() -> Callable[[], str]:
    return fresh_key
