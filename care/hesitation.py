"""What is no word we know: what it is about, or the nearest three things; the same again, and a person's contact."""

from __future__ import annotations

from dataclasses import replace

from care import contacts, life_events, menu, pointers, requests, resources
from care.turns import Turn
from dialogs.messages import Reply, Text
from dialogs.reading import plain
from storage import people

# From here on a text is somebody telling us something, not a word mistyped.
LONG = 30
NEAREST = 3
_WAYS_ON = ("contact", "menu")


def answer(turn: Turn, text: str) -> Reply:
    """Never a dead end, and never twice the same to the same words. The text itself is not kept."""
    again = people.puzzles_again(turn.tx, turn.person, "".join(plain(text).split()))
    reply = requests.unclear(turn, "courtesy.long") if resources.length(text) >= LONG else _about(turn, text)
    return _with_a_person(turn, reply) if again else reply


def _about(turn: Turn, text: str) -> Reply:
    named = life_events.named(turn, text)
    if named:
        return named
    found, event = turn.desk.finder.find(text, NEAREST), life_events.called(turn, text)
    clear = None if event else resources.answer(turn, found)
    if clear:
        return clear
    is_sure = event is not None or (bool(found) and found[0].is_sure)
    if not is_sure:
        resources.missed(turn, text)
    lines = pointers.lines(turn, [one.resource for one in found])
    if event:
        # After what was found: the offices have the telephones, the checklist keeps company.
        lines.append(life_events.line(turn, event))
    return _nearest(turn, lines, is_sure=is_sure) if lines else requests.unclear(turn, "courtesy.unclear")


def _nearest(turn: Turn, lines: list[tuple[str, str]], *, is_sure: bool) -> Reply:
    """Numbered, so that on a computer a number is enough; behind them the desk and the menu."""
    ways_on = [(turn.say(f"say.{entry}"), f"{menu.PREFIX}={entry}") for entry in _WAYS_ON]
    asked = Text(turn.say("courtesy.found" if is_sure else "courtesy.nearest"))
    return Reply((asked,), pointers.choices([*lines, *ways_on]))


def _with_a_person(turn: Turn, reply: Reply) -> Reply:
    """Whoever asks the same twice is not helped by the same answer alone."""
    card = contacts.show(turn).messages
    first, *others = reply.messages
    # That it was not understood need not be said twice.
    rest = others if others and isinstance(first, Text) else reply.messages
    return replace(reply, messages=(Text(turn.say("courtesy.again")), *card, *rest), keep=True)
