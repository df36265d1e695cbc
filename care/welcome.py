"""Coming and going: a welcome once a day however often the account is added, and silence towards who blocked it."""

from __future__ import annotations

from care import notices, says
from care.turns import Turn
from dialogs.messages import Message, Reply, Text
from storage import consents, outbox, people, screenings

FIRST = ("screening", "resources", "help")
"""The three most useful things to do right now; two of them need neither consent nor a row about anybody."""


def followed(turn: Turn) -> Reply:
    """Welcome, or welcome back with what is still kept; nothing the second time on the same day.

    It ends in something to do. The short notice comes along at first, and again when its version has changed.
    """
    came_back(turn)
    met = turn.person.welcomed_on
    if met == turn.today:
        return Reply(())
    people.set_welcomed(turn.tx, turn.person, turn.today)
    messages = (
        _back(turn) if met else _hello(turn),
        *_notice(turn, is_new=met is None),
        Text(turn.say("welcome.first")),
    )
    more = ("my_data", "erase") if met else ()
    return Reply(messages, controls=says.offer(turn, *FIRST, *more, "menu"), keep=True)


def blocked(turn: Turn) -> Reply:
    """Nothing is said, and nothing that waits for her is sent any more."""
    people.set_blocked(turn.tx, turn.person, True, turn.now)
    outbox.drop_for(turn.tx, turn.person.id)
    return Reply(())


def came_back(turn: Turn) -> None:
    """Whoever does something here has not blocked us."""
    if turn.person.blocked:
        people.set_blocked(turn.tx, turn.person, False, turn.now)


def _hello(turn: Turn) -> Text:
    return Text(turn.say("welcome.hello", agency=turn.desk.plan.agency[turn.language]))


def _back(turn: Turn) -> Text:
    results = screenings.count(turn.tx, turn.person)
    agreed = len(consents.current(turn.tx, turn.person))
    return Text(turn.say("welcome.back", screenings=results, consents=agreed))


def _notice(turn: Turn, *, is_new: bool) -> tuple[Message, ...]:
    """Shown with every welcome to somebody new, and to whoever has seen another version of it."""
    version, seen = turn.desk.plan.notice.version, turn.person.notice
    if seen == version and not is_new:
        return ()
    people.set_notice(turn.tx, turn.person, version)
    return notices.changed(turn) if seen not in (None, version) else (notices.short(turn),)
