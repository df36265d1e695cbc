"""Webhooks as nobody would send them: recorded events with parts taken out, swapped, repeated or made rubbish."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

# What a field may turn into: wrong kinds, extremes, and text that has broken parsers before.
ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 1e308, 2**63, -(2**63), 9999999999999999, "", " ", "0", "null", "user", "message",
    [], {}, [[]], [None], {"a": {}}, "\ud800", "\x00", "\u202e選單", "😀" * 50, "A" * 5000, "求助", "%s%n{0.__class__}",
)  # fmt: skip


def mutated(body: dict[str, Any], chance: random.Random) -> bytes:
    """The body after one to four changes anywhere in it; now and then not even JSON."""
    given = copy.deepcopy(body)
    for _ in range(chance.randint(1, 4)):
        _change(given, chance)
    raw = json.dumps(given).encode()
    return _spoil(raw, chance) if chance.random() < 0.1 else raw


def _change(given: Any, chance: random.Random) -> None:
    """Change one place, wherever it lies; the deeper the likelier, for that is where the fields are."""
    places = list(_places(given))
    if not places:
        return
    holder, key = chance.choice(places)
    act = chance.randrange(6)
    if act == 0:
        del holder[key]
    elif act == 1:
        # A copy: later changes must not reach into what the next webhook starts from.
        holder[key] = copy.deepcopy(chance.choice(ODD))
    elif act == 2:
        other, other_key = chance.choice(places)
        holder[key] = copy.deepcopy(other[other_key])
    elif act == 3 and isinstance(holder, list):
        holder.append(copy.deepcopy(holder[key]))
    elif act == 4 and isinstance(holder, dict):
        holder[str(chance.choice(ODD))[:50]] = holder.pop(key)
    else:
        holder[key] = {"nested": holder[key]} if chance.random() < 0.5 else [holder[key]]


def _places(given: Any) -> Any:
    """Every (container, key) in it."""
    if isinstance(given, dict | list):
        for key in list(given) if isinstance(given, dict) else range(len(given)):
            yield given, key
            yield from _places(given[key])


def _spoil(raw: bytes, chance: random.Random) -> bytes:
    """No JSON any more, or JSON of a strange kind."""
    place = chance.randrange(len(raw))
    return chance.choice(
        (
            raw[:place],
            raw[:place] + bytes([chance.randrange(256)]) + raw[place:],
            b"\xff\xfe" + raw,
            raw.replace(b'"events"', b'"events":[],"events"'),
            b"[" * 3000 + raw,
            b"\xef\xbb\xbf" + raw,
            b"",
        )
    )
