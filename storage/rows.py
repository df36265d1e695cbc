"""Insert-or-leave, spelled once for both databases: a unique key decides the race, never a look beforehand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
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
        c.execute(_insert_missing(c.dialect.name, model), list(rows))


def insert_new(c: Connection, model: type[Base], unique: str, rows: Sequence[Mapping[str, Any]]) -> set[Any]:
    """Like `insert_missing`; returns the values of the column `unique` for the rows that were not there."""
    return set(c.scalars(_insert_new(c.dialect.name, model, unique), list(rows))) if rows else set()


def insert_or_replace_expired(
    c: Connection,
    model: type[Base],
    key: str,
    until: str,
    since: str,
    rows: Sequence[Mapping[str, Any]],
    *,
    kept: tuple[str, ...] = (),
) -> set[Any]:
    """Insert rows, or overwrite those whose `until` lies before the new `since`; returns the keys that are now ours.

    The columns in `kept` stay as they are in a row that is overwritten.
    """
    return (
        set(c.scalars(_replace_expired(c.dialect.name, model, key, until, since, kept), list(rows)))
        if rows
        else set()
    )


def upsert(c: Connection, model: type[Base], key: str, row: Mapping[str, Any]) -> None:
    """Insert the row, or overwrite the one with the same primary key."""
    c.execute(_upsert(c.dialect.name, model, key, tuple(row)), row)


# Building a statement costs several times what running it does, so each is built once.


@cache
def _insert_missing(dialect: str, model: type[Base]) -> Any:
    return _insert(dialect)(table(model)).on_conflict_do_nothing()


@cache
def _insert_new(dialect: str, model: type[Base], unique: str) -> Any:
    target = table(model)
    return _insert(dialect)(target).on_conflict_do_nothing().returning(target.c[unique])


@cache
def _upsert(dialect: str, model: type[Base], key: str, names: tuple[str, ...]) -> Any:
    statement = _insert(dialect)(table(model))
    changed = {name: statement.excluded[name] for name in names if name != key}
    return statement.on_conflict_do_update(index_elements=[key], set_=changed)


@cache
def _replace_expired(
    dialect: str, model: type[Base], key: str, until: str, since: str, kept: tuple[str, ...]
) -> Any:
    target = table(model)
    statement = _insert(dialect)(target)
    names = [column.name for column in target.c if column.name not in (key, *kept)]
    changed = {name: statement.excluded[name] for name in names}
    is_over = target.c[until] < statement.excluded[since]
    return statement.on_conflict_do_update(index_elements=[key], set_=changed, where=is_over).returning(
        target.c[key]
    )


def _insert(dialect: str) -> Any:
    return postgresql.insert if dialect == "postgresql" else sqlite.insert
