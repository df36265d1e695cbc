"""LINE's wire messages drawn as safe HTML: for the simulator's phones and, before sending, for the console.

Everything written is escaped. No inline styles: what a message styles itself stands in `data-css`, which
assets/messages.js applies; what a tap does stands in `data-action` as the wire's own JSON.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from line import preview_flex, stickers
from line.preview_parts import pressed

ASSETS = Path(__file__).parent / "assets"
"""messages.css and messages.js, which a page that shows drawn messages needs."""

_LINKS = re.compile(
    r"(?P<web>https?://[^\s<>\"'，。；、）)】」]+)|(?P<tel>(?<![\d-])(?:0800-?\d{3}-?\d{3}|0\d{1,2}-\d{3,4}-?\d{3,4}"
    r"|\(0\d\)\s?\d{4}-?\d{4}|09\d{2}-?\d{3}-?\d{3})(?![\d-]))"
)
_LOCK_SCREEN_MOST = 100


def draw(message: Mapping[str, Any]) -> str:
    """One wire message (sent by the bot or a person) as HTML. Unknown kinds are named, never dropped."""
    drawn = _KINDS.get(str(message.get("type")))
    return (
        drawn(message)
        if drawn
        else f'<div class="lm-bubble lm-odd">[{escape(str(message.get("type")))}]</div>'
    )


def notice(message: Mapping[str, Any]) -> str:
    """The words a lock screen shows for this message: its altText, or the first line of its text."""
    kind = str(message.get("type"))
    if kind in ("text", "textV2"):
        first = str(message["text"]).strip().split("\n", 1)[0]
        return first if len(first) <= _LOCK_SCREEN_MOST else first[: _LOCK_SCREEN_MOST - 1] + "…"
    return str(message.get("altText") or _NAMES.get(kind, "傳送了訊息"))


_NAMES = {
    "sticker": "傳送了貼圖",
    "image": "傳送了照片",
    "video": "傳送了影片",
    "audio": "傳送了語音訊息",
    "location": "傳送了位置資訊",
    "file": "傳送了檔案",
}


def linked(text: str) -> str:
    """Escaped text in which web addresses and telephone numbers can be tapped."""
    out, end = [], 0
    for match in _LINKS.finditer(text):
        out.append(escape(text[end : match.start()]))
        words = match.group()
        uri = words if match["web"] else "tel:" + re.sub(r"[^\d]", "", words)
        out.append(pressed({"type": "uri", "uri": uri}, escape(words), "lm-link"))
        end = match.end()
    return "".join([*out, escape(text[end:])])


def _text(message: Mapping[str, Any]) -> str:
    text = str(message["text"])
    if message["type"] == "textV2":
        text = re.sub(
            r"\{(\w+)\}", lambda match: f"@{match[1]}", text.replace("{{", "｛").replace("}}", "｝")
        )
    return f'<div class="lm-bubble lm-text">{linked(text)}</div>'


def _sticker(message: Mapping[str, Any]) -> str:
    sticker = str(message["stickerId"])
    return (
        f'<div class="lm-sticker" role="img" aria-label="貼圖：{stickers.mood(sticker)}">'
        f"{stickers.face(sticker)}</div>"
    )


def _image(message: Mapping[str, Any]) -> str:
    return '<div class="lm-media lm-image" role="img" aria-label="照片">' + _PICTURE + "</div>"


def _video(message: Mapping[str, Any]) -> str:
    return (
        '<div class="lm-media lm-image lm-video" role="img" aria-label="影片">'
        + _PICTURE
        + '<svg class="lm-play" viewBox="0 0 48 48" aria-hidden="true"><circle cx="24" cy="24" r="22" fill="#0008"/>'
        '<path d="M19 15l15 9-15 9z" fill="#fff"/></svg></div>'
    )


def _audio(message: Mapping[str, Any]) -> str:
    seconds = max(1, round(int(message.get("duration", 1000)) / 1000))
    bars = "".join(
        f'<rect x="{4 * n}" y="{12 - h}" width="2" height="{2 * h}" rx="1"/>'
        for n, h in enumerate((3, 6, 9, 5, 8, 11, 7, 4, 9, 6, 10, 5, 3, 7, 4))
    )
    return (
        f'<div class="lm-bubble lm-audio" role="img" aria-label="語音訊息 {seconds} 秒"><svg viewBox="0 0 60 24" '
        f'aria-hidden="true">{bars}</svg><span>0:{seconds:02d}</span></div>'
    )


def _file(message: Mapping[str, Any]) -> str:
    size = int(message.get("fileSize", 0))
    return (
        f'<div class="lm-bubble lm-file"><svg viewBox="0 0 24 24" aria-hidden="true"><path d="M6 2h8l5 5v15H6z" '
        f'fill="none" stroke="currentColor" stroke-width="1.6"/><path d="M14 2v5h5" fill="none" '
        f'stroke="currentColor" stroke-width="1.6"/></svg><span>{escape(str(message.get("fileName", "檔案")))}'
        f"<small>{max(1, size // 1024)} KB</small></span></div>"
    )


def _location(message: Mapping[str, Any]) -> str:
    title = str(message.get("title") or "位置資訊")
    return (
        f'<div class="lm-card lm-place">{_MAP}<div class="lm-card-text"><strong>{escape(title)}</strong>'
        f"<p>{escape(str(message.get('address', '')))}</p></div></div>"
    )


def _template(message: Mapping[str, Any]) -> str:
    template = message["template"]
    if template["type"] == "confirm":
        return (
            f'<div class="lm-card lm-confirm"><div class="lm-card-text"><p>{escape(template["text"])}</p></div>'
            f'<div class="lm-card-buttons">{_buttons(template["actions"])}</div></div>'
        )
    if template["type"] == "buttons":
        return _card(template)
    cards = "".join(_card(column) for column in template["columns"])
    return f'<div class="lm-carousel" tabindex="0" role="group" aria-label="{escape(message["altText"])}">{cards}</div>'


def _card(card: Mapping[str, Any]) -> str:
    picture = _PICTURE if card.get("thumbnailImageUrl") or card.get("imageUrl") else ""
    title = f"<strong>{escape(card['title'])}</strong>" if card.get("title") else ""
    words = f"<p>{escape(card['text'])}</p>" if card.get("text") else ""
    actions = card.get("actions") or ([card["action"]] if card.get("action") else [])
    return (
        f'<div class="lm-card">{picture}<div class="lm-card-text">{title}{words}</div>'
        f'<div class="lm-card-buttons">{_buttons(actions)}</div></div>'
    )


def _buttons(actions: list[Mapping[str, Any]]) -> str:
    return "".join(pressed(action, escape(str(action.get("label", "")))) for action in actions)


def _flex(message: Mapping[str, Any]) -> str:
    return preview_flex.draw(message["contents"], str(message["altText"]))


def _alt(message: Mapping[str, Any]) -> str:
    return f'<div class="lm-bubble lm-odd">{escape(str(message.get("altText", "")))}</div>'


def _unsent(message: Mapping[str, Any]) -> str:
    return '<div class="lm-gone">訊息已收回</div>'


_PICTURE = (
    '<svg class="lm-picture" viewBox="0 0 160 100" preserveAspectRatio="xMidYMid slice" aria-hidden="true">'
    '<rect width="160" height="100" fill="#DCE6EC"/><circle cx="120" cy="28" r="12" fill="#F4E3B5"/>'
    '<path d="M0 100l46-52 34 36 22-20 58 36z" fill="#A9C3B6"/><path d="M0 100l30-26 40 26z" fill="#8FB0A3"/></svg>'
)
_MAP = (
    '<svg class="lm-picture" viewBox="0 0 160 80" preserveAspectRatio="xMidYMid slice" aria-hidden="true">'
    '<rect width="160" height="80" fill="#E9EEE6"/><path d="M0 52h160M52 0v80M118 0v80M0 20h52" stroke="#fff" '
    'stroke-width="7"/><path d="M0 74q60-16 160-2v8H0z" fill="#BFD8E6"/><path d="M84 46c-10-13-14-18-14-25a14 14 0 '
    '0128 0c0 7-4 12-14 25z" fill="#C65B4B"/><circle cx="84" cy="21" r="5" fill="#fff"/></svg>'
)
_KINDS = {
    "text": _text,
    "textV2": _text,
    "sticker": _sticker,
    "image": _image,
    "video": _video,
    "audio": _audio,
    "file": _file,
    "location": _location,
    "template": _template,
    "flex": _flex,
    "imagemap": _alt,
    "coupon": _alt,
    "unsent": _unsent,
}
