"""The picture of a rich menu, drawn here: tiles in a grid, one word on each, for a thumb and tired eyes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

FONT = Path(__file__).parent / "assets" / "NotoSansTC-subset.otf"
# LINE's own template for a large menu of six.
WIDTH, HEIGHT = 2500, 1686
COLUMNS, ROWS = 3, 2
_GAP, _CORNER = 24, 56
_PAPER, _TILE, _INK, _HINT = "#E3EBF3", "#FFFFFF", "#14324F", "#4A6178"
_LARGEST, _HINT_SIZE = 172, 92
_ROOM = 72
"""Least space left and right of a word."""


@dataclass(frozen=True, slots=True)
class Tile:
    """`label` is read at arm's length; `hint` stands small below it. `colour` marks the tile, never alone."""

    label: str
    hint: str
    colour: str


@dataclass(frozen=True, slots=True)
class Bounds:
    x: int
    y: int
    width: int
    height: int


def bounds() -> tuple[Bounds, ...]:
    """What each tile covers, row by row, without a gap: a thumb beside the tile still hits it."""
    across = [WIDTH * n // COLUMNS for n in range(COLUMNS + 1)]
    down = [HEIGHT * n // ROWS for n in range(ROWS + 1)]
    return tuple(
        Bounds(across[c], down[r], across[c + 1] - across[c], down[r + 1] - down[r])
        for r in range(ROWS)
        for c in range(COLUMNS)
    )


@dataclass(frozen=True, slots=True)
class Picture:
    """`pixels` are the same wherever it is drawn; the PNG around them may differ from one machine to the next."""

    png: bytes
    pixels: bytes


def draw(tiles: Sequence[Tile]) -> Picture:
    """The tiles as a PNG of 2500 × 1686. Raises ValueError unless there is one for each place."""
    from PIL import Image, ImageDraw

    if len(tiles) != COLUMNS * ROWS:
        raise ValueError(f"{len(tiles)} tiles for {COLUMNS * ROWS} places")
    image = Image.new("RGB", (WIDTH, HEIGHT), _PAPER)
    pen = ImageDraw.Draw(image)
    for tile, place in zip(tiles, bounds(), strict=True):
        _tile(pen, tile, place)
    # Few colours: a tenth of the bytes, and no difference to the eye.
    small, file = image.quantize(64), BytesIO()
    small.save(file, "PNG", optimize=True)
    return Picture(file.getvalue(), image.tobytes())


def _tile(pen: ImageDraw, tile: Tile, place: Bounds) -> None:
    left, top = place.x + _GAP, place.y + _GAP
    right, bottom = place.x + place.width - _GAP, place.y + place.height - _GAP
    pen.rounded_rectangle((left, top, right, bottom), _CORNER, fill=_TILE)
    pen.rounded_rectangle((left + 60, top + 60, right - 60, top + 92), 16, fill=tile.colour)
    middle, room = (left + right) // 2, right - left - 2 * _ROOM
    pen.text((middle, top + 360), tile.label, _INK, _fitting(tile.label, _LARGEST, room), anchor="mm")
    pen.text((middle, top + 560), tile.hint, _HINT, _fitting(tile.hint, _HINT_SIZE, room), anchor="mm")


def _fitting(words: str, largest: int, room: int) -> FreeTypeFont:
    """The font at the largest size at which the words fit."""
    from PIL import ImageFont

    size = largest
    while size > 20 and ImageFont.truetype(str(FONT), size).getlength(words) > room:
        size -= 4
    return ImageFont.truetype(str(FONT), size)
