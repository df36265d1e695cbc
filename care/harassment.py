"""遇到霸凌或性騷擾: safe now? then four ways to help, how to file, and who arranges a talk.

Needs neither consent nor registration, and keeps nothing: where she stands is in the button she taps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from care import contacts, pointers, says
from care.desk import Hotline
from care.guides import Category
from care.turns import Turn
from dialogs.messages import Block, Button, Call, Card, Choice, Paragraph, Reply, Text

PREFIX = "b"
# Danger first, then whom to tell.
_AT_ONCE = ("110", "113", "119")


def show(turn: Turn) -> Reply:
    """The first question, before anything else is said: safe now?"""
    return Reply(
        (Text(turn.say("harassment.safe_now")),),
        _choices(turn, "safe", "unsafe", "hide"),
        says.offer(turn, "quick_exit", "help", "menu"),
    )


def answer(turn: Turn, value: str) -> Reply | None:
    """What follows a tapped button; None for one that is not known any more."""
    if value in _STEPS:
        return _STEPS[value](turn)
    category = next((category for category in turn.desk.guides.categories if category.id == value), None)
    return _category(turn, category) if category else None


def _ways(turn: Turn) -> Reply:
    return _offering(turn, Text(turn.say("harassment.ways")))


def _unsafe(turn: Turn) -> Reply:
    """Numbers that dial, and then the same choice as for everybody."""
    card = Card(
        turn.say("harassment.now"),
        turn.say("harassment.preview"),
        (Paragraph(turn.say("harassment.leave")), *_listed(turn, _AT_ONCE)),
        _calls(turn, _AT_ONCE),
    )
    return _offering(turn, card, Text(turn.say("harassment.hide")), Text(turn.say("harassment.afterwards")))


def _hide(turn: Turn) -> Reply:
    return _offering(turn, Text(turn.say("harassment.hide")), Text(turn.say("harassment.ways")))


def _category(turn: Turn, category: Category) -> Reply:
    found = pointers.of_kinds(turn, category.kinds)
    blocks: list[Block] = [
        Paragraph(category.name[turn.language], "asked"),
        Paragraph(category.fact.text[turn.language]),
        *_listed(turn, category.lines),
    ]
    buttons: tuple[Button, ...] = (*_calls(turn, category.lines), *pointers.buttons(turn, found))
    if not found:
        blocks.append(Paragraph(turn.say("harassment.desk", desk=turn.desk.plan.contact.desk[turn.language])))
    card = Card(turn.say("harassment.title"), turn.say("harassment.preview"), tuple(blocks), buttons)
    return _offering(turn, card, Text(turn.say("harassment.next")))


def _filing(turn: Turn) -> Reply:
    """The law with its dates; and that a word here is not a complaint."""
    facts = turn.desk.guides.filing
    blocks = (
        Paragraph(turn.say("harassment.no_channel"), "warn"),
        *(Paragraph(f"・{fact.text[turn.language]}") for fact in facts),
        Paragraph(turn.say("harassment.as_of", day=min(fact.as_of for fact in facts).isoformat()), "muted"),
    )
    card = Card(turn.say("harassment.filing_title"), turn.say("harassment.preview"), blocks)
    return _offering(turn, card, Text(turn.say("harassment.next")))


def _book(turn: Turn) -> Reply:
    """Booking is not open yet: the desk arranges it, and need not be told why."""
    desk = contacts.show(turn)
    return Reply(
        (Text(turn.say("harassment.book")), *desk.messages),
        controls=says.offer(turn, "quick_exit", "help", "menu"),
        keep=True,
    )


def _offering(turn: Turn, *messages: Card | Text) -> Reply:
    names = [(category.name[turn.language], category.id) for category in turn.desk.guides.categories]
    names += [(turn.say(f"harassment.choose_{step}"), step) for step in ("file", "book", "hide")]
    choices = tuple(
        Choice(label, f"{PREFIX}={value}", str(number)) for number, (label, value) in enumerate(names, 1)
    )
    return Reply(messages, choices, says.offer(turn, "quick_exit", "help", "menu"), keep=True)


def _choices(turn: Turn, *steps: str) -> tuple[Choice, ...]:
    return tuple(
        Choice(turn.say(f"harassment.choose_{step}"), f"{PREFIX}={step}", str(number))
        for number, step in enumerate(steps, 1)
    )


def _lines(turn: Turn, numbers: tuple[str, ...]) -> list[Hotline]:
    known = {line.number: line for line in turn.desk.hotlines}
    return [known[number] for number in numbers if number in known]


def _listed(turn: Turn, numbers: tuple[str, ...]) -> tuple[Paragraph, ...]:
    """On a computer nothing dials: the number is written out too."""
    return tuple(Paragraph(line.line[turn.language]) for line in _lines(turn, numbers))


def _calls(turn: Turn, numbers: tuple[str, ...]) -> tuple[Call, ...]:
    return tuple(
        Call(f"{line.number} {line.name[turn.language]}", line.number) for line in _lines(turn, numbers)
    )


_STEPS: Mapping[str, Callable[[Turn], Reply]] = {
    "safe": _ways,
    "unsafe": _unsafe,
    "file": _filing,
    "book": _book,
    "hide": _hide,
}
