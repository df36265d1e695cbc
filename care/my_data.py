"""What is kept about this person, shown to her, with the ways to see and delete it; and her settings."""

from __future__ import annotations

from care import says, screenings
from care.turns import Turn
from dialogs.messages import Card, Fact, Paragraph, Reply, Say, Text
from storage import consents
from storage import screenings as kept


def show(turn: Turn) -> Reply:
    agreed = consents.current(turn.tx, turn.person).get(screenings.SCOPE)
    consent = turn.say("my_data.agreed", version=agreed) if agreed else turn.say("my_data.not_agreed")
    blocks = (
        Fact(
            turn.say("my_data.screenings"), turn.say("my_data.count", count=kept.count(turn.tx, turn.person))
        ),
        Fact(turn.say("my_data.consent"), consent),
        Fact(turn.say("my_data.language"), turn.say("language.own_name")),
        Fact(turn.say("my_data.line"), turn.say("my_data.line_kept")),
        Paragraph(turn.say("my_data.nothing_else")),
    )
    buttons: tuple[Say, ...] = says.offer(turn, "result", "trend", "forget", "withdraw")
    card = Card(turn.say("my_data.title"), turn.say("my_data.preview"), blocks, buttons)
    return Reply((card,), controls=says.offer(turn, "notice", "menu"), keep=True)


def settings(turn: Turn) -> Reply:
    return Reply(
        (Text(turn.say("settings.now")),), controls=says.offer(turn, "language", "my_data", "menu"), keep=True
    )
