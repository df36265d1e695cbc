"""The single window: the desk people can turn to, by telephone, e-mail or in person."""

from __future__ import annotations

from care import says
from care.desk import Contact
from care.turns import Turn
from dialogs.messages import Block, Button, Call, Card, Fact, Paragraph, Reply


def show(turn: Turn) -> Reply:
    contact = turn.desk.plan.contact
    unknown = turn.say("contact.ask")
    facts = [
        Fact(turn.say("contact.desk"), contact.desk[turn.language]),
        Fact(turn.say("contact.phone"), contact.phone or unknown),
        Fact(turn.say("contact.email"), contact.email or unknown),
        Fact(turn.say("contact.hours"), contact.hours[turn.language] or unknown),
    ]
    if contact.room:
        facts.append(Fact(turn.say("contact.room"), contact.room[turn.language] or unknown))
    calls: list[Button] = [Call(turn.say("contact.call"), contact.phone)] if contact.phone else []
    if contact.deputy and contact.deputy.phone:
        calls.append(Call(turn.say("contact.call_deputy"), contact.deputy.phone))
    unconfirmed = [Paragraph(turn.say("contact.unconfirmed"), "muted")] * _is_unconfirmed(turn)
    blocks = (
        Paragraph(turn.say("contact.free")),
        *facts,
        *_deputy(turn, contact),
        *unconfirmed,
        Paragraph(turn.say("contact.now"), "muted"),
    )
    card = Card(turn.say("contact.title"), turn.say("contact.preview"), blocks, tuple(calls))
    return Reply((card,), controls=says.offer(turn, "help", "eligibility", "menu"), keep=True)


def _deputy(turn: Turn, contact: Contact) -> list[Block]:
    """Somebody outside the personnel office, for whoever would rather not turn to it."""
    deputy = contact.deputy
    if deputy is None:
        return []
    reached = "、".join(filter(None, (deputy.phone, deputy.email))) or turn.say("contact.deputy_ask")
    return [
        Paragraph(turn.say("contact.rather_not")),
        Fact(turn.say("contact.deputy"), deputy.desk[turn.language]),
        Fact(turn.say("contact.reached"), reached),
    ]


def _is_unconfirmed(turn: Turn) -> bool:
    return any(field.partition(".")[0] == "contact" for field in turn.desk.plan.unconfirmed)
