"""Flex messages drawn as HTML: boxes, texts, buttons and the rest, close to how LINE lays them out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from typing import Any

from line.preview_parts import css, pressed

Part = Mapping[str, Any]
_SPACE = {"none": "0", "xs": "2px", "sm": "4px", "md": "8px", "lg": "12px", "xl": "16px", "xxl": "20px"}
_FONT = {
    "xxs": "11px",
    "xs": "13px",
    "sm": "14px",
    "md": "16px",
    "lg": "19px",
    "xl": "22px",
    "xxl": "29px",
    "3xl": "35px",
    "4xl": "48px",
    "5xl": "74px",
}
_PICTURE = {
    "xxs": "40px",
    "xs": "60px",
    "sm": "80px",
    "md": "100px",
    "lg": "120px",
    "xl": "140px",
    "xxl": "160px",
    "3xl": "180px",
    "4xl": "200px",
    "5xl": "220px",
    "full": "100%",
}
_BORDER = {"none": "0", "light": "0.5px", "normal": "1px", "medium": "2px", "semi-bold": "3px", "bold": "4px"}
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}(?:[0-9a-fA-F]{2})?")
_LENGTH = re.compile(r"-?\d+(?:\.\d+)?(?:px|%)")
_SIDES = {"start": "left", "end": "right", "center": "center"}
_GRAVITY = {"top": "flex-start", "bottom": "flex-end", "center": "center"}


def draw(container: Part, alt: str) -> str:
    """A bubble, or a carousel of bubbles to scroll through."""
    if container["type"] == "carousel":
        bubbles = "".join(_bubble(bubble) for bubble in container["contents"])
        return (
            f'<div class="lm-carousel" tabindex="0" role="group" aria-label="{escape(alt)}">{bubbles}</div>'
        )
    return _bubble(container)


def _bubble(bubble: Part) -> str:
    blocks = "".join(
        _block(name, bubble[name], (bubble.get("styles") or {}).get(name) or {})
        for name in ("header", "hero", "body", "footer")
        if bubble.get(name)
    )
    size = bubble.get("size", "mega")
    drawn = f'<div class="lm-flex lm-{escape(size)}" dir="{escape(bubble.get("direction", "ltr"))}">{blocks}</div>'
    return pressed(bubble["action"], drawn, "lm-tappable") if bubble.get("action") else drawn


def _block(name: str, part: Part, style: Part) -> str:
    line = f'<hr class="lm-rule"{css({"background-color": _colour(style.get("separatorColor"))})}>'
    drawn = _part(part, "vertical", "")
    background = css({"background-color": _colour(style.get("backgroundColor"))})
    return (
        line if style.get("separator") else ""
    ) + f'<div class="lm-block lm-{name}"{background}>{drawn}</div>'


def _part(part: Part, direction: str, spacing: str) -> str:
    """One component inside a box of this direction; `spacing` is the box's, unless the component has a margin."""
    drawn = _PARTS.get(str(part.get("type")))
    return drawn(part, _place(part, direction, spacing)) if drawn else ""


def _place(part: Part, direction: str, spacing: str) -> dict[str, str | None]:
    """Where a component stands in its box."""
    gap = _space(part.get("margin")) or spacing
    side = "margin-top" if direction == "vertical" else "margin-left"
    styles: dict[str, str | None] = {side: gap or None, "flex": _share(part, direction)}
    if part.get("position") == "absolute":
        styles["position"] = "absolute"
    sides = {"offsetTop": "top", "offsetBottom": "bottom", "offsetStart": "left", "offsetEnd": "right"}
    return styles | {css_name: _space(part.get(name)) for name, css_name in sides.items()}


def _share(part: Part, direction: str) -> str | None:
    flex = part.get("flex")
    if flex is None and (part.get("width") or part["type"] in ("separator", "icon")):
        return "0 0 auto"
    if flex is None and part["type"] == "filler":
        return "1 1 0"
    if direction == "vertical":
        return f"{int(flex)} 0 auto" if flex else None
    share = 1 if flex is None else int(flex)
    return f"{share} 1 0" if share else "0 0 auto"


def _box(box: Part, styles: dict[str, str | None]) -> str:
    layout = box["layout"] if box["layout"] in ("horizontal", "baseline") else "vertical"
    direction = "vertical" if layout == "vertical" else "horizontal"
    spacing = _space(box.get("spacing")) or ""
    inside = "".join(
        _part(part, direction, spacing if place else "") for place, part in enumerate(box["contents"])
    )
    styles |= {
        "background-color": _colour(box.get("backgroundColor")),
        "background-image": _gradient(box.get("background")),
        "border-radius": _space(box.get("cornerRadius")),
        "border-color": _colour(box.get("borderColor")),
        "border-width": _BORDER.get(str(box.get("borderWidth")), _length(box.get("borderWidth"))),
        "padding": _space(box.get("paddingAll")),
        "justify-content": _word(box.get("justifyContent")),
        "align-items": _word(box.get("alignItems")),
    }
    styles |= {
        f"padding-{side}": _space(box.get(f"padding{name}"))
        for name, side in (("Top", "top"), ("Bottom", "bottom"), ("Start", "left"), ("End", "right"))
    }
    styles |= {
        name: _length(box.get(key))
        for key, name in (
            ("width", "width"),
            ("maxWidth", "max-width"),
            ("height", "height"),
            ("maxHeight", "max-height"),
        )
    }
    bordered = " lm-bordered" if box.get("borderWidth") not in (None, "none") else ""
    classes = f"lm-box lm-{layout}{bordered}"
    if box.get("action"):
        return pressed(box["action"], inside, f"{classes} lm-tappable", css(styles))
    return f'<div class="{classes}"{css(styles)}>{inside}</div>'


