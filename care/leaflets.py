"""One resource as a card: what it is, who runs it, when, where, how to reach it, and when that was last checked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import reduce
from urllib.parse import quote

from care import sessions
from care.desk import Resource, Session, Spoken
from care.sessions import Held
from care.turns import Turn
from dialogs.messages import Block, Button, Call, Card, Fact, Link, Paragraph, Press

_MAP = "https://www.google.com/maps/search/?api=1&query="


def name(turn: Turn, resource: Resource) -> str:
    said = resource.name[turn.language]
    return turn.say("resources.demo_name", name=said) if resource.demo else said


def card(turn: Turn, resource: Resource, more: tuple[Press, ...] = ()) -> Card:
    blocks: list[Block] = [Paragraph(resource.summary[turn.language])]
    blocks += [Paragraph(line) for line in when(turn, resource)]
    blocks += [Fact(turn.say("resources.owner"), resource.owner[turn.language]), *_ways(turn, resource)]
    if resource.booking != "none":
        blocks.append(
            Fact(turn.say("resources.booking"), turn.say(f"resources.{_BOOKING[resource.booking]}"))
        )
    blocks.append(_checked(turn, resource))
    if resource.demo:
        blocks.append(Paragraph(turn.say("resources.demo"), "warn"))
    return Card(
        name(turn, resource), turn.say("resources.preview"), tuple(blocks), (*_buttons(turn, resource), *more)
    )


def when(turn: Turn, resource: Resource) -> list[str]:
    """The next session, the two after it, and the days left out between them."""
    now = turn.now.astimezone(turn.desk.plan.zone)
    held = sessions.upcoming(resource, turn.desk.calendar, now)
    if not held:
        return []
    what = turn.desk.kinds[resource.kinds[0]][turn.language]
    first, *later = held
    key = "resources.running" if sessions.is_running(first, now) else "resources.next"
    said = [turn.say(key, what=what, when=_moment(turn, first), until=f"{first.session.ends:%H:%M}")]
    if later:
        said.append(
            turn.say("resources.later", when=_joined(turn, "both", [_moment(turn, one) for one in later]))
        )
    missing = sessions.left_out(resource, turn.desk.calendar, now.date(), held[-1].day)
    said += [_closed(turn, day) for day in missing]
    return said


def _moment(turn: Turn, held: Held) -> str:
    """7/3(三) 09:30 西區區公所三樓禮堂"""
    return turn.say(
        "resources.moment",
        day=_day(turn, held.day),
        begins=f"{held.session.begins:%H:%M}",
        room=_spoken(turn, held.session.room),
    )


def _closed(turn: Turn, day: date) -> str:
    why = turn.desk.calendar.why_closed(day, turn.language)
    return turn.say("resources.left_out", day=_day(turn, day), why=why or turn.say("resources.holiday"))


def _day(turn: Turn, day: date) -> str:
    weekday = turn.say("resources.weekdays").split()[day.weekday()]
    return turn.say("resources.day", month=day.month, day=day.day, weekday=weekday)


def _joined(turn: Turn, how: str, parts: Sequence[str]) -> str:
    return reduce(lambda before, more: turn.say(f"resources.{how}", before=before, more=more), parts)


def _weekly(turn: Turn, session: Session) -> str:
    """每週一、五 09:30–12:00 六樓第一會議室"""
    names = turn.say("resources.weekdays").split()
    return turn.say(
        "resources.weekly",
        days=_joined(turn, "listed", [names[day] for day in session.days]),
        begins=f"{session.begins:%H:%M}",
        ends=f"{session.ends:%H:%M}",
        room=_spoken(turn, session.room),
    )


def _ways(turn: Turn, resource: Resource) -> list[Block]:
    """Telephone, address and hours; what no document states is for the contact desk to say."""
    hours = _spoken(turn, resource.hours) if resource.hours else ""
    weekly = "\n".join(_weekly(turn, session) for session in resource.sessions)
    known = {"phone": resource.phone, "address": resource.address, "hours": hours or weekly}
    if resource.category == "emergency":
        # A national line has no counter to go to, and says its own hours.
        known = {way: value for way, value in known.items() if value}
    elif not any(known.values()):
        known = {"reach": ""}
    ways: list[Block] = [
        Fact(turn.say(f"resources.{way}"), value or turn.say("resources.ask")) for way, value in known.items()
    ]
    return [*ways, Fact(turn.say("resources.email"), resource.email)] if resource.email else ways


def _checked(turn: Turn, resource: Resource) -> Paragraph:
    day = _date(resource.verified_on)
    if resource.is_due_for_review(turn.today):
        return Paragraph(turn.say("resources.overdue", day=day), "warn")
    return Paragraph(turn.say("resources.checked", day=day), "muted")


def _date(day: date) -> str:
    return f"{day.year}/{day.month}/{day.day}"


def _buttons(turn: Turn, resource: Resource) -> list[Button]:
    buttons: list[Button] = []
    if resource.phone:
        buttons.append(Call(turn.say("resources.call", number=resource.phone), resource.phone))
    if resource.address:
        buttons.append(Link(turn.say("resources.map"), _MAP + quote(resource.address)))
    if resource.url:
        buttons.append(Link(turn.say("resources.page"), resource.url))
    return buttons


def _spoken(turn: Turn, said: Spoken) -> str:
    return said[turn.language]


_BOOKING = {"walk-in": "walk_in", "appointment": "by_appointment"}
