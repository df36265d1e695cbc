"""The open conversation of a person: begun, fed, interrupted, resumed and ended, one row of sealed JSON.

A small script (language, deleting) may come in between; the one below it waits and is asked again afterwards.
Whatever else was shown meanwhile (the menu, the contact) is remembered as `aside`, so that a number typed then is
not taken for an answer to a question the person no longer sees. A numbered list that is no conversation's is kept as
long as it is in sight, for the same reason: on a computer its number is the only way to choose.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from care import menu, outcomes, risk
from care.desk import Desk
from care.turns import Turn
from dialogs import engine, states
from dialogs.inputs import Control, Input, Words
from dialogs.messages import Choice, Reply, Text
from dialogs.states import State
from dialogs.steps import Script
from storage import conversations as rows
from storage.people import Person
from storage.session import Tx

MENU, ELSEWHERE, LISTED, CRISIS = "menu", "elsewhere", "listed", "crisis"
DEEPEST = 3


@dataclass(frozen=True, slots=True)
class Open:
    """`waiting` are the conversations below the one being asked, the outermost first."""

    state: State
    script: Script
    waiting: tuple[State, ...] = ()
    aside: str = ""

    @property
    def shows_menu(self) -> bool:
        return self.aside == MENU

    @property
    def follows_crisis(self) -> bool:
        """The last thing said to this person was where to find help at once."""
        return self.aside == CRISIS


class Lost(Exception):
    """There was a conversation, and today's scripts cannot go on with it."""


def find(turn: Turn) -> Open | None:
    """The open conversation, or None. One that this code cannot read, or whose script is gone, raises Lost."""
    return look(turn)[0]


def look(turn: Turn) -> tuple[Open | None, tuple[Choice, ...]]:
    """The open conversation, and the lines of a list in sight that belongs to none. Raises Lost, as `find` does."""
    kept = rows.load(turn.tx, turn.person)
    if kept is None:
        return None, ()
    try:
        stack = [states.load(one) for one in kept["open"]]
        listed = tuple(Choice(*one) for one in kept.get("list", ()))
        aside = str(kept["aside"])
    except (KeyError, TypeError, ValueError) as error:
        raise Lost("unreadable") from error
    if not stack and not listed:
        raise Lost("empty")
    return (_top(stack, turn.desk, aside) if stack else None), listed


def put_in_sight(turn: Turn, choices: tuple[Choice, ...]) -> None:
    """A list has been shown: a number typed next is one of its lines, until something else is asked."""
    found = find(turn)
    stack = (*found.waiting, found.state) if found else ()
    _write(turn, stack, LISTED, choices)


def out_of_sight(turn: Turn) -> None:
    """Another list has taken its place that needs no remembering."""
    found, listed = look(turn)
    if not listed:
        return
    if found:
        _save(turn, found)
    else:
        rows.drop(turn.tx, turn.person)


def understands(turn: Turn, found: Open, text: str) -> bool:
    """Whether this is an answer to the open question."""
    return engine.understands(found.script, found.state, text, turn.context)


def feed(turn: Turn, found: Open, said: Input, source: str | None = None) -> Reply:
    """What the open conversation says to this."""
    if found.aside and _counts_only_if_shown(said):
        return _show(turn, found, engine.ask_again(found.script, found.state, turn.context, "engine.resumed"))
    return _show(turn, found, engine.advance(found.script, found.state, said, turn.context, source))


def begin(turn: Turn, name: str, args: Mapping[str, str] | None = None) -> Reply:
    """Start a script, on top of what is open; one that is open already is gone on with instead."""
    found = find(turn)
    waiting = (*found.waiting, found.state) if found else ()
    if any(state.script == name for state in waiting):
        kept = waiting[: [state.script for state in waiting].index(name) + 1]
        return _again(turn, _top(list(kept), turn.desk, ""), "engine.resumed")
    script = turn.desk.scripts[name]
    # Seconds as the first turn: a button of last month's conversation can never be one of today's.
    started = engine.start(script, args or {}, turn.context, int(turn.now.timestamp()) % 10_000_000)
    assert started.state is not None
    _save(turn, Open(started.state, script, waiting[-DEEPEST:]))
    return started.reply


def resume(turn: Turn, reason: str = "engine.resumed") -> Reply | None:
    """The open question once more, or None when nothing is open."""
    found = find(turn)
    return _again(turn, found, reason) if found else None


def set_aside(turn: Turn, shown: str = ELSEWHERE) -> bool:
    """Remember that something else was shown; says whether a conversation waits."""
    found = find(turn)
    if found is None:
        return False
    if found.aside != shown:
        _save(turn, replace(found, aside=shown))
    return True


