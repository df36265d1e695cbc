"""The menu: what can be done here today, numbered.

LINE shows at most thirteen quick replies: with the entries here and what may join them, that is the limit.
"""

from __future__ import annotations

from care.turns import Turn
from dialogs.messages import Choice, Reply, Text
from dialogs.reading import choose
from dialogs.steps import Option

ENTRIES = (
    "screening",
    "resources",
    "life_events",
    "care",
    "harassment",
    "forms",
    "contact",
    "help",
    "my_data",
    "notice",
    "language",
)
"""Names of what can be asked for, in the order shown."""

PREFIX = "w"


def show(turn: Turn) -> Reply:
    return Reply((Text(turn.say("menu.choose")),), choices(turn))


def choices(turn: Turn) -> tuple[Choice, ...]:
    return tuple(Choice(option.label, f"{PREFIX}={option.value}", option.key) for option in _options(turn))


def picked(turn: Turn, text: str) -> str | None:
    """The entry a typed number or label means, or None."""
    option = choose(text, _options(turn))
    return option.value if option else None


def has(entry: str) -> bool:
    """Whether a button of the menu, however old, still leads somewhere."""
    return entry in ENTRIES or entry == "menu"


def _options(turn: Turn) -> list[Option]:
    return [Option(entry, turn.say(f"menu.{entry}"), str(n)) for n, entry in enumerate(ENTRIES, 1)]
