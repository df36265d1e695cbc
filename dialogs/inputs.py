"""What a person can do to a conversation, and the data of a button that knows its question."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal
from urllib.parse import parse_qsl, quote_plus

MOST = 300
"""LINE's limit for the data of a postback."""

Order = Literal["back", "cancel", "restart", "skip", "explain"]


@dataclass(frozen=True, slots=True)
class Words:
    text: str


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button of some question, perhaps an old one. `language` is the one the button was written in."""

    dialog: str
    step: str
    turn: int
    value: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Other:
    """A sticker, image, video, audio, file, location or whatever LINE invents next."""

    kind: str


@dataclass(frozen=True, slots=True)
class Control:
    """One of the words that work in every step."""

    order: Order


Input = Words | Pressed | Other | Control


def button(pressed: Pressed) -> str:
    """The data of a button. Raises ValueError when LINE would not take it."""
    dialog, step, value, language = map(_quoted, (pressed.dialog, pressed.step, pressed.value, pressed.language))
    data = f"d={dialog}&s={step}&t={pressed.turn}&v={value}&l={language}"
    if len(data) > MOST:
        raise ValueError(f"button data of {len(data)} characters")
    return data


# A screening makes the same few names and values into buttons over and over.
_quoted = lru_cache(4096)(quote_plus)


def read_button(data: str) -> Pressed | None:
    """The button behind the data, or None for data that is not of a question."""
    try:
        parts = dict(parse_qsl(data, keep_blank_values=True, max_num_fields=8))
        return Pressed(parts["d"], parts["s"], int(parts["t"]), parts["v"], parts.get("l", ""))
    except (KeyError, ValueError):
        return None
