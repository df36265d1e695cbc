"""What is kept about this person, shown to her, with the ways to take, withdraw and delete it; and her settings."""

from __future__ import annotations

from collections.abc import Iterator

from care import conversations, exports, says, screenings
from care.turns import Turn
from dialogs.messages import Block, Button, Card, Fact, Paragraph, Press, Reply, Text
from storage import consents, inbox, links, outbox, people
from storage import conversations as open_rows
from storage import screenings as kept

PREFIX = "v"
"""Buttons of this kind take back one consent: v=<scope>."""


def show(turn: Turn) -> Reply:
    """Everything there is, with dates; what is not there is left out, but for what people look for first."""
    granted = consents.current(turn.tx, turn.person)
    facts = [*_about_her(turn), *_results(turn), *_consents(turn), *_passing(turn)]
    blocks: tuple[Block, ...] = (*facts, Paragraph(turn.say("my_data.nothing_else")))
    buttons: list[Button] = list(says.offer(turn, "export", "erase"))
    if kept.count(turn.tx, turn.person):
        buttons[1:1] = says.offer(turn, "result", "trend", "forget")
    buttons[-1:-1] = [_take_back(turn, scope) for scope in granted]
    card = Card(turn.say("my_data.title"), turn.say("my_data.preview"), blocks, tuple(buttons))
    return Reply((card,), controls=says.offer(turn, "notice", "menu"), keep=True)


def withdraw(turn: Turn, scope: str) -> Reply | None:
    """One tap takes one consent back, and ends what was begun under it; what is kept stays until she deletes it."""
    if scope not in consents.current(turn.tx, turn.person):
        return Reply(
            (Text(turn.say("withdrawal.none")),), controls=says.offer(turn, "my_data", "menu"), keep=True
        )
    consents.withdraw(turn.tx, turn.person, scope, turn.now)
    conversations.stop(turn)
    told = Text(turn.say("my_data.taken_back", name=exports.name_of(turn, scope)))
    more = ("forget",) if scope == screenings.SCOPE and kept.count(turn.tx, turn.person) else ()
    return Reply((told,), controls=says.offer(turn, *more, "my_data", "menu"), keep=True)


def settings(turn: Turn) -> Reply:
    return Reply(
        (Text(turn.say("settings.now")),), controls=says.offer(turn, "language", "my_data", "menu"), keep=True
    )


def _about_her(turn: Turn) -> Iterator[Fact]:
    held = people.held(turn.tx, turn.person)
    yield Fact(turn.say("my_data.line"), turn.say("my_data.line_kept"))
    yield Fact(turn.say("my_data.since"), exports.day(turn, held["created_at"]))
    yield Fact(turn.say("my_data.language"), turn.say("language.own_name"))
    if turn.person.notice:
        yield Fact(turn.say("my_data.notice"), turn.say("my_data.version", version=turn.person.notice))
    if held["puzzled"] is not None:
        yield Fact(turn.say("my_data.puzzled"), turn.say("my_data.mark"))
    if turn.person.unheard:
        yield Fact(turn.say("my_data.unheard"), turn.say("my_data.each", count=turn.person.unheard))


def _results(turn: Turn) -> Iterator[Fact]:
    yield Fact(
        turn.say("my_data.screenings"), turn.say("my_data.count", count=kept.count(turn.tx, turn.person))
    )


def _consents(turn: Turn) -> Iterator[Fact]:
    """Every scope there is, and the last word on each."""
    last = {line.scope: line for line in consents.ledger(turn.tx, turn.person)}
    for scope in (*turn.context.consents, *(scope for scope in last if scope not in turn.context.consents)):
        line = last.get(scope)
        if line is None:
            value = turn.say("my_data.not_agreed")
        elif line.granted:
            value = turn.say("my_data.agreed", day=exports.day(turn, line.at), version=line.version)
        else:
            value = turn.say("my_data.withdrawn", day=exports.day(turn, line.at))
        yield Fact(exports.name_of(turn, scope), value)


def _passing(turn: Turn) -> Iterator[Fact]:
    """What is kept for minutes or days only."""
    if open_rows.load(turn.tx, turn.person):
        yield Fact(turn.say("my_data.unfinished"), turn.say("my_data.kept_a_day"))
    under_way = len(outbox.held(turn.tx, turn.person))
    if under_way:
        yield Fact(turn.say("my_data.under_way"), turn.say("my_data.each", count=under_way))
    works = links.open_count(turn.tx, turn.person, turn.now)
    if works:
        yield Fact(turn.say("my_data.links"), turn.say("my_data.works", count=works))
    parked = inbox.parked_count(turn.tx, people.held(turn.tx, turn.person)["line_key"])
    if parked:
        yield Fact(turn.say("my_data.parked"), turn.say("my_data.kept_a_week", count=parked))


def _take_back(turn: Turn, scope: str) -> Press:
    return Press(turn.say("my_data.take_back", name=exports.name_of(turn, scope)), f"{PREFIX}={scope}")
