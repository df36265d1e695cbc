"""Lengths as LINE counts them, and shortening that never tears a character apart.

LINE documents grapheme clusters for labels and texts, but servers were seen counting code points; a length in
code points (labels) or UTF-16 units (texts) is never less than either, so what fits here fits there.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

from line.shapes import utf16_len

_JOINER = "\u200d"
_ELLIPSIS = "…"


def cut(text: str, most: int, length: Callable[[str], int] = len) -> str:
    """The text, or its beginning with … so that the whole is at most `most` long."""
    if length(text) <= most:
        return text
    end = _reach(text, most - 1, length)
    return text[:end].rstrip() + _ELLIPSIS


def pieces(text: str, most: int) -> list[str]:
    """The text in parts of at most `most` UTF-16 units, parted at a blank line, a line or a sentence if it can be."""
    parts: list[str] = []
    rest = text.strip()
    while utf16_len(rest) > most:
        end = _reach(rest, most, utf16_len)
        end = next(
            (
                at + len(mark)
                for mark in ("\n\n", "\n", "。", " ")
                if (at := rest.rfind(mark, end // 2, end)) > 0
            ),
            end,
        )
        parts.append(rest[:end].strip())
        rest = rest[end:].strip()
    if rest:
        parts.append(rest)
    return parts


def _reach(text: str, most: int, length: Callable[[str], int]) -> int:
    """How far one may read without passing `most` and without stopping inside a character people see as one."""
    end = min(len(text), most)
    while end > 1 and length(text[:end]) > most:
        end -= max(1, (length(text[:end]) - most) // 2)
    start = end
    while end > 1 and end < len(text) and _belongs(text, end):
        end -= 1
    # A run of marks with no beginning in reach: better torn than endless.
    return end if end > 1 else start


def _belongs(text: str, at: int) -> bool:
    """Whether the code point at `at` is part of the visible character before it."""
    here, before = text[at], text[at - 1]
    if here == _JOINER or before == _JOINER or unicodedata.category(here) in {"Mn", "Me", "Mc", "Cf"}:
        return True
    if "\U0001f3fb" <= here <= "\U0001f3ff":
        return True
    if _flag_half(here) and _flag_half(before):
        run = 0
        while at - 1 - run >= 0 and _flag_half(text[at - 1 - run]):
            run += 1
        return run % 2 == 1
    return False


def _flag_half(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"
