"""A person talking to the bot, and what she sees: one shape, whatever lies between the two.

`Direct` goes straight to the route, each turn in a transaction of its own, so that every state passes through the
database. A talker that goes through the webhook has the same methods and has to see the same.
"""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from care.desk import Desk
from dialogs.messages import Reply
from handlers.route import route
from line.events import Event
from line.limits import problems
from line.render import wire
from storage import people
from storage.store import Store

LIN = "U" + "1" * 32
START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)

Seen = list[dict[str, Any]]
"""LINE's message objects, as they arrived."""


class Talker(Protocol):
    """Each act returns what arrives because of it."""

    def acts(self, acts: list[Act]) -> Seen:
        """One act, or several sent before the first is answered."""
        ...

    def waits(self, minutes: float) -> None: ...


class Act:
    """Something a person does in the chat."""

    def __init__(self, kind: str, value: str = "", name: str = "") -> None:
        self.kind, self.value, self.name = kind, value, name or value


class Direct:
    """Every act is routed at once, as the drain does it, without LINE in between."""

    def __init__(self, store: Store, desk: Desk, clock: Clock) -> None:
        self.store, self.desk, self.clock = store, desk, clock
        self._numbers = itertools.count(1)

    def acts(self, acts: list[Act]) -> Seen:
        replies = [reply for reply in map(self._turn, acts) if reply.messages]
        shown = [reply for reply in replies if reply.keep or reply is replies[-1]]
        seen = [wire(reply) for reply in shown]
        assert not any(objection for messages in seen for objection in problems(messages))
        return [message for messages in seen for message in messages]

    def waits(self, minutes: float) -> None:
        self.clock.at += timedelta(minutes=minutes)

    def _turn(self, act: Act) -> Reply:
        self.clock.at += timedelta(seconds=1)
        now = self.clock()
        with self.store.begin() as tx:
            people.add_missing(tx, [LIN], now)
            person = people.find(tx, LIN)
            assert person is not None
            return route(tx, person, self._event(act), self.desk, now)

    def _event(self, act: Act) -> Event:
        base: dict[str, Any] = {
            "event_id": f"event{next(self._numbers)}",
            "happened_at": self.clock(),
            "chat": "user",
            "chat_id": LIN,
            "reply_token": "token",
        }
        if act.kind == "say":
            return Event(
                kind="message", message_type="text", text=act.value, message_key=_key(act.name), **base
            )
        if act.kind == "press":
            return Event(kind="postback", data=act.value, **base)
        if act.kind == "unsend":
            return Event(kind="unsend", unsent_key=_key(act.value), **base)
        if act.kind in {"follow", "unfollow"}:
            return Event(kind=act.kind, unblocked=act.value == "unblocked", **base)
        return Event(kind="message", message_type=act.kind, **base)


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> datetime:
        return self.at


def _key(text: str) -> str:
    return text.encode().hex()[:64]
