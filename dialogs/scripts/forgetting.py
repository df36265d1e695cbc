"""Asking once more before the history of results is deleted."""

from __future__ import annotations

from dialogs.messages import Message, Text
from dialogs.outcomes import HistoryForgotten, LeftAsItIs
from dialogs.steps import Option, Place, Script, Step, View


def _text(view: View, _: Place) -> tuple[Message, ...]:
    return (Text(view.texts.say("forgetting.sure", count=view.args.get("count", ""))),)


def _choices(view: View) -> tuple[Option, ...]:
    return (
        Option("delete", view.texts.say("forgetting.delete"), "1"),
        Option("keep", view.texts.say("forgetting.keep"), "2"),
    )


def _finish(view: View) -> HistoryForgotten | LeftAsItIs:
    return HistoryForgotten() if view.answers["sure"] == "delete" else LeftAsItIs()


SCRIPT = Script("forgetting", "1", (Step("sure", _text, _choices),), _finish)
"""Args: `count`, how many results there are."""
