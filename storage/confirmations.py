"""What a person has looked at, because nothing can be asked: on which day, and who says so. No keys are needed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import Connection, select

from storage.models import Confirmation
from storage.rows import insert_missing, upsert


def confirm(c: Connection, name: str, on: date, by: str) -> None:
    """Write it down, over what was there."""
    upsert(c, Confirmation, "name", {"name": name, "confirmed_on": on, "confirmed_by": by})


def note_once(c: Connection, name: str, on: date, by: str) -> None:
    """Write it down unless it is there: the day something was first seen."""
    insert_missing(c, Confirmation, [{"name": name, "confirmed_on": on, "confirmed_by": by}])


def days(c: Connection) -> Mapping[str, date]:
    """Every name and its day."""
    rows = c.execute(select(Confirmation.name, Confirmation.confirmed_on))
    return {row.name: row.confirmed_on for row in rows}
