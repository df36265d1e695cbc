"""The neutral vocabulary of everything the service says, whatever carries it (LINE, the console, a test).

Nothing here knows LINE. `line.render` turns a Reply into LINE's message objects; `dump` and `load` are how
a reply waits in the outbox.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

VERSION = 1

Tone = Literal["plain", "good", "mild", "warn", "strong", "muted", "asked"]


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: str
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class Fact:
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A length out of `most`. The value is also written as a number, so the picture is never the only carrier."""

    label: str
    value: int
    most: int
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class Call:
    """Tapping it dials the number."""

    label: str
    number: str


@dataclass(frozen=True, slots=True)
class Link:
    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Say:
    """Tapping it says `text` on the person's behalf, visibly in the chat."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Press:
    """Tapping it sends `data` back without a word in the chat but the label."""

    label: str
    data: str


Block = Paragraph | Fact | Bar
Button = Call | Link | Say | Press


@dataclass(frozen=True, slots=True)
class Text:
    text: str


@dataclass(frozen=True, slots=True)
class Card:
    """`preview` is what a lock screen or a notification shows: it must never say what the card is about."""

    title: str
    preview: str
    blocks: tuple[Block, ...] = ()
    buttons: tuple[Button, ...] = ()


Message = Text | Card


@dataclass(frozen=True, slots=True)
class Choice:
    """One offered answer: `key` is what one types for it, `data` what a tap sends."""

    label: str
    data: str
    key: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What one turn says. Empty messages: say nothing.

    `choices` and `controls` belong to the last message. `keep`: must be shown even if the person sent further
    messages in the same burst (results, confirmations); others may be replaced by the later reply.
    """

    messages: tuple[Message, ...]
    choices: tuple[Choice, ...] = ()
    controls: tuple[Say, ...] = ()
    keep: bool = False


def dump(reply: Reply) -> list[dict[str, Any]]:
    """Plain JSON values: a head, then one entry per message."""
    head: dict[str, Any] = {
        "v": VERSION,
        "choices": [[c.label, c.data, c.key] for c in reply.choices],
        "controls": [[s.label, s.text] for s in reply.controls],
        "keep": reply.keep,
    }
    return [head, *(_dump_message(m) for m in reply.messages)]


def load(stored: Sequence[Mapping[str, Any]]) -> Reply:
    """The reply that `dump` wrote. Raises ValueError for anything else, a newer version included."""
    try:
        head, *rest = stored
        if head["v"] != VERSION:
            raise ValueError(f"reply of version {head['v']!r}, this code reads {VERSION}")
        return Reply(
            messages=tuple(_load_message(m) for m in rest),
            choices=tuple(Choice(*c) for c in head["choices"]),
            controls=tuple(Say(*s) for s in head["controls"]),
            keep=bool(head["keep"]),
        )
    except (KeyError, TypeError) as error:
        raise ValueError("not a stored reply") from error


def _dump_message(message: Message) -> dict[str, Any]:
    if isinstance(message, Text):
        return {"text": message.text}
    return {
        "title": message.title,
        "preview": message.preview,
        "blocks": [_dump_block(b) for b in message.blocks],
        "buttons": [_dump_button(b) for b in message.buttons],
    }


def _load_message(stored: Mapping[str, Any]) -> Message:
    if "text" in stored:
        return Text(stored["text"])
    return Card(
        title=stored["title"],
        preview=stored["preview"],
        blocks=tuple(_load_block(b) for b in stored["blocks"]),
        buttons=tuple(_load_button(b) for b in stored["buttons"]),
    )


def _dump_block(block: Block) -> list[Any]:
    if isinstance(block, Paragraph):
        return ["paragraph", block.text, block.tone]
    if isinstance(block, Fact):
        return ["fact", block.label, block.value]
    return ["bar", block.label, block.value, block.most, block.tone]


def _load_block(stored: Sequence[Any]) -> Block:
    kind, *values = stored
    if kind == "paragraph":
        return Paragraph(values[0], cast(Tone, values[1]))
    if kind == "fact":
        return Fact(values[0], values[1])
    if kind == "bar":
        return Bar(values[0], values[1], values[2], cast(Tone, values[3]))
    raise ValueError(f"unknown block {kind!r}")


def _dump_button(button: Button) -> list[str]:
    if isinstance(button, Call):
        return ["call", button.label, button.number]
    if isinstance(button, Link):
        return ["link", button.label, button.url]
    if isinstance(button, Say):
        return ["say", button.label, button.text]
    return ["press", button.label, button.data]


_BUTTONS: dict[str, type[Call] | type[Link] | type[Say] | type[Press]] = {
    "call": Call,
    "link": Link,
    "say": Say,
    "press": Press,
}


def _load_button(stored: Sequence[str]) -> Button:
    kind, label, value = stored
    if kind not in _BUTTONS:
        raise ValueError(f"unknown button {kind!r}")
    return _BUTTONS[kind](label, value)
