"""The language somebody is spoken to in."""

from __future__ import annotations

from care.turns import Turn
from storage import people


def speak(turn: Turn, language: str) -> Turn:
    """Remember the language, and go on in it."""
    spoken = turn.desk.language(language)
    people.set_language(turn.tx, turn.person, spoken)
    return turn.speaking(spoken)
