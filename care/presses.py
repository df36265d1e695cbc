"""Buttons that belong to no conversation: a prefix says whose, and they count however old they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from care import menu, requests
from care.turns import Turn
from dialogs.messages import Reply

Press = Callable[[Turn, str], Reply | None]
"""From what stands behind the prefix to the reply; None when nothing of this name is left."""


def answer(turn: Turn, data: str) -> Reply | None:
    """The reply to a tapped button, or None: it is a conversation's, or nothing answers it any more."""
    prefix, between, value = data.partition("=")
    if not between:
        return None
    if prefix == menu.PREFIX:
        return requests.answer(turn, value) if menu.has(value) else None
    press = _SHOWN.get(prefix)
    reply = press(turn, value) if press else None
    return requests.beside(turn, reply) if reply else None


# What is shown beside whatever is open. The buttons of a conversation begin with d= (dialogs/inputs.py).
_SHOWN: Mapping[str, Press] = {}
