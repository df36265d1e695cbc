"""A person talking to the bot, and what she sees: one shape, whatever lies between the two.

`Direct` goes straight to the route, each turn in a transaction of its own, so that every state passes through the
database. A talker that goes through the webhook has the same methods and has to see the same.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import select, update

from care import risk
from care.desk import Desk
from dialogs.messages import Reply
from handlers.route import route
from line.events import Event
from line.limits import problems
from line.render import wire
from scheduler.calendar import KINDS, CalendarTick
from storage import inbox, people
from storage.models import OPEN_STATES, Due, Outgoing
from storage.models import Person as PersonRow
from storage.session import Tx
from storage.store import Store
from tests.town import Town, eventually

LIN = "U" + "1" * 32
HOME = (23.5, 120.4)
START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)

Seen = list[dict[str, Any]]
"""LINE's message objects, as they arrived."""


class Talker(Protocol):
    """Each act returns what arrives because of it."""

    def acts(self, acts: list[Act]) -> Seen:
        """One act, or several sent before the first is answered."""
        ...

    def waits(self, minutes: float) -> None:
        """Time passes, and what falls due meanwhile is done."""
        ...

    def is_shown_another_notice(self) -> None:
        """What she has been shown so far was an earlier version."""
        ...


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
        while CalendarTick(self.store, KINDS)():
            pass

    def is_shown_another_notice(self) -> None:
        with self.store.begin() as tx:
            _age_notices(tx)

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
        place = HOME if act.kind == "location" else None
        return Event(kind="message", message_type=act.kind, place=place, **base)


class Webhook:
    """The same person at a telephone: LINE's stand-in, the webhook, the drain and the delivery lie in between."""

    def __init__(self, place: Town) -> None:
        self.place = place
        self.phone = place.person("林", follow=False)
        self._sent: dict[str, str] = {}
        place.clock.advance(START - place.clock.now())

    def acts(self, acts: list[Act]) -> Seen:
        """Held back until all are done, so that a burst is one."""
        self.place.line.webhooks(hold=True)
        for act in acts:
            self._do(act)
        self.place.line.webhooks(hold=False)
        self.place.line.release(batch=max(1, len(acts)))
        # The crisis reply goes its own way, which nobody but the telephone sees the end of.
        at_risk = sum(self._is_at_risk(act) for act in acts)
        urgent = self.phone.sees(4 * at_risk, 15) if at_risk else []
        eventually(self._is_settled, 15)
        return [dict(shown.message) for shown in (*urgent, *self.phone.sees(0, 0))]

    def waits(self, minutes: float) -> None:
        self.place.clock.advance(timedelta(minutes=minutes))
        eventually(self._is_up_to_date, 15)

    def is_shown_another_notice(self) -> None:
        with self.place.tx() as tx:
            _age_notices(tx)

    def _is_up_to_date(self) -> bool:
        store = self.place.run.store
        assert store is not None
        with self.place.tx() as tx:
            late = select(Due.id).where(Due.done_at.is_(None), Due.due_at <= store.plan())
            return tx.c.execute(late).first() is None

    def _is_at_risk(self, act: Act) -> bool:
        desk = self.place.run.desk
        said = risk.judge(act.value, desk) if act.kind == "say" else None
        return bool(said or (act.kind == "press" and risk.judge_press(act.value, desk)))

    def _is_settled(self) -> bool:
        """Nothing waits that is due. (What is to go out only if a crisis reply was lost waits for that.)"""
        if not self.place.line.quiet(0.2):
            return False
        due = select(Outgoing.id).where(Outgoing.state.in_(OPEN_STATES), Outgoing.due_at <= _now(self.place))
        with self.place.tx() as tx:
            return inbox.backlog(tx).pending == 0 and tx.c.execute(due).first() is None

    def _do(self, act: Act) -> None:
        phone = self.phone
        does: dict[str, Callable[[], Any]] = {
            "press": lambda: phone.presses(act.value),
            "follow": phone.unblocks if act.value else phone.follows,
            "unfollow": phone.blocks,
            "unsend": lambda: phone.unsends(self._sent[act.value]),
            "sticker": phone.sends_sticker,
            "location": lambda: phone.sends_location("家", *HOME),
        }
        if act.kind == "say":
            self._sent[act.name] = phone.says(act.value)
        else:
            does.get(act.kind, lambda: phone.sends(act.kind))()


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> datetime:
        return self.at


def _key(text: str) -> str:
    return text.encode().hex()[:64]


def _age_notices(tx: Tx) -> None:
    tx.c.execute(update(PersonRow).where(PersonRow.notice.is_not(None)).values(notice="earlier"))


def _now(place: Town) -> datetime:
    assert place.run.store is not None
    return place.run.store.machine()
