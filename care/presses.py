"""Buttons that belong to no conversation: a prefix says whose, and they count however old they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from care import caring, conversations, harassment, life_events, menu, my_data, requests, resources
from care.turns import Turn
from dialogs.messages import Choice, Reply
from dialogs.reading import choose
from dialogs.steps import Option

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


def pick(turn: Turn, listed: tuple[Choice, ...], text: str) -> Reply | None:
    """What a typed number or label stands for in the list in sight; None when it stands for none of its lines."""
    option = choose(text, [Option(choice.data, choice.label, choice.key) for choice in listed])
    return answer(turn, option.value) if option else None


def keep_in_sight(turn: Turn, reply: Reply) -> None:
    """Remember the list this reply shows, unless its numbers are a conversation's, or always mean the menu's."""
    prefixes = {choice.data.partition("=")[0] for choice in reply.choices}
    if prefixes == {menu.PREFIX}:
        conversations.out_of_sight(turn)
    elif prefixes and prefixes <= {menu.PREFIX, *_SHOWN}:
        conversations.put_in_sight(turn, reply.choices)


# What is shown beside whatever is open. The buttons of a conversation begin with d= (dialogs/inputs.py).
_SHOWN: Mapping[str, Press] = {
    my_data.PREFIX: my_data.withdraw,
    life_events.PREFIX: life_events.checklist,
    harassment.PREFIX: harassment.answer,
    caring.PREFIX: caring.of_type,
    resources.RESOURCE: resources.resource_pressed,
    resources.CATEGORY: resources.category_pressed,
    resources.KIND: resources.kind_pressed,
    resources.DISTRICT: resources.district_pressed,
    resources.NEAR: resources.near_pressed,
}
