"""Erasing everything: sealed at once with a day to take it back, or destroyed now; and what is said meanwhile."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from care import menu, says
from care.turns import Turn
from dialogs.messages import Reply, Text
from storage import conversations as open_rows
from storage import due, erasures
from storage.session import Tx

WAIT = timedelta(hours=24)
DUE, TRACES = "erasure", "erasure-traces"
AT_ONCE = 500


def seal(turn: Turn) -> Reply:
    """Out of everybody's sight at once, hers included; destroyed a day later unless she takes it back."""
    erasures.seal(turn.tx, turn.person, turn.now)
    until = turn.now + WAIT
    due.add(turn.tx, DUE, until.isoformat(), until)
    return _still_sealed(turn, "erasing.sealed")


def destroy(turn: Turn) -> Reply:
    """Now, for good. The answer is the last thing said to the person she was here."""
    erasures.destroy(turn.tx, turn.person.id)
    turn.person.is_gone = True
    _clear_traces(turn.tx, turn.now)
    return Reply((Text(turn.say("erasing.destroyed")),), controls=says.offer(turn, "help"), keep=True)


def destroy_due(tx: Tx, now: datetime) -> int:
    """Everybody whose day is over; returns how many. Safe to repeat, and beside somebody who takes it back just now."""
    over = erasures.sealed_before(tx, now - WAIT, AT_ONCE)
    gone = sum(erasures.destroy(tx, person_id, now - WAIT) for person_id in over)
    if gone:
        _clear_traces(tx, now)
    return gone


def while_sealed(turn: Turn, said: str | None) -> Reply:
    """Whatever somebody who is sealed says, one kind answer; but she may take it back, or not wait any longer."""
    action = turn.desk.words.action(said) if said else None
    if action == "undo_erasing":
        return _undo(turn)
    if action == "erase_now":
        return destroy(turn)
    return _still_sealed(turn, "erasing.waits")


def opened(turn: Turn) -> Turn:
    """The same turn with her rows open: only to carry out a deletion that she asks for while she is sealed."""
    return replace(turn, person=replace(turn.person, sealed_at=None))


def nothing_to_undo(turn: Turn) -> Reply:
    """She is not sealed: nothing was asked for, or it is done and she is somebody new."""
    shown = menu.show(turn)
    return Reply((Text(turn.say("erasing.nothing_to_undo")), *shown.messages), shown.choices, keep=True)


def _undo(turn: Turn) -> Reply:
    erasures.unseal(turn.tx, turn.person)
    more = ("resume",) if open_rows.load(turn.tx, turn.person) else ()
    offered = says.offer(turn, *more, "my_data", "menu")
    return Reply((Text(turn.say("erasing.undone")),), controls=offered, keep=True)


def _still_sealed(turn: Turn, key: str) -> Reply:
    assert turn.person.sealed_at is not None
    until = (turn.person.sealed_at + WAIT).astimezone(turn.desk.plan.zone)
    told = turn.say(key, until=f"{until.month}/{until.day} {until:%H:%M}")
    return Reply((Text(told),), controls=says.offer(turn, "undo_erasing", "help"), keep=True)


def _clear_traces(tx: Tx, now: datetime) -> None:
    for then in erasures.traces_due(tx, now):
        due.add(tx, TRACES, then.isoformat(), then)
