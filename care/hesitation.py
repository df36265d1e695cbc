"""What nobody understood: the nearest three things and the menu; the same again, and a person's contact."""

from __future__ import annotations

from dataclasses import replace

from care import contacts, life_events, menu, requests, resources
from care.search import Found
from care.turns import Turn
from dialogs.messages import Choice, Reply, Text
from dialogs.reading import plain
from storage import people

# From here on a text is somebody telling us something, not a word mistyped.
LONG = 30
NEAREST = 3
_WAYS_ON = ("contact", "menu")


def answer(turn: Turn, text: str) -> Reply:
    """Never a dead end, and never twice the same to the same words. The text itself is not kept."""
    again = people.puzzles_again(turn.tx, turn.person, "".join(plain(text).split()))
    reply = _heard(turn) if len(text) >= LONG else _found(turn, text)
    return _with_a_person(turn, reply) if again else reply


def _heard(turn: Turn) -> Reply:
    return requests.unclear(turn, "courtesy.long")


def _found(turn: Turn, text: str) -> Reply:
    found, event = turn.desk.finder.find(text, NEAREST), life_events.called(turn, text)
    clear = None if event else resources.answer(turn, found)
    if clear:
        return clear
    lines = [(one.resource.name[turn.language], f"r={one.resource.id}") for one in found]
    if event:
        # After what was found: the offices have the telephones, the checklist keeps company.
        lines.append((turn.say("life.list_of", event=event.name[turn.language]), f"l={event.id}"))
    if not _is_sure(found) and not event:
        resources.missed(turn, text)
    if not lines:
        return requests.unclear(turn, "courtesy.unclear")
    return _nearest(turn, lines, is_sure=bool(event) or _is_sure(found))


def _is_sure(found: list[Found]) -> bool:
    return bool(found) and found[0].is_sure


def _nearest(turn: Turn, lines: list[tuple[str, str]], *, is_sure: bool) -> Reply:
    """Numbered, so that on a computer a number is enough; behind them the desk and the menu."""
    ways_on = [(turn.say(f"say.{entry}"), f"{menu.PREFIX}={entry}") for entry in _WAYS_ON]
    choices = tuple(
        Choice(label, data, str(number)) for number, (label, data) in enumerate([*lines, *ways_on], 1)
    )
    return Reply((Text(turn.say("courtesy.found" if is_sure else "courtesy.nearest")),), choices)


def _with_a_person(turn: Turn, reply: Reply) -> Reply:
    """The same words again: whoever asks twice is not helped by the same answer alone."""
    card = contacts.show(turn).messages
    return replace(reply, messages=(Text(turn.say("courtesy.again")), *card, reply.messages[-1]), keep=True)
