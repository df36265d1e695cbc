"""LINE's limits on Flex messages: what may stand where, in which sizes, colours and weights."""

from __future__ import annotations

import json
from typing import Any

from line.actions import flex_action, flex_button_action, https
from line.shapes import Findings, Rule, Shape, kinds, many, matching, one_of, text, whole, yes_no

BUBBLE_BYTES = 30_000
CAROUSEL_BYTES = 50_000
BUBBLES_MOST = 12

_FONT = "xxs|xs|sm|md|lg|xl|xxl|3xl|4xl|5xl"
_SPACE = "none|xs|sm|md|lg|xl|xxl"
_PX = r"\d+(?:\.\d+)?px"
_PERCENT = r"\d+(?:\.\d+)?%"

colour = matching(r"#(?:[0-9a-fA-F]{6}|[0-9a-fA-F]{8})", "a colour #RRGGBB or #RRGGBBAA")
_space = matching(f"(?:{_SPACE})|{_PX}", "a spacing keyword or px")
_padding = matching(f"(?:{_SPACE})|{_PX}|{_PERCENT}", "a spacing keyword, px or %")
_offset = matching(f"(?:{_SPACE})|-?{_PX}|-?{_PERCENT}", "a spacing keyword, px or %")
_length = matching(f"{_PX}|{_PERCENT}", "px or %")
_font = matching(f"(?:{_FONT})|{_PX}", "a size keyword or px")
_image_size = matching(f"(?:{_FONT}|full)|{_PX}|{_PERCENT}", "a size keyword, px or %")
_border = matching(f"(?:none|light|normal|medium|semi-bold|bold)|{_PX}", "a border keyword or px")
_whole = whole(0, 10_000)


def _ratio(found: Findings, path: str, value: Any) -> None:
    try:
        width, height = (float(part) for part in value.split(":"))
    except (AttributeError, ValueError):
        found.append((path, "must be width:height"))
        return
    if not (1 <= width <= 100_000 and 1 <= height <= 3 * width):
        found.append((path, "invalid aspect ratio: height is at most three times the width"))


def _worded(found: Findings, path: str, value: dict[str, Any]) -> None:
    if not value.get("contents") and value.get("text") is None:
        found.append((f"{path}.text", "must be specified"))


_PLACED: dict[str, Rule] = {
    "margin": _space,
    "position": one_of("relative", "absolute"),
    "offsetTop": _offset,
    "offsetBottom": _offset,
    "offsetStart": _offset,
    "offsetEnd": _offset,
}
_SAID: dict[str, Rule] = {
    "text": text(10_000),
    "size": _font,
    "color": colour,
    "weight": one_of("regular", "bold"),
    "style": one_of("normal", "italic"),
    "decoration": one_of("none", "underline", "line-through"),
}
_ALIGNED: dict[str, Rule] = {
    "align": one_of("start", "end", "center"),
    "gravity": one_of("top", "bottom", "center"),
}

_text = Shape(
    {
        **_PLACED,
        **_SAID,
        **_ALIGNED,
        "flex": _whole,
        "wrap": yes_no,
        "lineSpacing": matching(_PX, "px"),
        "action": flex_action,
        "maxLines": _whole,
        "contents": many(kinds({"span": Shape(_SAID)}), 0, 1000),
        "adjustMode": one_of("shrink-to-fit"),
        "scaling": yes_no,
    },
    also=(_worded,),
)
_button = Shape(
    {
        **_PLACED,
        "flex": _whole,
        "color": colour,
        "style": one_of("primary", "secondary", "link"),
        "action": flex_button_action,
        "gravity": one_of("top", "bottom", "center"),
        "height": one_of("md", "sm"),
        "adjustMode": one_of("shrink-to-fit"),
        "scaling": yes_no,
    },
    ("action",),
)
_image = Shape(
    {
        **_PLACED,
        **_ALIGNED,
        "url": https,
        "flex": _whole,
        "size": _image_size,
        "aspectRatio": _ratio,
        "aspectMode": one_of("fit", "cover"),
        "backgroundColor": colour,
        "action": flex_action,
        "animated": yes_no,
    },
    ("url",),
)
_icon = Shape({**_PLACED, "url": https, "size": _font, "aspectRatio": _ratio, "scaling": yes_no}, ("url",))
_separator = Shape({"margin": _space, "color": colour})
_filler = Shape({"flex": _whole})
_gradient = Shape(
    {
        "angle": matching(r"(?:[0-9]|[1-9][0-9]|[12][0-9]{2}|3[0-5][0-9])(?:\.\d+)?deg", "0deg to 359.9deg"),
        "startColor": colour,
        "endColor": colour,
        "centerColor": colour,
        "centerPosition": matching(_PERCENT, "%"),
    },
    ("angle", "startColor", "endColor"),
)


