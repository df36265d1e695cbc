"""LINE's limits on rich menus, judged before one is uploaded."""

from __future__ import annotations

from typing import Any

from line.actions import menu_action
from line.shapes import Findings, Shape, label, many, whole, yes_no

IMAGE_BYTES = 1024 * 1024
AREAS_MOST = 20

_place = whole(0, 2500)
_area = Shape(
    {
        "bounds": Shape(
            {"x": _place, "y": _place, "width": _place, "height": _place}, ("x", "y", "width", "height")
        ),
        "action": menu_action,
    },
    ("bounds", "action"),
)


def _proportion(found: Findings, path: str, value: dict[str, Any]) -> None:
    width, height = value.get("width"), value.get("height")
    if isinstance(width, int) and isinstance(height, int) and height > 0 and width / height < 1.45:
        found.append((path, "width divided by height must be at least 1.45"))


_menu = Shape(
    {
        "size": Shape(
            {"width": whole(800, 2500), "height": whole(250, 1724)}, ("width", "height"), (_proportion,)
        ),
        "selected": yes_no,
        "name": label(300),
        "chatBarText": label(14),
        "areas": many(_area, 0, AREAS_MOST),
    },
    ("size", "selected", "name", "chatBarText", "areas"),
)


def findings(menu: Any) -> Findings:
    """Every (property, objection) LINE would have to this rich menu."""
    found: Findings = []
    _menu(found, "richmenu", menu)
    return [(path.removeprefix("richmenu."), objection) for path, objection in found]


def problems(menu: dict[str, Any]) -> list[str]:
    """Why LINE would refuse this rich menu, in words; empty when it would take it."""
    return [f"{path}: {objection}" for path, objection in findings(menu)]
