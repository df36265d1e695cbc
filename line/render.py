"""A neutral Reply as LINE's message objects, within LINE's limits whatever the texts are.

`wire` builds the JSON LINE takes, without the SDK (its import takes two seconds); `render` gives the same as
SDK models. One message too long or one button too many makes LINE refuse the whole call, so everything here
shortens visibly (…) or moves text into a further message; nothing is dropped in silence.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from dialogs.messages import (
    Bar,
    Block,
    Button,
    Call,
    Card,
    Choice,
    Fact,
    Link,
    Message,
    Paragraph,
    Press,
    Reply,
    Say,
    Text,
    Tone,
)
from line.lengths import cut, pieces
from line.limits import (
    ALT_MOST,
    BUBBLE_BYTES,
    LABEL_MOST,
    MESSAGES_MOST,
    QUICK_MOST,
    TEXT_MOST,
    URI_MOST,
    utf16_len,
)

FLEX_LABEL_MOST = 40
SAID_MOST = 300

COLOURS: dict[Tone, str] = {
    "plain": "#333333",
    "good": "#2E7D52",
    "mild": "#9A6B00",
    "warn": "#B8500F",
    "strong": "#B3261E",
    "muted": "#6B6B6B",
    # A question is no verdict: bold, and in the colour of ink.
    "asked": "#111111",
}
_TRACK = "#E6E6E6"
_CALL = "#1F6FB2"

Json = dict[str, Any]


def wire(reply: Reply) -> list[Json]:
    """The reply as LINE's JSON: at most five messages, the offered answers on the last one."""
    messages = [m for source in _numbered(reply) for m in _message(source)]
    if len(messages) > MESSAGES_MOST:
        messages = _five(messages)
    if messages and (items := _quick_replies(reply)):
        messages[-1]["quickReply"] = {"items": items}
    return messages


def render(reply: Reply) -> list[Any]:
    """The reply as models of linebot.v3.messaging."""
    from linebot.v3.messaging import FlexMessage, TextMessage

    models = {"text": TextMessage, "flex": FlexMessage}
    return [models[m["type"]].from_dict(m) for m in wire(reply)]


def warm() -> None:
    """Import the SDK now, so that the first reply does not wait for it."""
    import linebot.v3.messaging  # noqa: F401  (the import is the work)


def _numbered(reply: Reply) -> Iterator[Message]:
    """LINE for PC shows no quick replies: what can be answered stands as a numbered list in the last message."""
    messages = [m for m in reply.messages if not (isinstance(m, Text) and not m.text.strip())]
    if not reply.choices or not messages:
        yield from messages
        return
    last = messages.pop()
    yield from messages
    lines = [f"{c.key}　{c.label}" for c in reply.choices]
    if isinstance(last, Card):
        yield Card(last.title, last.preview, (*last.blocks, *map(Paragraph, lines)), last.buttons)
    else:
        yield Text("\n".join([last.text, "", *lines]))


def _message(message: Message) -> list[Json]:
    if isinstance(message, Text):
        return [{"type": "text", "text": piece} for piece in pieces(message.text, TEXT_MOST)]
    bubble = _bubble(message)
    if len(json.dumps(bubble)) > BUBBLE_BYTES:  # escaped, as the SDK sends it
        return [{"type": "text", "text": piece} for piece in pieces(_as_text(message), TEXT_MOST)]
    preview = message.preview.strip() or message.title.strip() or "…"
    return [{"type": "flex", "altText": cut(preview, ALT_MOST, utf16_len), "contents": bubble}]


def _five(messages: list[Json]) -> list[Json]:
    """Texts that fit together are joined; what is still too much ends visibly before the last message."""
    joined: list[Json] = []
    for message in messages:
        if joined and message["type"] == joined[-1]["type"] == "text":
            both = f"{joined[-1]['text']}\n\n{message['text']}"
            if utf16_len(both) <= TEXT_MOST:
                joined[-1] = {"type": "text", "text": both}
                continue
        joined.append(message)
    if len(joined) > MESSAGES_MOST:
        joined = [*joined[: MESSAGES_MOST - 2], {"type": "text", "text": "…"}, joined[-1]]
    return joined


def _quick_replies(reply: Reply) -> list[Json]:
    actions = [_choice(c) for c in reply.choices] + [_action(s, LABEL_MOST) for s in reply.controls]
    return [{"type": "action", "action": a} for a in actions[:QUICK_MOST]]


