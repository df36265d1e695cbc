"""The working-day calendar, with the personnel authority's table where one is given.

The table is what the Directorate-General of Personnel Administration publishes for each year as 辦公日曆表
(data.gov.tw data set 14718): 西元日期,星期,是否放假,備註; a day like 20250208; 0 is a day of work, 2 a day off.
Put in as it comes, or cut down to the days that differ (a typhoon day, a local holiday).
"""

from __future__ import annotations

import csv
from datetime import date, datetime
from pathlib import Path

from care.content.pages import ContentError
from care.desk import Holidays
from care.holidays import Calendar, DayOfTable

COLUMNS = ("西元日期", "星期", "是否放假", "備註")
_OFF = {"0": False, "2": True}
_DAYS = "一二三四五六日"


def calendar(folder: Path, wanted: Holidays) -> Calendar:
    """Raises ContentError naming file, line and column."""
    if not wanted.overrides:
        return Calendar(wanted.country)
    return Calendar(wanted.country, _table(folder / "holidays" / wanted.overrides))


def _table(file: Path) -> dict[date, DayOfTable]:
    name = f"content/holidays/{file.name}"
    try:
        # The authority's files begin with a byte-order mark.
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ContentError(name, 0, "", "cannot be read as UTF-8") from error
    rows = csv.reader(lines)
    if tuple(next(rows, ())) != COLUMNS:
        raise ContentError(name, 1, "", f"must begin with the columns {','.join(COLUMNS)}")
    table: dict[date, DayOfTable] = {}
    for number, row in enumerate(rows, 2):
        if not any(row):
            continue
        if len(row) != len(COLUMNS):
            raise ContentError(name, number, "", f"must have {len(COLUMNS)} columns")
        day = _day(name, number, *row[:2])
        if day in table:
            raise ContentError(name, number, COLUMNS[0], "is there twice")
        if row[2].strip() not in _OFF:
            raise ContentError(name, number, COLUMNS[2], "must be 0 (work) or 2 (off)")
        table[day] = DayOfTable(_OFF[row[2].strip()], row[3].strip())
    return table


def _day(name: str, number: int, written: str, weekday: str) -> date:
    try:
        day = datetime.strptime(written.strip(), "%Y%m%d").date()  # noqa: DTZ007  # a day has no zone
    except ValueError as error:
        raise ContentError(name, number, COLUMNS[0], "must be a day like 20260101") from error
    if weekday.strip().removeprefix("星期") != _DAYS[day.weekday()]:
        raise ContentError(name, number, COLUMNS[1], f"must be {_DAYS[day.weekday()]}")
    return day
