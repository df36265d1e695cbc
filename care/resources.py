"""Finding help: by aspect, kind, district, nearness and free text; shown as numbered lists and cards.

Nothing here keeps what was asked for. A button carries what it leads to, so it works however old it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice

from care import leaflets, names, places, says
from care.desk import Resource
from care.search import Found
from care.turns import Turn
from dialogs.messages import Card, Choice, Paragraph, Press, Reply, Text
from storage import missed as counted

RESOURCE, CATEGORY, KIND, DISTRICT, NEAR = "r", "c", "k", "z", "n"
"""The prefixes of the buttons."""

CATEGORIES = ("work", "life", "health", "organisation", "emergency")
# LINE shows thirteen quick replies: a page of lines, the next page, the districts, and the ways on.
_PAGE = 9
_NEAREST = 5
_FILTERS = 6
# How much better the best has to be than the next to be shown at once.
_CLEAR = 1.6
# Longer ones are somebody telling us something; they are not looked up.
_LONGEST = 60


def show(turn: Turn) -> Reply:
    """The entry: choose an aspect, a district, or just type."""
    lines = [
        (turn.say(f"resources.{category}"), f"{CATEGORY}={category}")
        for category in CATEGORIES
        if any(one.category == category for one in turn.desk.resources)
    ]
    if turn.desk.districts:
        lines.append((turn.say("resources.by_district"), f"{DISTRICT}=*"))
    ask = "resources.choose_or_place" if _located(turn) else "resources.choose"
    return Reply((Text(turn.say(ask)),), _choices(lines), says.offer(turn, "contact", "menu"))


def search(turn: Turn, text: str, most: int = 3) -> list[Resource]:
    """What the words may be about, the best first; empty for nothing at all, and for a long story. Writes nothing."""
    if length(text) > _LONGEST:
        return []
    return [found.resource for found in turn.desk.finder.find(text, most)]


def length(text: str) -> int:
    """As long as it feels: a word of Latin letters is about as much as two Chinese characters."""
    return round(sum(0.35 if character.isascii() else 1 for character in text))


def answer(turn: Turn, found: Sequence[Found]) -> Reply | None:
    """The card of what was clearly meant, the others under it; None when several are as likely: then she chooses."""
    if not found or not found[0].is_sure:
        return None
    first, *others = found
    # Hours that come back are asked for to know when the next are: said at once.
    if others and not first.resource.sessions and first.score < _CLEAR * others[0].score:
        return None
    return cards(turn, [one.resource for one in found if one is first or one.is_sure])


def cards(turn: Turn, found: Sequence[Resource]) -> Reply:
    """The first as a card, the others to choose from."""
    first, *others = found
    reply = card(turn, first)
    if not others:
        return reply
    lines = [(_name(turn, one), f"{RESOURCE}={one.id}") for one in others]
    return Reply((*reply.messages, Text(turn.say("resources.others"))), _choices(lines), reply.controls)


def card(turn: Turn, resource: Resource) -> Reply:
    more = _of_kind(turn, resource.kinds[0])
    buttons = (Press(turn.say("resources.more"), f"{KIND}={resource.kinds[0]}"),) if len(more) > 1 else ()
    return Reply(
        (leaflets.card(turn, resource, buttons),), controls=says.offer(turn, "resources", "contact", "menu")
    )


def missed(turn: Turn, text: str) -> None:
    """Count what was looked for and is not here. Its text is kept from the fifth person on, if it may be at all."""
    term = names.term(text)
    if term:
        keepable = names.is_keepable(text, turn.desk.names) and turn.desk.lexicon.find(text) is None
        counted.count(turn.tx, turn.person, term, turn.today, text=text.strip() if keepable else None)


def near(turn: Turn, latitude: float, longitude: float, kind: str | None = None) -> Reply:
    """The nearest places to a location she sent, which is not kept. Only places with coordinates can be near."""
    located = [one for one in _located(turn) if kind is None or kind in one.kinds]
    if not located:
        return _nowhere(turn)
    found = places.nearest(located, (latitude, longitude), _NEAREST)
    lines = [
        (turn.say("resources.away", name=_name(turn, one), km=f"{km:.1f}"), f"{RESOURCE}={one.id}")
        for km, one in found
    ]
    what = turn.desk.kinds[kind][turn.language] if kind else turn.say("resources.every_kind")
    title = turn.say("resources.nearest", kind=what)
    blocks = [Paragraph(turn.say("resources.straight"), "muted")]
    if any(one.demo for _, one in found):
        blocks.append(Paragraph(turn.say("resources.demo"), "warn"))
    # On the card and not among the choices: those are remembered for a day, and a place is not to be.
    filters = tuple(
        Press(
            turn.say("resources.only", kind=turn.desk.kinds[one][turn.language]),
            _near_data(one, latitude, longitude),
        )
        for one in islice(_kinds_near(turn, located, kind), _FILTERS)
    )
    shown = Card(title, turn.say("resources.preview"), tuple(blocks), filters)
    return Reply(
        (shown, Text(turn.say("resources.which"))), _choices(lines), says.offer(turn, "resources", "menu")
    )


def by_kind(turn: Turn, kind: str) -> Reply:
    """All of one kind, those nearest to its heart first; a single one as its card."""
    reply = kind_pressed(turn, kind)
    return reply or show(turn)


def resource_pressed(turn: Turn, value: str) -> Reply | None:
    found = next((one for one in turn.desk.resources if one.id == value), None)
    return card(turn, found) if found else None


def category_pressed(turn: Turn, value: str) -> Reply | None:
    """The kinds there are in one aspect."""
    category, page = _paged(value)
    if category not in CATEGORIES:
        return None
    firsts = dict.fromkeys(one.kinds[0] for one in turn.desk.resources if one.category == category)
    lines = [(turn.desk.kinds[kind][turn.language], f"{KIND}={kind}") for kind in firsts]
    return _list(turn, turn.say(f"resources.{category}"), lines, page, f"{CATEGORY}={category}")


def kind_pressed(turn: Turn, value: str) -> Reply | None:
    """`kind`, `kind@district`, either with `+page`."""
    named, page = _paged(value)
    kind, _, district = named.partition("@")
    if kind not in turn.desk.kinds:
        return None
    found = [one for one in _of_kind(turn, kind) if not district or district in one.districts]
    if not found:
        return None
    if len(found) == 1:
        return card(turn, found[0])
    title = turn.desk.kinds[kind][turn.language]
    after = []
    if not district and len(_districts(found)) > 1:
        after = [(turn.say("resources.by_district"), f"{DISTRICT}=*{kind}")]
    return _list(turn, title, _lines(turn, found), page, f"{KIND}={named}", after)


def district_pressed(turn: Turn, value: str) -> Reply | None:
    """`*`: which districts there are (`*kind`: with this kind); `district`: what is there."""
    named, page = _paged(value)
    if named.startswith("*"):
        return _which_district(turn, named[1:], page)
    if named not in turn.desk.districts:
        return None
    found = [one for one in turn.desk.resources if named in one.districts]
    if len(found) == 1:
        return card(turn, found[0])
    title = turn.desk.districts[named][turn.language]
    return _list(turn, title, _lines(turn, found), page, f"{DISTRICT}={named}") if found else None


def near_pressed(turn: Turn, value: str) -> Reply | None:
    """`kind@latitude,longitude`, as the card of the nearest places carries it."""
    kind, _, place = value.partition("@")
    try:
        latitude, longitude = map(float, place.split(","))
    except ValueError:
        return None
    return near(turn, latitude, longitude, kind) if kind in turn.desk.kinds else None


def _which_district(turn: Turn, kind: str, page: int) -> Reply | None:
    found = _of_kind(turn, kind) if kind else turn.desk.resources
    lines = [
        (turn.desk.districts[one][turn.language], f"{KIND}={kind}@{one}" if kind else f"{DISTRICT}={one}")
        for one in _districts(found)
    ]
    return (
        _list(turn, turn.say("resources.by_district"), lines, page, f"{DISTRICT}=*{kind}") if lines else None
    )


def _nowhere(turn: Turn) -> Reply:
    shown = show(turn)
    return Reply((Text(turn.say("resources.no_places")), *shown.messages), shown.choices, shown.controls)


def _list(
    turn: Turn,
    title: str,
    lines: Sequence[tuple[str, str]],
    page: int,
    again: str,
    after: Sequence[tuple[str, str]] = (),
) -> Reply:
    """One page of lines. `again` with a page number leads to the next."""
    start = page * _PAGE if 0 <= page * _PAGE < len(lines) else 0
    # One line more takes no more room than the way to it.
    is_last = start + _PAGE + 1 >= len(lines)
    shown = [*lines[start : start + _PAGE + is_last]]
    if not is_last:
        shown.append((turn.say("resources.next_page"), f"{again}+{start // _PAGE + 1}"))
    text = turn.say("resources.list", title=title)
    return Reply((Text(text),), _choices([*shown, *after]), says.offer(turn, "resources", "menu"))


def _lines(turn: Turn, found: Iterable[Resource]) -> list[tuple[str, str]]:
    return [(_name(turn, one), f"{RESOURCE}={one.id}") for one in found]


def _choices(lines: Iterable[tuple[str, str]]) -> tuple[Choice, ...]:
    return tuple(Choice(label, data, str(number)) for number, (label, data) in enumerate(lines, 1))


def _of_kind(turn: Turn, kind: str) -> list[Resource]:
    """Those it is the first kind of before those it is one of several."""
    having = [one for one in turn.desk.resources if kind in one.kinds]
    return sorted(having, key=lambda one: (one.category == "emergency", one.kinds.index(kind)))


def _districts(found: Iterable[Resource]) -> list[str]:
    return list(dict.fromkeys(district for one in found for district in sorted(one.districts)))


def _located(turn: Turn) -> list[Resource]:
    return [one for one in turn.desk.resources if one.place is not None]


def _kinds_near(turn: Turn, located: Iterable[Resource], kind: str | None) -> Iterable[str]:
    """What the nearest can be narrowed down to: the kinds among them, but the one already chosen."""
    found = dict.fromkeys(one for resource in located for one in resource.kinds)
    return (one for one in found if one != kind and one in turn.desk.kinds)


def _near_data(kind: str, latitude: float, longitude: float) -> str:
    """A hundred metres are near enough, and all that goes through LINE once more."""
    return f"{NEAR}={kind}@{latitude:.3f},{longitude:.3f}"


def _name(turn: Turn, resource: Resource) -> str:
    return leaflets.name(turn, resource)


def _paged(value: str) -> tuple[str, int]:
    named, _, page = value.partition("+")
    return named, int(page) if page.isascii() and page.isdigit() and len(page) < 4 else 0
