"""Whether what somebody does calls for help at once, and the fixed reply to it: without person or database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from care.desk import Desk
from dialogs.inputs import read_button
from dialogs.messages import Reply

Kind = Literal["self_harm", "violence", "help", "item"]
"""item: an answer of a questionnaire that is acted on at once."""


_FIRST_CJK = 0x2E80


@dataclass(frozen=True, slots=True)
class Risk:
    kind: str


def judge(text: str, desk: Desk) -> Risk | None:
    """The risk in a text, by the lexicon. Under a millisecond, whatever the text."""
    kind = desk.lexicon.find(text)
    return Risk(kind) if kind else None


def judge_press(data: str, desk: Desk) -> Risk | None:
    """The risk in a tapped button: an answer at which its questionnaire wants help shown, be the button old or new."""
    pressed = read_button(data)
    if pressed is None:
        return None
    alarm_at = desk.alarms.get((pressed.dialog, pressed.step))
    if alarm_at is None or not pressed.value.isascii() or not pressed.value.isdigit():
        return None
    return Risk("item") if int(pressed.value) >= alarm_at else None


def crisis_reply(desk: Desk, language: str, risk: Risk | None = None) -> Reply:
    """The fixed reply, finished at the start of the process. The same whatever state anything is in."""
    kind = "item" if risk and risk.kind == "item" else "words"
    return desk.crisis.get((language, kind)) or desk.crisis[desk.default_language, kind]


def language_of(said: str, desk: Desk) -> str:
    """The language to answer in, from nothing but the text, or the data of the button, itself."""
    pressed = read_button(said)
    if pressed is not None:
        return pressed.language or desk.default_language
    letters = [c for c in said if c.isalpha()]
    return "en" if letters and all(ord(c) < _FIRST_CJK for c in letters) else desk.default_language


def is_crisis(desk: Desk, reply: Reply) -> bool:
    """Whether this is the crisis reply, which nothing may be put before."""
    return bool(reply.messages) and reply.messages[0] in desk.crisis_openings