def _text(text: Part, styles: dict[str, str | None]) -> str:
    styles |= _said(text) | {
        "text-align": _SIDES.get(str(text.get("align"))),
        "align-self": _GRAVITY.get(str(text.get("gravity"))),
        "-webkit-line-clamp": str(text["maxLines"]) if text.get("maxLines") else None,
    }
    spans = text.get("contents")
    inside = (
        "".join(f"<span{css(_said(span))}>{escape(str(span.get('text', '')))}</span>" for span in spans)
        if spans
        else escape(str(text.get("text", "")))
    )
    classes = (
        "lm-words" + (" lm-wrap" if text.get("wrap") else "") + (" lm-clamp" if text.get("maxLines") else "")
    )
    if text.get("action"):
        return pressed(text["action"], inside, f"{classes} lm-tappable", css(styles))
    return f'<div class="{classes}"{css(styles)}>{inside}</div>'


def _said(words: Part) -> dict[str, str | None]:
    size = str(words.get("size", ""))
    return {
        "font-size": _FONT.get(size, _length(size)),
        "color": _colour(words.get("color")),
        "font-weight": "700" if words.get("weight") == "bold" else None,
        "font-style": "italic" if words.get("style") == "italic" else None,
        "text-decoration": _word(words.get("decoration")),
    }


def _button(button: Part, styles: dict[str, str | None]) -> str:
    style, colour = button.get("style", "link"), _colour(button.get("color"))
    styles |= {"color": colour} if style == "link" else {"background-color": colour}
    classes = f"lm-flex-button lm-{escape(style)} lm-{escape(button.get('height', 'md'))}"
    return pressed(button["action"], escape(str(button["action"].get("label", ""))), classes, css(styles))


def _image(image: Part, styles: dict[str, str | None]) -> str:
    size = str(image.get("size", "md"))
    ratio = str(image.get("aspectRatio", "1:1")).replace(":", " / ")
    styles |= {
        "width": _PICTURE.get(size, _length(size)),
        "aspect-ratio": ratio if re.fullmatch(r"[\d.]+ / [\d.]+", ratio) else None,
        "background-color": _colour(image.get("backgroundColor")),
        "align-self": {"start": "flex-start", "end": "flex-end"}.get(str(image.get("align")), "center"),
    }
    return f'<div class="lm-flex-image"{css(styles)} role="img" aria-label="圖片"></div>'


def _icon(icon: Part, styles: dict[str, str | None]) -> str:
    size = _FONT.get(str(icon.get("size", "md")), "16px")
    return f'<span class="lm-icon"{css(styles | {"width": size, "height": size})} aria-hidden="true"></span>'


def _separator(separator: Part, styles: dict[str, str | None]) -> str:
    return f'<hr class="lm-rule"{css(styles | {"background-color": _colour(separator.get("color"))})}>'


def _filler(filler: Part, styles: dict[str, str | None]) -> str:
    return f"<div{css(styles)}></div>"


def _video(video: Part, styles: dict[str, str | None]) -> str:
    return _image({"size": "full", "aspectRatio": video.get("aspectRatio", "16:9")}, styles)


_PARTS = {
    "box": _box,
    "text": _text,
    "button": _button,
    "image": _image,
    "icon": _icon,
    "separator": _separator,
    "filler": _filler,
    "video": _video,
}


def _colour(value: Any) -> str | None:
    return value if isinstance(value, str) and _COLOUR.fullmatch(value) else None


def _length(value: Any) -> str | None:
    return value if isinstance(value, str) and _LENGTH.fullmatch(value) else None


def _space(value: Any) -> str | None:
    return _SPACE.get(str(value), _length(value))


def _word(value: Any) -> str | None:
    return value if isinstance(value, str) and re.fullmatch(r"[a-z-]+", value) else None


def _gradient(given: Any) -> str | None:
    if not isinstance(given, Mapping):
        return None
    colours = [
        colour for name in ("startColor", "centerColor", "endColor") if (colour := _colour(given.get(name)))
    ]
    angle = str(given.get("angle", ""))
    return f"linear-gradient({angle},{','.join(colours)})" if re.fullmatch(r"[\d.]+deg", angle) else None
