"""What every drawn message shares: things to press, and styles that a strict page may carry."""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from typing import Any

SCHEMES = ("http:", "https:", "line:", "tel:")


def css(styles: Mapping[str, str | None]) -> str:
    """A data-css attribute from properties that have a value; empty when none has."""
    text = ";".join(f"{name}:{value}" for name, value in styles.items() if value)
    return f' data-css="{escape(text)}"' if text else ""


def pressed(action: Mapping[str, Any], inside: str, classes: str = "lm-button", styles: str = "") -> str:
    """Something to tap: a link for an address, else a button. `inside` is HTML already."""
    data = escape(json.dumps(action, ensure_ascii=False))
    if action.get("type") == "uri" and str(action.get("uri", "")).lower().startswith(SCHEMES):
        uri = escape(str(action["uri"]))
        return (
            f'<a class="{classes}" href="{uri}" target="_blank" rel="noopener noreferrer" data-action="{data}"'
            f"{styles}>{inside}</a>"
        )
    return f'<button type="button" class="{classes}" data-action="{data}"{styles}>{inside}</button>'
