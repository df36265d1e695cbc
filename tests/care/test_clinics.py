"""The legal clinics of Chiayi City, asked on every day of two years, against tables written by hand."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from care import content, leaflets, sessions
from care.content.holidays import calendar
from care.content.pages import ContentError
from care.desk import Desk, Holidays, Resource
from care.holidays import Calendar, DayOfTable
from care.turns import Turn

TAIPEI = ZoneInfo("Asia/Taipei")
HALL, WEST = "六樓第一會議室", "西區區公所三樓禮堂"
ROOMS = {0: HALL, 2: WEST, 4: HALL}
WEEKDAYS = "一二三四五六日"
HOURS = ["00:00", "09:29", "09:30", "11:59", "12:00", "23:59"]


@pytest.fixture(scope="module")
def city() -> Desk:
    return content.load("chiayi-city")


@pytest.fixture(scope="module")
def clinic(city: Desk) -> Resource:
    return next(resource for resource in city.resources if resource.id == "cyc-legal")


def local(moment: str) -> datetime:
    """The clock on the wall in Chiayi."""
    return datetime.fromisoformat(moment)


def closed(year: int) -> set[date]:
    """The days of the table; its own weekdays are checked while it is read."""
    days = set()
    for line in Path(__file__).with_name(f"clinics_{year}.txt").read_text(encoding="utf-8").splitlines():
        if found := re.fullmatch(r"(\d\d)-(\d\d) (.) .+", line):
            day = date(year, int(found[1]), int(found[2]))
            assert WEEKDAYS[day.weekday()] == found[3], line
            assert day.weekday() in ROOMS, line
            days.add(day)
    return days


def expected(year: int) -> list[tuple[datetime, datetime, str]]:
    """Every clinic from that year's first day into the next January, from the tables alone."""
    shut = closed(year) | (closed(year + 1) if year == 2025 else {date(2027, 1, 1)})
    days = (date(year, 1, 1) + timedelta(days=n) for n in range(365 + 20))
    return [
        (datetime.combine(day, time(9, 30)), datetime.combine(day, time(12, 0)), ROOMS[day.weekday()])
        for day in days
        if day.weekday() in ROOMS and day not in shut
    ]


@pytest.mark.parametrize("year", [2025, 2026])
def test_every_day_of_the_year_has_the_right_next_three(
    year: int, city: Desk, clinic: Resource, figure: Any
) -> None:
    table, asked = expected(year), 0

    for n in range(365):
        for hour in HOURS:
            now = datetime.combine(date(year, 1, 1) + timedelta(days=n), time.fromisoformat(hour))
            wanted = [one for one in table if one[1] > now][:3]

            found = sessions.upcoming(clinic, city.calendar, now)

            assert [
                (
                    datetime.combine(one.day, one.session.begins),
                    datetime.combine(one.day, one.session.ends),
                    one.session.room["zh-Hant"],
                )
                for one in found
            ] == wanted, now
            asked += 1
    figure(
        f"legal clinics of Chiayi City, {year}: {asked} questions (365 days, {len(HOURS)} hours) equal the hand-made"
        f" table; {len([one for one in table if one[0].year == year])} clinics, {len(closed(year))} left out"
    )


def said(city: Desk, clinic: Resource, now: datetime, language: str = "zh-Hant") -> list[str]:
    person = SimpleNamespace(language=language)
    return leaflets.when(Turn(None, person, city, now.replace(tzinfo=TAIPEI)), clinic)  # type: ignore[arg-type]


def test_it_is_said_as_people_write_it(city: Desk, clinic: Resource) -> None:
    lines = said(city, clinic, local("2024-07-02 15:00"))

    assert lines == [
        f"下一次法律諮詢：7/3(三) 09:30 {WEST}",
        f"之後：7/5(五) 09:30 {HALL}、7/8(一) 09:30 {HALL}",
    ]


def test_one_that_is_running_counts_until_its_end(city: Desk, clinic: Resource) -> None:
    running = said(city, clinic, local("2026-07-01 11:59"))
    over = said(city, clinic, local("2026-07-01 12:00"))

    assert running[0] == f"法律諮詢現在進行中（到 12:00）：7/1(三) 09:30 {WEST}"
    assert over[0] == f"下一次法律諮詢：7/3(五) 09:30 {HALL}"


