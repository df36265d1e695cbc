"""照顧資源: who helps with looking after somebody, by type, by district, or near a place she sends."""

from __future__ import annotations

from care import pointers, resources, says
from care.desk import Resource
from care.guides import CareType
from care.turns import Turn
from dialogs.messages import Reply, Text

PREFIX = "a"
KIND = "care"


def show(turn: Turn) -> Reply:
    """The types there is something of, then all, then by district."""
    lines = [
        (one.name[turn.language], f"{PREFIX}={one.id}") for one in turn.desk.guides.care if _of(turn, one)
    ]
    if _all(turn):
        lines.append((turn.say("caring.all"), f"{resources.KIND}={KIND}"))
    if any(one.districts for one in _all(turn)):
        lines.append((turn.say("resources.by_district"), f"{resources.DISTRICT}=*{KIND}"))
    return _listed(turn, "caring.choose", lines)


def of_type(turn: Turn, name: str) -> Reply | None:
    """What there is of one type; None for a type that is not known, or that nothing is of."""
    wanted = next((one for one in turn.desk.guides.care if one.id == name), None)
    found = _of(turn, wanted) if wanted else []
    if len(found) > 1:
        return _listed(turn, "caring.which", pointers.lines(turn, found))
    return resources.card(turn, found[0]) if found else None


def _all(turn: Turn) -> list[Resource]:
    return [one for one in turn.desk.resources if KIND in one.kinds]


def _of(turn: Turn, wanted: CareType) -> list[Resource]:
    return [one for one in _all(turn) if any(word in _words(one) for word in wanted.words)]


def _words(resource: Resource) -> str:
    return "\n".join((*resource.name.values(), *resource.words, resource.phone)).casefold()


def _listed(turn: Turn, key: str, lines: list[tuple[str, str]]) -> Reply:
    return Reply((Text(turn.say(key)),), pointers.choices(lines), says.offer(turn, "contact", "menu"))
