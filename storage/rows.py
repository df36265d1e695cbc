"""Insert-or-leave, spelled once for both databases: a unique key decides the race, never a look beforehand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

from storage.models import Base


def table(model: type[Base]) -> Table:
    found = model.__table__
    assert isinstance(found, Table)  # what declarative models guarantee, said to mypy
    return found


def insert_missing(c: Connection, model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert the rows whose unique keys are not there yet; leave the others as they are."""
    if rows:
        insert = postgresql.insert if c.dialect.name == "postgresql" else sqlite.insert
        c.execute(insert(table(model)).on_conflict_do_nothing(), list(rows))


def insert_new(c: Connection, model: type[Base], unique: str, rows: Sequence[Mapping[str, Any]]) -> set[Any]:
    """Like `insert_missing`; returns the values of the column `unique` for the rows that were not there."""
    if not rows:
        return set()
    insert = postgresql.insert if c.dialect.name == "postgresql" else sqlite.insert
    target = table(model)
    return set(c.scalars(insert(target).on_conflict_do_nothing().returning(target.c[unique]), list(rows)))


def upsert(c: Connection, model: type[Base], key: str, row: Mapping[str, Any]) -> None:
    """Insert the row, or overwrite the one with the same primary key."""
    insert = postgresql.insert if c.dialect.name == "postgresql" else sqlite.insert
    statement = insert(table(model)).values(**row)
    changed = {name: statement.excluded[name] for name in row if name != key}
    c.execute(statement.on_conflict_do_update(index_elements=[key], set_=changed))
