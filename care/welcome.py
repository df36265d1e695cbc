"""Coming and going: a welcome once a day however often the account is added, and silence towards who blocked it."""

from __future__ import annotations

from care import menu, notices
from care.turns import Turn
from dialogs.messages import Reply, Text
from storage import outbox, people


def followed(turn: Turn) -> Reply:
    """Welcome, with the short notice and the menu; nothing the second time on the same day."""
    came_back(turn)
    if turn.person.welcomed_on == turn.today:
        return Reply(())
    people.set_welcomed(turn.tx, turn.person, turn.today)
    people.set_notice(turn.tx, turn.person, turn.desk.plan.notice.version)
    hello = Text(turn.say("welcome.hello", agency=turn.desk.plan.agency[turn.language]))
    shown = menu.show(turn)
    return Reply((hello, notices.short(turn), *shown.messages), shown.choices, keep=True)


def blocked(turn: Turn) -> Reply:
    """Nothing is said, and nothing that waits for her is sent any more."""
    people.set_blocked(turn.tx, turn.person, True, turn.now)
    outbox.drop_for(turn.tx, turn.person.id)
    return Reply(())


def came_back(turn: Turn) -> None:
    """Whoever does something here has not blocked us."""
    if turn.person.blocked:
        people.set_blocked(turn.tx, turn.person, False, turn.now)
