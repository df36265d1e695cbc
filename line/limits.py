"""What LINE accepts as messages, judged before anything is queued: the same rules the simulator refuses by."""

from __future__ import annotations

import re
from typing import Any

from line.actions import (
    DATA_MOST,
    URI_MOST,
    https,
    image_column_action,
    quick_action,
    tapped_card,
    template_action,
    uri,
)
from line.flex import BUBBLE_BYTES, BUBBLES_MOST, CAROUSEL_BYTES, colour, container
from line.shapes import (
    Findings,
    Rule,
    Shape,
    kinds,
    label,
    many,
    matching,
    number,
    one_of,
    text,
    utf16_len,
    whole,
)

__all__ = [
    "ALT_MOST",
    "BUBBLES_MOST",
    "BUBBLE_BYTES",
    "CAROUSEL_BYTES",
    "DATA_MOST",
    "LABEL_MOST",
    "MESSAGES_MOST",
    "MULTICAST_MOST",
    "QUICK_MOST",
    "TEXT_MOST",
    "URI_MOST",
    "findings",
    "problems",
    "utf16_len",
]

MESSAGES_MOST = 5
TEXT_MOST = 5000
QUICK_MOST = 13
LABEL_MOST = 20
ALT_MOST = 1500
MULTICAST_MOST = 500

_token = text(2000)
_alt = text(ALT_MOST)
_digits = matching(r"\d{1,20}", "a number in digits")
_COMMON: dict[str, Rule] = {
    "quickReply": Shape(
        {"items": many(Shape({"imageUrl": https, "action": quick_action}, ("action",)), 1, QUICK_MOST)},
        ("items",),
    ),
    "sender": Shape({"name": text(20), "iconUrl": https}),
}


def _message(*required: str, also: tuple[Rule, ...] = (), **fields: Rule) -> Shape:
    return Shape({**_COMMON, **fields}, required, also)


def _emojis(found: Findings, path: str, value: dict[str, Any]) -> None:
    said = value.get("text")
    units = said.encode("utf-16-le", "surrogatepass") if isinstance(said, str) else b""
    for place, emoji in enumerate(value.get("emojis") or []):
        index = emoji.get("index") if isinstance(emoji, dict) else None
        if isinstance(index, int) and units[2 * index : 2 * index + 2] != b"$\x00":
            found.append((f"{path}.emojis[{place}].index", "there is no '$' at this index of the text"))


def _substituted(found: Findings, path: str, value: dict[str, Any]) -> None:
    said, given = value.get("text"), value.get("substitution") or {}
    if not isinstance(said, str) or not isinstance(given, dict):
        return
    bare = said.replace("{{", "").replace("}}", "")
    for name in re.findall(r"\{([^{}]*)\}", bare):
        if name not in given:
            found.append((f"{path}.text", f"the placeholder {{{name}}} has no substitution"))
    if re.search(r"[{}]", re.sub(r"\{[^{}]*\}", "", bare)):
        found.append((f"{path}.text", "an unpaired { or }"))


def _anything(found: Findings, path: str, value: Any) -> None:
    if not isinstance(value, dict):
        found.append((path, "must be an object"))


def _card(plain: int, most: int) -> Shape:
    """A buttons template or a column: less text once it has a picture or a title."""

    def shorter(found: Findings, path: str, value: dict[str, Any]) -> None:
        if value.get("title") or value.get("thumbnailImageUrl"):
            label(60)(found, f"{path}.text", value.get("text", ""))

    return Shape(
        {
            "thumbnailImageUrl": https,
            "imageAspectRatio": one_of("rectangle", "square"),
            "imageSize": one_of("cover", "contain"),
            "imageBackgroundColor": colour,
            "title": label(40),
            "text": label(plain),
            "defaultAction": tapped_card,
            "actions": many(template_action, 1, most),
        },
        ("text", "actions"),
        (shorter,),
    )


def _even(found: Findings, path: str, value: dict[str, Any]) -> None:
    columns = [c for c in value.get("columns") or [] if isinstance(c, dict)]
    shapes = {
        (len(c.get("actions") or []), bool(c.get("title")), bool(c.get("thumbnailImageUrl"))) for c in columns
    }
    if len(shapes) > 1:
        found.append((f"{path}.columns", "all columns need as many actions, and a title or picture alike"))


