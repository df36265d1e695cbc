"""The crisis reply: care, danger now, who answers the telephone, someone to be with, and what this is not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from care.desk import Hotline, Spoken
from dialogs.messages import Call, Card, Message, Paragraph, Reply, Say, Text
from dialogs.texts import Texts

KINDS = ("words", "item")


def replies(texts: Mapping[str, Texts], lines: Iterable[Hotline]) -> dict[tuple[str, str], Reply]:
    """Every crisis reply there is, by language and kind, ready to be sent."""
    lines = tuple(lines)
    return {
        (language, kind): _reply(spoken, language, lines, kind)
        for language, spoken in texts.items()
        for kind in KINDS
    }


def openings(finished: Iterable[Reply]) -> frozenset[Message]:
    """The first messages of crisis replies: what one is known by."""
    return frozenset(reply.messages[0] for reply in finished)


def _reply(texts: Texts, language: str, lines: tuple[Hotline, ...], kind: str) -> Reply:
    """Readable without the card, for a PC or an old phone: every number also stands in the text."""
    to_call = "\n".join(_in(line.line, language) for line in lines if line.group != "danger")
    card = Card(
        texts.say("crisis.card"),
        texts.say("crisis.preview"),
        (Paragraph(texts.say("crisis.tap"), "muted"),),
        tuple(Call(f"{line.number} {_in(line.name, language)}", line.number) for line in lines),
    )
    messages: tuple[Message, ...] = (
        Text(texts.say("crisis.care")),
        Text(f"{texts.say('crisis.danger')}\n\n{texts.say('crisis.talk')}\n{to_call}"),
        card,
        Text(
            f"{texts.say('crisis.company')}\n\n{texts.say('crisis.program')}\n\n{texts.say(f'crisis.then_{kind}')}"
        ),
    )
    return Reply(messages, controls=_controls(texts, kind), keep=True)


def _controls(texts: Texts, kind: str) -> tuple[Say, ...]:
    names = ("result", "contact", "menu") if kind == "item" else ("resume", "contact", "menu")
    return tuple(Say(texts.say(f"say.{name}"), texts.say(f"control.{name}")) for name in names)


def _in(spoken: Spoken, language: str) -> str:
    """The plan's own line may be named in the plan's languages only."""
    return spoken.get(language) or next(iter(spoken.values()))
