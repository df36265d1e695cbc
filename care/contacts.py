"""The single window: the desk people can turn to, by telephone, e-mail or in person."""

from __future__ import annotations

from care import says
from care.turns import Turn
from dialogs.messages import Button, Call, Card, Fact, Paragraph, Reply


def show(turn: Turn) -> Reply:
    contact = turn.desk.plan.contact
    unknown = turn.say("contact.ask")
    facts = (
        Fact(turn.say("contact.desk"), contact.desk[turn.language]),
        Fact(turn.say("contact.phone"), contact.phone or unknown),
        Fact(turn.say("contact.email"), contact.email or unknown),
        Fact(turn.say("contact.hours"), contact.hours[turn.language]),
    )
    calls: tuple[Button, ...] = (Call(turn.say("contact.call"), contact.phone),) if contact.phone else ()
    blocks = (Paragraph(turn.say("contact.free")), *facts, Paragraph(turn.say("contact.now"), "muted"))
    card = Card(turn.say("contact.title"), turn.say("contact.preview"), blocks, calls)
    return Reply((card,), controls=says.offer(turn, "help", "menu"), keep=True)
