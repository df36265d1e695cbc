"""Carrying out what a finished conversation came to, in the transaction of its last turn."""

from __future__ import annotations

from dataclasses import dataclass

from care import erasures, languages, says, screenings
from care.turns import Turn
from dialogs import outcomes as came_to
from dialogs.messages import Reply, Text
from storage import consents

NOTHING = Reply(())


@dataclass(frozen=True, slots=True)
class Done:
    """What to say, or which script comes next.

    `ends_all`: nothing that waited underneath may go on. `is_last`: nothing more may be read, said or kept.
    """

    reply: Reply = NOTHING
    begin: str = ""
    ends_all: bool = False
    is_last: bool = False


def carry_out(turn: Turn, outcome: came_to.Outcome) -> Done:
    if isinstance(outcome, came_to.ConsentGiven):
        consents.grant(turn.tx, turn.person, outcome.scope, outcome.version, turn.now)
        return Done(_said(turn, "consent.thanks"), outcome.then)
    if isinstance(outcome, came_to.ConsentDeclined):
        return Done(_declined(turn))
    if isinstance(outcome, came_to.ScreeningFinished):
        return Done(screenings.keep(turn, outcome))
    if isinstance(outcome, came_to.HistoryForgotten):
        return Done(screenings.forget(turn))
    if isinstance(outcome, came_to.ConsentWithdrawn):
        # What was begun under the consent ends with it.
        return Done(_withdrawn(turn, outcome), ends_all=True)
    if isinstance(outcome, came_to.PersonErased):
        return Done(erasures.destroy(turn) if outcome.now else erasures.seal(turn), is_last=True)
    if isinstance(outcome, came_to.LanguageChosen):
        languages.speak(turn, outcome.language)
        return Done(_said(turn, "language.now"))
    return Done(_said(turn, "courtesy.unchanged"))


def _declined(turn: Turn) -> Reply:
    """Kind words, and help all the same: saying no costs nothing."""
    offered = says.offer(turn, "resources", "help", "contact", "menu")
    return Reply((Text(turn.say("consent.declined")),), controls=offered, keep=True)


def _withdrawn(turn: Turn, outcome: came_to.ConsentWithdrawn) -> Reply:
    consents.withdraw(turn.tx, turn.person, outcome.scope, turn.now)
    if outcome.forget:
        gone = screenings.forget(turn)
        return Reply((Text(turn.say("withdrawal.done")), *gone.messages), controls=gone.controls, keep=True)
    return _said(turn, "withdrawal.kept")


def _said(turn: Turn, key: str) -> Reply:
    return Reply((Text(turn.say(key)),), controls=says.offer(turn, "menu"), keep=True)
