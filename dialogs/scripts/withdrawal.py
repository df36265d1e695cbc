"""Taking a consent back, with or without what was kept under it."""

from __future__ import annotations

from dialogs.messages import Message, Text
from dialogs.outcomes import ConsentWithdrawn, LeftAsItIs
from dialogs.steps import Consent, Option, Place, Script, Step, View


def name(scope: str) -> str:
    return f"withdrawal.{scope}"


def script(agreed: Consent) -> Script:
    def finish(view: View) -> ConsentWithdrawn | LeftAsItIs:
        how = view.answers["how"]
        return LeftAsItIs() if how == "keep" else ConsentWithdrawn(agreed.scope, forget=how == "forget")

    return Script(name(agreed.scope), "1", (Step("how", _text, _choices),), finish)


def _text(view: View, _: Place) -> tuple[Message, ...]:
    return (Text(view.texts.say("withdrawal.how")),)


def _choices(view: View) -> tuple[Option, ...]:
    return tuple(
        Option(value, view.texts.say(f"withdrawal.{value}"), str(number))
        for number, value in enumerate(("forget", "only", "keep"), 1)
    )
