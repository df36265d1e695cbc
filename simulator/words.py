"""The words one can read in a message, whatever its form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def plain(message: Mapping[str, Any]) -> str:
    """Every visible word of a wire message in reading order, a line each; altText only where nothing else is."""
    visible = list(
        _walk({name: value for name, value in message.items() if name not in ("quickReply", "altText")})
    )
    return "\n".join(visible or [str(message.get("altText", f"[{message['type']}]"))])


def _walk(part: Any) -> Iterator[str]:
    if isinstance(part, list):
        for item in part:
            yield from _walk(item)
    elif isinstance(part, Mapping):
        if part.get("type") == "text" and part.get("contents"):
            yield "".join(str(span.get("text", "")) for span in part["contents"])
            return
        for name in ("title", "text", "address", "label"):
            if isinstance(part.get(name), str) and not (name == "text" and "label" in part):
                yield part[name]
        for name in (
            "template",
            "contents",
            "columns",
            "header",
            "hero",
            "body",
            "footer",
            "action",
            "actions",
        ):
            yield from _walk(part.get(name))
