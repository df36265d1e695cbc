"""Choosing the language; each is offered in its own words, for those who cannot read the other."""

from __future__ import annotations

from dialogs.messages import Message, Text
from dialogs.outcomes import LanguageChosen
from dialogs.steps import Option, Place, Script, Step, View

_OPTIONS = (Option("zh-Hant", "繁體中文", "1", ("華文", "漢語")), Option("en", "English", "2", ("eng",)))


def _text(view: View, _: Place) -> tuple[Message, ...]:
    return (Text(view.texts.say("language.which")),)


def _choices(_: View) -> tuple[Option, ...]:
    return _OPTIONS


def _finish(view: View) -> LanguageChosen:
    return LanguageChosen(view.answers["language"] or "zh-Hant")


SCRIPT = Script("language", "1", (Step("language", _text, _choices),), _finish)
