"""Hours that come back every week: which are the next ones, public holidays left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice

from care.desk import Resource, Session
from care.holidays import Calendar

# Longer than any run of holidays: nine days at New Year, and the week before them.
_AHEAD = 60


@dataclass(frozen=True, slots=True)
class Held:
    """One session on one day."""

    day: date
    session: Session


def upcoming(resource: Resource, calendar: Calendar, now: datetime, most: int = 3) -> list[Held]:
    """The next sessions in order, `now` being the plan's local time. One that is running counts until its end."""
    return list(islice(_from(resource, calendar, now), most))


def is_held(session: Session, day: date, calendar: Calendar) -> bool:
    """On its weekdays but public holidays; on a single day as the page says.

    A Saturday worked to make up for another day has no weekday's session: neither plan in force then says so. Where
    an office does hold one, the page lists the day under `also`.
    """
    if day in session.never:
        return False
    return day in session.also or (day.weekday() in session.days and not calendar.is_holiday(day))


def left_out(resource: Resource, calendar: Calendar, since: date, until: date) -> list[date]:
    """Days on which a session would have been, were it not for a public holiday."""
    days = (since + timedelta(days=n) for n in range((until - since).days + 1))
    return [
        day
        for day in days
        if calendar.is_holiday(day)
        and any(day.weekday() in one.days and not is_held(one, day, calendar) for one in resource.sessions)
    ]


def is_running(held: Held, now: datetime) -> bool:
    return held.day == now.date() and held.session.begins <= now.time() < held.session.ends


def _from(resource: Resource, calendar: Calendar, now: datetime) -> Iterator[Held]:
    for ahead in range(_AHEAD if resource.sessions else 0):
        day = now.date() + timedelta(days=ahead)
        today = [session for session in resource.sessions if is_held(session, day, calendar)]
        for session in sorted(today, key=lambda one: one.begins):
            if ahead or now.time() < session.ends:
                yield Held(day, session)