_template = kinds(
    {
        "buttons": _card(160, 4),
        "confirm": Shape({"text": label(240), "actions": many(template_action, 2, 2)}, ("text", "actions")),
        "carousel": Shape(
            {
                "columns": many(_card(120, 3), 1, 10),
                "imageAspectRatio": one_of("rectangle", "square"),
                "imageSize": one_of("cover", "contain"),
            },
            ("columns",),
            (_even,),
        ),
        "image_carousel": Shape(
            {
                "columns": many(
                    Shape({"imageUrl": https, "action": image_column_action}, ("imageUrl", "action")), 1, 10
                )
            },
            ("columns",),
        ),
    }
)
_pixel = whole(0, 100_000)
_area = Shape({"x": _pixel, "y": _pixel, "width": _pixel, "height": _pixel}, ("x", "y", "width", "height"))
_map_action = kinds(
    {
        "uri": Shape({"linkUri": uri, "label": label(100), "area": _area}, ("linkUri", "area")),
        "message": Shape({"text": text(400), "label": label(100), "area": _area}, ("text", "area")),
        "clipboard": Shape(
            {"clipboardText": text(1000), "label": label(100), "area": _area}, ("clipboardText", "area")
        ),
    }
)
_emoji = Shape(
    {"index": whole(0, TEXT_MOST), "productId": text(100), "emojiId": text(100)},
    ("index", "productId", "emojiId"),
)

_MESSAGE = kinds(
    {
        "text": _message(
            "text", text=text(TEXT_MOST), emojis=many(_emoji, 0, 20), quoteToken=_token, also=(_emojis,)
        ),
        "textV2": _message(
            "text", text=text(TEXT_MOST), substitution=_anything, quoteToken=_token, also=(_substituted,)
        ),
        "sticker": _message(
            "packageId", "stickerId", packageId=_digits, stickerId=_digits, quoteToken=_token
        ),
        "image": _message(
            "originalContentUrl", "previewImageUrl", originalContentUrl=https, previewImageUrl=https
        ),
        "video": _message(
            "originalContentUrl",
            "previewImageUrl",
            originalContentUrl=https,
            previewImageUrl=https,
            trackingId=text(100),
        ),
        "audio": _message(
            "originalContentUrl", "duration", originalContentUrl=https, duration=whole(1, 2**31)
        ),
        "location": _message(
            "title",
            "address",
            "latitude",
            "longitude",
            title=text(100),
            address=text(100),
            latitude=number(-90, 90),
            longitude=number(-180, 180),
        ),
        "imagemap": _message(
            "baseUrl",
            "altText",
            "baseSize",
            "actions",
            baseUrl=https,
            altText=_alt,
            baseSize=Shape({"width": whole(1040, 1040), "height": _pixel}, ("width", "height")),
            actions=many(_map_action, 1, 50),
            video=_anything,
        ),
        "template": _message("altText", "template", altText=_alt, template=_template),
        "flex": _message("altText", "contents", altText=_alt, contents=container),
        "coupon": _message(
            "couponId", couponId=text(100), deliveryTag=matching(r"\w{1,30}", "1 to 30 of A-Z a-z 0-9 _")
        ),
    }
)


def findings(messages: Any, *, quoting: bool = True) -> Findings:
    """Every (property, objection) LINE would have to these messages; `quoting` is true for reply and push."""
    found: Findings = []
    many(_MESSAGE, 1, MESSAGES_MOST)(found, "messages", messages)
    if not quoting and isinstance(messages, list):
        found += [
            (f"messages[{place}].quoteToken", "is allowed in reply and push only")
            for place, one in enumerate(messages)
            if isinstance(one, dict) and one.get("quoteToken")
        ]
    return found


def problems(messages: list[dict[str, Any]]) -> list[str]:
    """Why LINE would refuse one call with these messages, in words; empty when it would take them."""
    return [f"{path}: {objection}" for path, objection in findings(messages)]
