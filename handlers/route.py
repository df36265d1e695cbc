"""What one event means, in the order that matters: who may not wait, what always works, what was asked, the menu."""

from __future__ import annotations

from datetime import datetime

from care import (
    conversations,
    erasures,
    hesitation,
    menu,
    notices,
    presses,
    requests,
    resources,
    risk,
    welcome,
)
from care.desk import Desk
from care.turns import Turn
from dialogs.inputs import Other, Words, read_button
from dialogs.messages import Reply
from handlers import crisis
from line.events import Event
from storage.people import Person
from storage.session import Tx


def route(
    tx: Tx, person: Person, event: Event, desk: Desk, now: datetime, *, crisis_answered: bool = False
) -> Reply:
    """The reply to one event of one person; all writing goes through `tx`. Empty when there is nothing to say.

    `crisis_answered`: the crisis reply has gone out by itself, so everything is done here but that reply.
    """
    turn = Turn(tx, person, desk, now, crisis_answered)
    if person.is_sealed:
        return _while_sealed(turn, event)
    if event.kind == "follow":
        return _shown(turn, welcome.followed(turn))
    if event.kind == "unfollow":
        return welcome.blocked(turn)
    try:
        if event.kind == "unsend":
            return _unsent(turn, event)
        welcome.came_back(turn)
        return _answer(turn, event)
    except conversations.Lost:
        return conversations.lost(turn)


def _while_sealed(turn: Turn, event: Event) -> Reply:
    """She has asked to be erased: nothing of hers is looked at, and a call for help is answered as always."""
    if event.kind == "unfollow":
        return welcome.blocked(turn)
    if event.kind == "unsend":
        return _unsent(erasures.opened(turn), event)
    seen = crisis.judge(event, turn.desk)
    if seen:
        return Reply(()) if turn.crisis_answered else crisis.reply_to(event, turn.desk)
    return erasures.while_sealed(turn, event.text)


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
    elif event.place and not turn.person.is_sealed:
        reply = requests.beside(turn, resources.near(turn, *event.place))
    else:
        reply = _other(turn, event.message_type or "other")
    return reply if risk.is_crisis(turn.desk, reply) else notices.before(turn, _shown(turn, reply))


def _shown(turn: Turn, reply: Reply) -> Reply:
    """What is offered by number is remembered, so that on a computer too a number is enough."""
    if not (turn.person.is_sealed or turn.person.is_gone):
        presses.keep_in_sight(turn, reply)
    return reply


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
    found, listed = conversations.look(turn)
    if listed:
        picked = presses.pick(turn, listed, text)
        if picked:
            return picked
    elif found is None or found.shows_menu:
        entry = menu.picked(turn, text)
        if entry:
            return requests.answer(turn, entry)
    if found is None:
        return hesitation.answer(turn, text)
    if found.follows_crisis and not conversations.understands(turn, found, text):
        return requests.gently(turn)
    return conversations.feed(turn, found, Words(text), key)


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
    if found and found.follows_crisis:
        return requests.gently(turn)
    if found:
        return conversations.feed(turn, found, Other(kind))
    key = f"engine.{kind}"
    return requests.unclear(turn, key if turn.texts.has(key) else "engine.other")


def _unsent(turn: Turn, event: Event) -> Reply:
    if event.unsent_key:
        conversations.take_back(turn, event.unsent_key)
    return Reply(())
