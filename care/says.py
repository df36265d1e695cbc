"""Words offered as buttons under a message: tapping one says it."""

from __future__ import annotations

from care.turns import Turn
from dialogs.messages import Say


def offer(turn: Turn, *names: str) -> tuple[Say, ...]:
    """`say.<name>` is what the button shows, `control.<name>` the word it says."""
    return tuple(Say(turn.say(f"say.{name}"), turn.say(f"control.{name}")) for name in names)
