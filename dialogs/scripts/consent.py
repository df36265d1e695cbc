"""Asking for consent under one scope, before anything of that scope is kept."""

from __future__ import annotations

from dialogs.messages import Card, Message, Paragraph
from dialogs.outcomes import ConsentDeclined, ConsentGiven
from dialogs.steps import Consent, Option, Place, Script, Step, View

AGREE, DECLINE = "agree", "decline"


def name(scope: str) -> str:
    return f"consent.{scope}"


def script(agreed: Consent) -> Script:
    """Args: `then`, the script that was wanted."""
    scope, version = agreed.scope, agreed.version

    def text(view: View, _: Place) -> tuple[Message, ...]:
        words = view.context.consents[scope]
        return (Card(words.title, words.preview, tuple(map(Paragraph, words.paragraphs))),)

    def choices(view: View) -> tuple[Option, ...]:
        return view.context.consents[scope].options

    def finish(view: View) -> ConsentGiven | ConsentDeclined:
        if view.answers["agreed"] == AGREE:
            return ConsentGiven(scope, version, view.args.get("then", ""))
        return ConsentDeclined(scope)

    return Script(name(scope), version, (Step("agreed", text, choices),), finish, on_change="restart")
