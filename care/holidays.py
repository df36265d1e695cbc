"""Working days of Taiwan: weekends, public holidays, days made up for, and Saturdays worked to make up for others.

The calendar is the library's (`holidays`, which follows the Directorate-General of Personnel Administration's yearly
table of office days). A table put into content/holidays/ wins over it, day by day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import holidays

_SATURDAY = 5
_LIBRARY_LANGUAGES = {"zh-Hant": "zh_TW", "en": "en_US"}


@dataclass(frozen=True, slots=True)
class DayOfTable:
    """One line of the authority's table: whether the offices are shut, and why if it says so."""

    is_off: bool
    note: str


class Calendar:
    """Asked day by day. `table` holds what the authority's own table says of single days."""

    def __init__(self, country: str = "TW", table: Mapping[date, DayOfTable] | None = None) -> None:
        self._country, self._table = country, dict(table or {})

    def is_working_day(self, day: date) -> bool:
        """Whether the offices are open: weekdays but holidays, and the Saturdays worked to make up for one."""
        listed = self._table.get(day)
        return not listed.is_off if listed else _library(self._country, day.year).is_working_day(day)

    def is_holiday(self, day: date) -> bool:
        """A day off that an ordinary week would not have, or one that falls on a weekend."""
        listed = self._table.get(day)
        if listed is None:
            return day in _library(self._country, day.year)
        return listed.is_off and (bool(listed.note) or day.weekday() < _SATURDAY)

    def is_made_up(self, day: date) -> bool:
        """A Saturday or Sunday on which the offices are open."""
        return day.weekday() >= _SATURDAY and self.is_working_day(day)

    def why_closed(self, day: date, language: str) -> str | None:
        """The holiday's name; empty on an ordinary weekend; None on a working day."""
        if self.is_working_day(day):
            return None
        listed = self._table.get(day)
        if listed and listed.note and language == "zh-Hant":
            return listed.note
        named = _library(self._country, day.year, _LIBRARY_LANGUAGES.get(language, "en_US")).get(day, "")
        return str(named) or (listed.note if listed else "")


@lru_cache(maxsize=64)
def _library(country: str, year: int, language: str = "zh_TW") -> holidays.HolidayBase:
    """One year as it is; never grown in place, for several threads ask it at once."""
    return holidays.country_holidays(country, years=year, expand=False, language=language)