def _choice(choice: Choice) -> Json:
    return {
        "type": "postback",
        "label": cut(choice.label, LABEL_MOST),
        "data": choice.data,
        "displayText": cut(choice.label, SAID_MOST),
    }


def _action(button: Button, most: int) -> Json:
    label = cut(button.label, most)
    if isinstance(button, Say):
        return {"type": "message", "label": label, "text": cut(button.text, SAID_MOST)}
    if isinstance(button, Press):
        return {
            "type": "postback",
            "label": label,
            "data": button.data,
            "displayText": cut(button.label, SAID_MOST),
        }
    return {"type": "uri", "label": label, "uri": _uri(button)}


def _uri(button: Call | Link) -> str:
    if isinstance(button, Call):
        return "tel:" + "".join(c for c in button.number if c in "+0123456789*#,")
    return quote(button.url, safe=":/?#[]@!$&'()*+,;=%-._~")


def _bubble(card: Card) -> Json:
    contents: list[Json] = []
    if card.title.strip():
        contents.append(_text(card.title, weight="bold", size="lg", color=COLOURS["plain"]))
    contents += [drawn for block in card.blocks for drawn in _block(block)]
    fits: list[Button] = []
    for button in card.buttons:
        if isinstance(button, Link) and len(_uri(button)) > URI_MOST:
            contents.append(_text(f"{button.label}\n{button.url}", size="sm", color=_CALL))
        else:
            fits.append(button)
    bubble: Json = {
        "type": "bubble",
        "size": "mega",
        "body": {"type": "box", "layout": "vertical", "contents": contents or [_text("…")], "spacing": "md"},
    }
    if fits:
        buttons = [_button(b) for b in fits]
        bubble["footer"] = {"type": "box", "layout": "vertical", "contents": buttons, "spacing": "sm"}
    return bubble


def _button(button: Button) -> Json:
    drawn: Json = {"type": "button", "action": _action(button, FLEX_LABEL_MOST), "height": "sm"}
    if isinstance(button, Call):
        return {**drawn, "style": "primary", "color": _CALL}
    return {**drawn, "style": "secondary"}


def _block(block: Block) -> list[Json]:
    """LINE refuses the whole call for one empty text: an empty block is not drawn."""
    if isinstance(block, Paragraph):
        weight = "bold" if block.tone in ("strong", "asked") else "regular"
        return [_text(block.text, color=COLOURS[block.tone], weight=weight)] if block.text.strip() else []
    if isinstance(block, Fact):
        return [_fact(block)] if block.label.strip() and block.value.strip() else []
    return [_bar(block)]


def _fact(fact: Fact) -> Json:
    label = _text(fact.label, size="sm", color=COLOURS["muted"], flex=2)
    return _row([label, _text(fact.value, size="sm", color=COLOURS["plain"], flex=5)], "flex-start")


def _bar(bar: Bar) -> Json:
    share = max(2, min(100, round(100 * bar.value / bar.most))) if bar.most > 0 else 2
    filled: Json = _stripe(COLOURS[bar.tone], [])
    filled["width"] = f"{share}%"
    track = _stripe(_TRACK, [filled])
    track["flex"] = 5
    label = _text(bar.label.strip() or "–", size="sm", color=COLOURS["muted"], flex=3)
    value = _text(f"{bar.value}／{bar.most}", size="sm", color=COLOURS["plain"], flex=2, align="end")
    return _row([label, track, value], "center")


def _stripe(colour: str, contents: list[Json]) -> Json:
    return {
        "type": "box",
        "layout": "vertical",
        "contents": contents,
        "height": "12px",
        "backgroundColor": colour,
        "cornerRadius": "6px",
    }


def _row(contents: list[Json], align: str) -> Json:
    return {"type": "box", "layout": "horizontal", "contents": contents, "spacing": "sm", "alignItems": align}


def _text(text: str, **look: Any) -> Json:
    return {"type": "text", "text": text, "wrap": True, **look}


def _as_text(card: Card) -> str:
    """The same card without a picture: for one that LINE would find too big."""
    lines = [card.title]
    for block in card.blocks:
        if isinstance(block, Paragraph):
            lines.append(block.text)
        elif isinstance(block, Fact):
            lines.append(f"{block.label}　{block.value}")
        else:
            lines.append(f"{block.label}　{block.value}／{block.most}")
    for button in card.buttons:
        said = {Call: "number", Link: "url", Say: "text"}.get(type(button))
        if said:
            lines.append(f"{button.label}　{getattr(button, said)}")
    return "\n".join(line for line in lines if line.strip())
