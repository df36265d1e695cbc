"""Asking once more before everything about somebody is erased: with a day to take it back, or at once."""

from __future__ import annotations

from dialogs.messages import Message, Text
from dialogs.outcomes import LeftAsItIs, PersonErased
from dialogs.steps import Option, Place, Script, Step, View


def _text(view: View, _: Place) -> tuple[Message, ...]:
    return (Text(view.texts.say("erasing.sure")),)


def _choices(view: View) -> tuple[Option, ...]:
    return tuple(
        Option(value, view.texts.say(f"erasing.{value}"), str(number))
        for number, value in enumerate(("seal", "destroy", "keep"), 1)
    )


def _finish(view: View) -> PersonErased | LeftAsItIs:
    how = view.answers["how"]
    return LeftAsItIs() if how == "keep" else PersonErased(now=how == "destroy")


SCRIPT = Script("erasing", "1", (Step("how", _text, _choices),), _finish)
