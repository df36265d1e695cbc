"""The language somebody is spoken to in."""

from __future__ import annotations

from care.turns import Turn
from storage import people


def speak(turn: Turn, language: str) -> None:
    """Remember the language; this very turn goes on in it."""
    people.set_language(turn.tx, turn.person, turn.desk.language(language))
