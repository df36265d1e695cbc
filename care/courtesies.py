"""Short things said around a conversation: sorry, goodbye, something is waiting for you."""

from __future__ import annotations

from dataclasses import replace

from care.desk import Desk
from care.risk import is_crisis
from dialogs.messages import Reply, Text

__all__ = ["apology", "farewell", "is_crisis", "nudge", "slowly", "with_apology"]


def nudge(desk: Desk, language: str) -> Reply:
    """Instead of a reply that has to go as a push: says that something waits, never what."""
    return _one(desk, language, "courtesy.nudge")


def farewell(desk: Desk) -> Reply:
    """To a group or room, before leaving it."""
    return _one(desk, desk.default_language, "courtesy.farewell")


def apology(desk: Desk, language: str) -> Reply:
    """After a turn that failed for good: a kind word, and the ways to people that need no machine."""
    return Reply((Text(desk.context(language).texts.say("courtesy.apology")),), keep=True)


def slowly(desk: Desk, language: str) -> Reply:
    """To somebody who has sent more in this minute than is looked at."""
    return replace(_one(desk, language, "courtesy.slowly"), keep=True)


def with_apology(desk: Desk, language: str, reply: Reply) -> Reply:
    """The reply, after a word that an earlier answer may not have arrived. The crisis reply goes out as it is."""
    if is_crisis(desk, reply):
        return reply
    sorry = Text(desk.context(language).texts.say("courtesy.unheard"))
    return replace(reply, messages=(sorry, *reply.messages), keep=True)


def _one(desk: Desk, language: str, key: str) -> Reply:
    return Reply((Text(desk.context(language).texts.say(key)),))
