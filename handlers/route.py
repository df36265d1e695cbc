"""What one event means, in the order that matters: who may not wait, what always works, what was asked, the menu."""

from __future__ import annotations

from datetime import datetime

from care import conversations, menu, notices, presses, requests, risk, welcome
from care.desk import Desk
from care.turns import Turn
from dialogs.inputs import Other, Words, read_button
from dialogs.messages import Reply
from line.events import Event
from storage.people import Person
from storage.session import Tx

# From here on a text is somebody telling us something, not a word mistyped.
LONG = 30


def route(
    tx: Tx, person: Person, event: Event, desk: Desk, now: datetime, *, crisis_answered: bool = False
) -> Reply:
    """The reply to one event of one person; all writing goes through `tx`. Empty when there is nothing to say.

    `crisis_answered`: the crisis reply has gone out by itself, so everything is done here but that reply.
    """
    turn = Turn(tx, person, desk, now, crisis_answered)
    if event.kind == "follow":
        return welcome.followed(turn)
    if event.kind == "unfollow":
        return welcome.blocked(turn)
    try:
        if event.kind == "unsend":
            return _unsent(turn, event)
        welcome.came_back(turn)
        return _answer(turn, event)
    except conversations.Lost:
        return conversations.lost(turn)


def _answer(turn: Turn, event: Event) -> Reply:
    """Risk before everything, in every state; the notice never stands before the reply to it."""
    said = event.text if event.kind == "message" else None
    data = event.data if event.kind == "postback" else None
    seen = risk.judge(said, turn.desk) if said else risk.judge_press(data, turn.desk) if data else None
    if seen:
        return _at_risk(turn, event, seen)
    if said:
        reply = _text(turn, said, event.message_key)
    elif data:
        reply = _press(turn, data)
    else:
        reply = _other(turn, event.message_type or "other")
    return reply if risk.is_crisis(turn.desk, reply) else notices.before(turn, reply)


def _at_risk(turn: Turn, event: Event, seen: risk.Risk) -> Reply:
    try:
        if event.data:
            # The answer counts like any other; only what is said about it differs.
            _press(turn, event.data)
        return requests.crisis(turn, seen, risk.language_of(event.text or event.data or "", turn.desk))
    except conversations.Lost:
        conversations.stop(turn)
        return requests.crisis(turn, seen, turn.language)


def _text(turn: Turn, text: str, key: str | None) -> Reply:
    action = turn.desk.words.action(text)
    if action:
        return requests.answer(turn, action)
    found = conversations.find(turn)
    if found is None or found.shows_menu:
        entry = menu.picked(turn, text)
        if entry:
            return requests.answer(turn, entry)
    if found:
        return conversations.feed(turn, found, Words(text), key)
    return requests.unclear(turn, "courtesy.long" if len(text) >= LONG else "courtesy.unclear")


def _press(turn: Turn, data: str) -> Reply:
    shown = presses.answer(turn, data)
    if shown:
        return shown
    pressed, found = read_button(data), conversations.find(turn)
    if pressed and found:
        return conversations.feed(turn, found, pressed)
    return conversations.resume(turn, "engine.stale") or requests.unclear(turn, "courtesy.stale")


def _other(turn: Turn, kind: str) -> Reply:
    found = conversations.find(turn)
    if found:
        return conversations.feed(turn, found, Other(kind))
    key = f"engine.{kind}"
    return requests.unclear(turn, key if turn.texts.has(key) else "engine.other")


def _unsent(turn: Turn, event: Event) -> Reply:
    if event.unsent_key:
        conversations.take_back(turn, event.unsent_key)
    return Reply(())
