"""Stand-ins for stickers, our own drawings: a round face whose mood follows from the sticker's id."""

from __future__ import annotations

_COLOURS = ("#F6C667", "#8EC6A9", "#9CB9E3", "#F0A58F", "#C9B2E0", "#F3DB8A")
_EYES = {
    "open": '<circle cx="37" cy="45" r="4.5"/><circle cx="63" cy="45" r="4.5"/>',
    "happy": '<path d="M30 47q7-9 14 0M56 47q7-9 14 0" fill="none" stroke-width="4" stroke-linecap="round"/>',
    "tired": '<path d="M30 45h14M56 45h14" stroke-width="4" stroke-linecap="round"/>',
    "sad": '<path d="M30 43q7 8 14 0M56 43q7 8 14 0" fill="none" stroke-width="4" stroke-linecap="round"/>',
}
_MOUTHS = {
    "smile": '<path d="M34 61q16 17 32 0" fill="none" stroke-width="4" stroke-linecap="round"/>',
    "laugh": '<path d="M33 60h34q-4 18-17 18T33 60z"/>',
    "flat": '<path d="M38 66h24" stroke-width="4" stroke-linecap="round"/>',
    "low": '<path d="M36 71q14-14 28 0" fill="none" stroke-width="4" stroke-linecap="round"/>',
    "oh": '<ellipse cx="50" cy="67" rx="7" ry="8"/>',
}
_MOODS = (
    ("開心", "happy", "smile"),
    ("哈哈", "happy", "laugh"),
    ("你好", "open", "smile"),
    ("驚訝", "open", "oh"),
    ("累了", "tired", "flat"),
    ("難過", "sad", "low"),
    ("謝謝", "happy", "smile"),
    ("嗯", "open", "flat"),
    ("想睡", "tired", "oh"),
    ("加油", "open", "laugh"),
    ("不舒服", "tired", "low"),
    ("平靜", "sad", "smile"),
)
OFFERED = [str(number) for number in range(1988, 2000)]
"""Sticker ids of package 446 that a simulated phone offers, one of each mood."""


def mood(sticker: str) -> str:
    """In a word, what our drawing of this sticker shows."""
    return _MOODS[_place(sticker)][0]


def face(sticker: str) -> str:
    """The drawing as an SVG element."""
    place = _place(sticker)
    _, eyes, mouth = _MOODS[place]
    colour = _COLOURS[place % len(_COLOURS)]
    return (
        f'<svg class="lm-face" viewBox="0 0 100 100" aria-hidden="true"><circle cx="50" cy="52" r="42" '
        f'fill="{colour}"/><circle cx="28" cy="60" r="6" fill="#fff" opacity=".35"/><circle cx="72" cy="60" '
        f'r="6" fill="#fff" opacity=".35"/><g fill="#4A4038" stroke="#4A4038">{_EYES[eyes]}{_MOUTHS[mouth]}</g></svg>'
    )


def _place(sticker: str) -> int:
    return (int(sticker) - int(OFFERED[0])) % len(_MOODS) if sticker.isdecimal() else 0
