"""From the schema of the first release to today's: every old row is kept as it was, the new columns are empty."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, MetaData, Table, inspect

from storage import schema
from storage.columns import UtcTime
from storage.session import Database

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
OLD: dict[str, list[dict[str, Any]]] = {
    "keys": [{"purpose": "index", "kek_id": "aaaaaaaa", "wrapped": b"\x01key"}],
    "people": [
        {"id": n, "line_key": b"l%d" % n, "line_id": b"\x01id", "kek_id": "aaaaaaaa", "wrapped": b"\x01w%d" % n,
         "language": "en", "created_at": NOW, "blocked_at": NOW if n % 2 else None, "welcomed_on": NOW.date(),
         "notice": "2026-11", "unheard": n}
        for n in (1, 2, 3)
    ],
    "in_hand": [{"sender_key": b"l1", "owner": 7, "since": NOW, "until": NOW}],
    "inbox": [{"event_key": b"e1", "sender_key": b"l1", "message_key": None, "happened_at": NOW, "received_at": NOW,
               "payload": b"\x01p", "state": 0, "tries": 1, "answered_at": None, "error": None}],
    "outbox": [{"id": 5, "dedupe": b"d", "person_id": 1, "way": "reply", "state": 0, "body": b"\x01b", "frozen": 0,
                "retry_key": "k", "born_at": NOW, "due_at": NOW, "tries": 0}],
    "conversations": [{"person_id": 1, "body": b"\x01c", "updated_at": NOW}],
    "consents": [{"id": 6, "person_id": 1, "number": 1, "body": b"\x01a"}],
    "screenings": [{"id": 8, "person_id": 2, "finished_at": NOW, "detailed": 1, "body": b"\x01s"}],
    "due": [{"kind": "housekeeping", "key": "2026-03-02", "due_at": NOW, "done_at": NOW, "tries": 1}],
}  # fmt: skip


@pytest.fixture
def empty(empty_database_url: str) -> Iterator[Database]:
    database = Database(empty_database_url)
    yield database
    database.close()


def test_every_row_of_the_first_release_is_kept(empty: Database) -> None:
    schema.upgrade(empty, "0001")
    with empty.begin() as c:
        for name, lines in OLD.items():
            c.execute(_table(c, name).insert(), lines)
        before = _rows(c)

    schema.upgrade(empty)

    with empty.begin() as c:
        after = _rows(c)
        assert {name: _without(new, before[name]) for name, new in after.items() if name in before} == before
        assert [(row["sealed_at"], row["puzzled"]) for row in after["people"]] == [(None, None)] * 3
        assert [(row["minute"], row["used"]) for row in after["in_hand"]] == [(0, 0)]
        # What hangs on a person goes with her, in tables old and new.
        c.exec_driver_sql("delete from people where id in (1, 2)")
        left = _rows(c)
        assert [len(left[name]) for name in ("people", "conversations", "consents", "screenings")] == [
            1,
            0,
            0,
            0,
        ]


def test_going_back_keeps_them_too(empty: Database) -> None:
    schema.upgrade(empty, "0001")
    with empty.begin() as c:
        for name, lines in OLD.items():
            c.execute(_table(c, name).insert(), lines)
        before = _rows(c)

    schema.upgrade(empty)
    schema.downgrade(empty, "0001")

    with empty.begin() as c:
        assert _rows(c) == before


def _table(c: Connection, name: str) -> Table:
    """As the database itself describes it, with our own kind of instant."""
    found = Table(name, MetaData(), autoload_with=c)
    for column in found.c:
        if column.name.endswith("_at") or column.name in ("since", "until", "reply_until", "lease_until"):
            column.type = UtcTime()
    return found


def _rows(c: Connection) -> dict[str, list[dict[str, Any]]]:
    names = [name for name in inspect(c).get_table_names() if name != "alembic_version"]
    tables = [_table(c, name) for name in names]
    return {
        table.name: sorted((dict(row._mapping) for row in c.execute(table.select())), key=repr)
        for table in tables
    }


def _without(rows: list[dict[str, Any]], old: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows with the columns that were there before."""
    known = set(old[0]) if old else set()
    return sorted(({name: value for name, value in row.items() if name in known} for row in rows), key=repr)
