"""表單與手冊: what there is, and where to get it. A link that nobody has announced is said to be asked for."""

from __future__ import annotations

from care import says
from care.turns import Turn
from dialogs.messages import Block, Card, Fact, Link, Paragraph, Reply


def show(turn: Turn) -> Reply:
    language, forms = turn.language, turn.desk.guides.forms
    blocks: list[Block] = [Paragraph(turn.say("forms.how"))]
    for form in forms:
        blocks.append(Paragraph(form.name[language], "asked"))
        blocks.append(Fact(turn.say("forms.where"), form.where.text[language]))
        if not form.url:
            blocks.append(Fact(turn.say("forms.link"), turn.say("forms.ask")))
    buttons = tuple(Link(form.name[language], form.url) for form in forms if form.url)
    card = Card(turn.say("forms.title"), turn.say("forms.preview"), tuple(blocks), buttons)
    return Reply((card,), controls=says.offer(turn, "contact", "menu"), keep=True)
