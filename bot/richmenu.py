"""The rich menu of this installation: six words that can just as well be typed, and putting it up."""

from __future__ import annotations

from care.desk import Desk
from line import richmenus
from line.menu_picture import Tile, bounds, draw

# The first is what everything else can be reached from; the last is in the corner where a right thumb rests.
AREAS = (
    ("menu", "#2F5D8C"),
    ("resources", "#2E7D52"),
    ("screening", "#8A6A1F"),
    ("life_events", "#6B4A8C"),
    ("contact", "#1F6FB2"),
    ("help", "#B3261E"),
)
ALIAS = "eap-main"


def menu_of(desk: Desk) -> richmenus.Menu:
    """In the plan's first language: a person's own language changes what the words bring, not the picture."""
    texts = desk.context(desk.default_language).texts
    tiles = [
        Tile(texts.say(f"richmenu.{name}"), texts.say(f"richmenu.{name}_hint"), tone) for name, tone in AREAS
    ]
    areas = [
        (place, tile.label, texts.say(f"control.{name}"))
        for place, tile, (name, _) in zip(bounds(), tiles, AREAS, strict=True)
    ]
    return richmenus.menu(ALIAS, texts.say("richmenu.bar"), areas, draw(tiles))


def apply(desk: Desk, base: str, token: str) -> richmenus.Applied:
    """Put it up, or leave it when it is up. Raises MenuRefused."""
    api = richmenus.LineMenus(base, token)
    try:
        return richmenus.apply(api, menu_of(desk))
    finally:
        api.close()