def _box(found: Findings, path: str, value: Any) -> None:
    _box_shape(found, path, value)
    if isinstance(value, dict):
        inside = _in_baseline if value.get("layout") == "baseline" else _in_box
        many(inside, 0, 1000)(found, f"{path}.contents", value.get("contents") or [])


_in_box = kinds(
    {
        "box": _box,
        "button": _button,
        "image": _image,
        "text": _text,
        "separator": _separator,
        "filler": _filler,
    }
)
_in_baseline = kinds({"icon": _icon, "text": _text, "filler": _filler})
_box_shape = Shape(
    {
        **_PLACED,
        "layout": one_of("horizontal", "vertical", "baseline"),
        "flex": _whole,
        "contents": lambda found, path, value: None,
        "spacing": _space,
        "backgroundColor": colour,
        "borderColor": colour,
        "borderWidth": _border,
        "cornerRadius": _space,
        "width": _length,
        "maxWidth": _length,
        "height": _length,
        "maxHeight": _length,
        "paddingAll": _padding,
        "paddingTop": _padding,
        "paddingBottom": _padding,
        "paddingStart": _padding,
        "paddingEnd": _padding,
        "action": flex_action,
        "justifyContent": one_of(
            "center", "flex-start", "flex-end", "space-between", "space-around", "space-evenly"
        ),
        "alignItems": one_of("center", "flex-start", "flex-end"),
        "background": kinds({"linearGradient": _gradient}),
    },
    ("layout", "contents"),
)
_block = kinds({"box": _box})
_video = Shape(
    {
        "url": https,
        "previewUrl": https,
        "altContent": kinds({"box": _box, "image": _image}),
        "aspectRatio": _ratio,
        "action": flex_action,
    },
    ("url", "previewUrl", "altContent"),
)
_style = Shape({"backgroundColor": colour, "separator": yes_no, "separatorColor": colour})
_bubble_shape = Shape(
    {
        "direction": one_of("ltr", "rtl"),
        "size": one_of("nano", "micro", "deca", "hecto", "kilo", "mega", "giga"),
        "styles": Shape({"header": _style, "hero": _style, "body": _style, "footer": _style}),
        "action": flex_action,
        "header": _block,
        "hero": kinds({"box": _box, "image": _image, "video": _video}),
        "body": _block,
        "footer": _block,
    }
)


def _weigh(found: Findings, path: str, value: Any, most: int) -> None:
    # The SDK sends every Chinese character as six ASCII bytes, so that is what we weigh.
    weight = len(json.dumps(value))
    if weight > most:
        found.append((path, f"must not be larger than {most} bytes, is {weight}"))


def _bubble(found: Findings, path: str, value: Any) -> None:
    _weigh(found, path, value, BUBBLE_BYTES)
    _bubble_shape(found, path, value)
    if isinstance(value, dict) and not any(
        value.get(block) for block in ("header", "hero", "body", "footer")
    ):
        found.append((path, "needs a header, hero, body or footer"))
    if _has_video(value) and value.get("size", "mega") not in ("kilo", "mega", "giga"):
        found.append((f"{path}.hero", "a video needs the size kilo, mega or giga"))


def _has_video(bubble: Any) -> bool:
    hero = bubble.get("hero") if isinstance(bubble, dict) else None
    return isinstance(hero, dict) and hero.get("type") == "video"


def _alike(found: Findings, path: str, value: dict[str, Any]) -> None:
    bubbles = [b for b in value.get("contents") or [] if isinstance(b, dict)]
    if len({str(b.get("size", "mega")) for b in bubbles}) > 1:
        found.append((f"{path}.contents", "the bubbles of a carousel must have one size"))
    if any(_has_video(b) for b in bubbles):
        found.append((f"{path}.contents", "a video may not be in a carousel"))


def _carousel(found: Findings, path: str, value: Any) -> None:
    _weigh(found, path, value, CAROUSEL_BYTES)
    Shape({"contents": many(kinds({"bubble": _bubble}), 1, BUBBLES_MOST)}, ("contents",), (_alike,))(
        found, path, value
    )


container: Rule = kinds({"bubble": _bubble, "carousel": _carousel})
"""The rule for the `contents` of a Flex message."""
