"""Ways from one part of the service to resources of the catalogue: as lines of a list, or as buttons of a card."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from care import leaflets, resources
from care.desk import Resource
from care.turns import Turn
from dialogs.messages import Choice, Press

MOST = 3


def of_kinds(turn: Turn, kinds: Sequence[str], most: int = MOST) -> list[Resource]:
    """Of the first kind, those before that are of the others too and of nothing else; own ones before national ones."""
    wanted = frozenset(kinds)
    found = [one for one in turn.desk.resources if kinds and kinds[0] in one.kinds]
    return sorted(found, key=lambda one: (one.category == "emergency", -_alike(wanted, one)))[:most]


def of_each_kind(turn: Turn, kinds: Sequence[str]) -> list[Resource]:
    """The best of each of these kinds, in their order."""
    firsts = [one for kind in kinds for one in of_kinds(turn, (kind,), 1)]
    return list({one.id: one for one in firsts}.values())


def lines(turn: Turn, found: Iterable[Resource]) -> list[tuple[str, str]]:
    return [(leaflets.name(turn, one), f"{resources.RESOURCE}={one.id}") for one in found]


def choices(lines: Iterable[tuple[str, str]]) -> tuple[Choice, ...]:
    """Labels and data, numbered from one."""
    return tuple(Choice(label, data, str(number)) for number, (label, data) in enumerate(lines, 1))


def buttons(turn: Turn, found: Iterable[Resource]) -> tuple[Press, ...]:
    return tuple(Press(label, data) for label, data in lines(turn, found))


def _alike(wanted: frozenset[str], resource: Resource) -> float:
    return len(wanted & set(resource.kinds)) / len(wanted | set(resource.kinds))