def test_a_holiday_between_is_named(city: Desk, clinic: Resource) -> None:
    assert "10/9(五) 國慶日（補假），沒有開。" in said(city, clinic, local("2026-10-08 09:00"))
    assert "Fri 10/9 National Day (observed): closed." in said(city, clinic, local("2026-10-08 09:00"), "en")


def test_a_saturday_worked_has_no_weekdays_clinic(city: Desk, clinic: Resource) -> None:
    saturday = date(2025, 2, 8)

    assert city.calendar.is_working_day(saturday)
    assert city.calendar.is_made_up(saturday)
    assert sessions.upcoming(clinic, city.calendar, local("2025-02-08 08:00"))[0].day == date(2025, 2, 10)


def test_the_page_may_add_a_day_and_take_one_away(city: Desk, clinic: Resource) -> None:
    monday = replace(clinic.sessions[0], also=(date(2025, 2, 8),), never=(date(2025, 2, 10),))
    changed = replace(clinic, sessions=(monday,))

    found = sessions.upcoming(changed, city.calendar, local("2025-02-08 08:00"), 2)

    assert [one.day for one in found] == [date(2025, 2, 8), date(2025, 2, 14)]


@pytest.mark.parametrize(
    "day, works",
    [
        (date(2025, 2, 8), True),  # Saturday, made up for 27 January
        (date(2025, 1, 27), False),
        (date(2025, 5, 1), True),  # Labour Day was not yet a day off for offices
        (date(2026, 5, 1), False),
        (date(2025, 2, 15), False),  # an ordinary Saturday
        (date(2026, 2, 20), False),
        (date(2026, 10, 9), False),
        (date(2026, 7, 1), True),
    ],
)
def test_working_days(day: date, works: bool, city: Desk) -> None:
    assert city.calendar.is_working_day(day) is works
    assert (city.calendar.why_closed(day, "zh-Hant") is None) is works


def test_the_authoritys_own_table_wins() -> None:
    """A typhoon day is in no library."""
    typhoon = Calendar("TW", {date(2026, 7, 1): DayOfTable(True, "颱風停止上班")})

    assert not typhoon.is_working_day(date(2026, 7, 1))
    assert typhoon.is_holiday(date(2026, 7, 1))
    assert typhoon.why_closed(date(2026, 7, 1), "zh-Hant") == "颱風停止上班"
    assert typhoon.is_working_day(date(2026, 7, 2))


def test_the_table_is_read_as_it_is_published(tmp_path: Path) -> None:
    (tmp_path / "holidays").mkdir()
    (tmp_path / "holidays" / "115.csv").write_text(
        "西元日期,星期,是否放假,備註\n20260701,三,2,颱風停止上班\n20260704,六,0,補行上班\n20260705,日,2,\n",
        encoding="utf-8-sig",
    )

    ours = calendar(tmp_path, Holidays("TW", "115.csv"))

    assert not ours.is_working_day(date(2026, 7, 1))
    assert ours.is_made_up(date(2026, 7, 4))
    assert ours.why_closed(date(2026, 7, 5), "zh-Hant") == ""
    assert not ours.is_holiday(date(2026, 7, 5))


@pytest.mark.parametrize(
    "text, line, column",
    [
        ("日期,放假\n", 1, ""),
        ("西元日期,星期,是否放假,備註\n2026-07-01,三,2,\n", 2, "西元日期"),
        ("西元日期,星期,是否放假,備註\n20260701,四,2,\n", 2, "星期"),
        ("西元日期,星期,是否放假,備註\n20260701,三,1,\n", 2, "是否放假"),
        ("西元日期,星期,是否放假,備註\n20260701,三,2,\n20260701,三,0,\n", 3, "西元日期"),
    ],
)
def test_a_slip_in_the_table_is_named(text: str, line: int, column: str, tmp_path: Path) -> None:
    (tmp_path / "holidays").mkdir()
    (tmp_path / "holidays" / "115.csv").write_text(text, encoding="utf-8")

    with pytest.raises(ContentError) as caught:
        calendar(tmp_path, Holidays("TW", "115.csv"))

    assert (caught.value.line, caught.value.field) == (line, column)