def stop(turn: Turn) -> None:
    """End everything that is open; nothing of it stays."""
    rows.drop(turn.tx, turn.person)


def end(turn: Turn, name: str) -> None:
    """End this one conversation if it is the one being asked; what waited underneath is open again."""
    found = find(turn)
    if found is None or found.state.script != name:
        return
    if found.waiting:
        _save(turn, _top(list(found.waiting), turn.desk, ""))
    else:
        rows.drop(turn.tx, turn.person)


def take_back(turn: Turn, source: str) -> None:
    """An unsent message takes the answer it held back with it."""
    found = find(turn)
    if found is None:
        return
    state = engine.take_back(found.script, found.state, source, turn.context)
    if state is not None:
        # The question in sight is no longer the open one: a number typed now is not its answer.
        _save(turn, replace(found, state=state, aside=ELSEWHERE))


def away(tx: Tx, person: Person, desk: Desk, now: datetime) -> Reply:
    """After more than ten minutes of silence of ours: say so once, and ask the open question again."""
    turn = Turn(tx, person, desk, now)
    try:
        asked = resume(turn, "engine.away")
    except Lost:
        return lost(turn)
    if asked is not None:
        return asked
    out_of_sight(turn)
    shown = menu.show(turn)
    return replace(shown, messages=(Text(turn.say("courtesy.away")), *shown.messages))


def lost(turn: Turn) -> Reply:
    """Apologise for a conversation that cannot go on, and begin afresh with the menu."""
    rows.drop(turn.tx, turn.person)
    shown = menu.show(turn)
    return replace(shown, messages=(Text(turn.say("courtesy.lost")), *shown.messages))


def _counts_only_if_shown(said: Input) -> bool:
    """A number, 返回 or 略過 speaks of the question in sight; a button says itself which question it is of."""
    return isinstance(said, Words) or (isinstance(said, Control) and said.order in {"back", "skip"})


def _show(turn: Turn, found: Open, advanced: engine.Advance) -> Reply:
    """Keep what the engine came to and carry out its outcome, all in the turn's transaction."""
    if advanced.state is not None:
        alarmed = "alarm" in advanced.signals
        _save(turn, Open(advanced.state, found.script, found.waiting, CRISIS if alarmed else ""))
        return _crisis(turn) if alarmed else advanced.reply
    return _over(turn, found, advanced)


def _over(turn: Turn, found: Open, advanced: engine.Advance) -> Reply:
    below = _top(list(found.waiting), turn.desk, "") if found.waiting else None
    if below:
        _save(turn, below)
    else:
        rows.drop(turn.tx, turn.person)
    if advanced.outcome is None:
        return _then_below(turn, below, advanced.reply)
    done = outcomes.carry_out(turn, advanced.outcome)
    if done.is_last:
        return done.reply
    if done.ends_all:
        stop(turn)
        return done.reply
    if "alarm" in advanced.signals:
        return _crisis(turn)
    if done.begin:
        return begin(turn, done.begin)
    return _then_below(turn, below, done.reply)


def _then_below(turn: Turn, below: Open | None, reply: Reply) -> Reply:
    """What was said, and after it the question that waited underneath, if one did."""
    if below is None:
        return reply
    asked = _again(turn, below, "engine.resumed")
    return Reply((*reply.messages, *asked.messages), asked.choices, asked.controls, keep=True)


def _again(turn: Turn, found: Open, reason: str) -> Reply:
    asked = engine.ask_again(found.script, found.state, turn.context, reason)
    assert asked.state is not None
    _save(turn, Open(asked.state, found.script, found.waiting))
    return asked.reply


def _crisis(turn: Turn) -> Reply:
    if turn.crisis_answered:
        return Reply(())
    return risk.crisis_reply(turn.desk, turn.language, risk.Risk("item"))


def _top(stack: list[State], desk: Desk, aside: str) -> Open:
    *waiting, state = stack
    script = desk.scripts.get(state.script)
    if script is None:
        raise Lost(state.script)
    return Open(state, script, tuple(waiting), aside)


def _save(turn: Turn, found: Open) -> None:
    _write(turn, (*found.waiting, found.state), found.aside)


def _write(turn: Turn, stack: tuple[State, ...], aside: str, listed: tuple[Choice, ...] = ()) -> None:
    kept: dict[str, Any] = {"v": 1, "open": [states.dump(state) for state in stack], "aside": aside}
    if listed:
        kept["list"] = [[choice.label, choice.data, choice.key] for choice in listed]
    rows.save(turn.tx, turn.person, kept, turn.now)
