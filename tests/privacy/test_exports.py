"""The export is complete: held against every table and column there is, and against every row of somebody's."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Column, LargeBinary, MetaData, String, Table

from care import exports
from care.desk import Desk
from care.turns import Turn
from dialogs.messages import Card, Link
from storage import people
from storage.models import Base
from storage.people import Person
from storage.session import Tx
from storage.store import Store
from tests.figures import Figure
from tests.privacy.lives import PARKED, RECORD, UNDER_WAY, live, rows
from tests.town import PUBLIC_URL

LIN, KEN = "U" + "1" * 32, "U" + "2" * 32
# A column of one of these names, or one that points at people, makes a row somebody's.
MARKS = {"person_id", "sender_key", "asker_key", "line_key", "line_id"}


def of_people(metadata: MetaData) -> dict[str, set[str]]:
    """The columns of every table whose rows belong to somebody."""
    return {
        table.name: {column.name for column in table.c}
        for table in metadata.sorted_tables
        if MARKS & {column.name for column in table.c}
        or any(key.column.table.name == "people" for key in table.foreign_keys)
    }


def unknown(metadata: MetaData) -> list[str]:
    """What a database holds of people that the export says nothing about, and the other way round."""
    held = {(table, column) for table, columns in of_people(metadata).items() for column in columns}
    told = {(table, column) for table, columns in exports.FIELDS.items() for column in columns}
    return sorted(f"{table}.{column}" for table, column in held ^ told)


def test_every_column_about_a_person_is_in_the_file_or_says_why_not(figure: Figure) -> None:
    assert unknown(Base.metadata) == []
    count = sum(map(len, exports.FIELDS.values()))
    figure(
        f"export: {len(exports.FIELDS)} tables, {count} columns about a person, each in the file or with its reason"
    )


@pytest.mark.parametrize("mark", sorted(MARKS))
def test_a_new_table_that_the_export_does_not_know_is_noticed(mark: str) -> None:
    planted = MetaData()
    for table in Base.metadata.sorted_tables:
        table.to_metadata(planted)
    Table("diaries", planted, Column(mark, LargeBinary), Column("said", String))

    assert unknown(planted) == sorted([f"diaries.{mark}", "diaries.said"])


def test_a_new_column_of_a_known_table_is_noticed() -> None:
    planted = MetaData()
    for table in Base.metadata.sorted_tables:
        table.to_metadata(planted)
    planted.tables["people"].append_column(Column("nickname", String))

    assert unknown(planted) == ["people.nickname"]


def test_every_row_and_value_of_hers_is_in_the_file_and_nobody_elses(
    store: Store, desk: Desk, figure: Figure
) -> None:
    now = store.plan()
    with store.begin() as tx:
        live(tx, KEN, now - timedelta(days=400))
        person, _ = live(tx, LIN, now)
        told = json.loads(exports.file(tx, person, desk, now))
        hers = _hers(tx, person)

    assert (told["format"], told["version"]) == ("eapline-export", "1")
    assert set(hers) == set(exports.FIELDS) - {"missed_by"}
    values = 0
    for table, lines in hers.items():
        for column, path in exports.FIELDS[table].items():
            if path.startswith("-") or column == "body" or column == "payload":
                continue
            field = path.split(":")[0]
            if table == "screenings" and column == "detailed":
                continue
            expected = [_said(line[column], table, column) for line in lines]
            assert _at(told, field) == expected, (table, column)
            values += len(expected)
    # What is sealed in the database is open in the file.
    assert [one["answers"] for one in told["screenings"]] == [RECORD["answers"]] * 3
    assert [one["total"] for one in told["screenings"]] == [10, 11, 12]
    assert [one["granted"] for one in told["consents"]] == [True, False, True]
    assert told["person"]["line_user_id"] == LIN
    assert told["open_conversation"]["content"]["list"] == [["一", "w=menu", "1"]]
    assert told["messages_under_way"][0]["content"]["token"] == UNDER_WAY
    assert told["events_waiting"][0]["content"]["message"]["text"] == PARKED
    assert KEN not in json.dumps(told)
    dialect = store.database.engine.dialect.name
    figure(f"export ({dialect}): {values} values of {sum(map(len, hers.values()))} rows compared, 0 missing")


def test_without_an_address_she_is_told_kindly_who_has_it(store: Store, desk: Desk) -> None:
    from dataclasses import replace

    with store.begin() as tx:
        person, _ = live(tx, LIN, store.plan())
        [card] = exports.show(Turn(tx, person, replace(desk, public_url=""), store.plan())).messages
        assert isinstance(card, Card)
        assert card.buttons == ()
        assert desk.plan.contact.desk["zh-Hant"] in str(card.blocks[-1])
        [card] = exports.show(Turn(tx, person, desk, store.plan())).messages
        assert isinstance(card, Card)
        [link] = card.buttons
        assert isinstance(link, Link)
        assert link.url.startswith(f"{PUBLIC_URL}/export/")


def _hers(tx: Tx, person: Person) -> dict[str, list[dict[str, Any]]]:
    """Her rows, as they lie there, in the order of the file."""
    line_key = people.held(tx, person)["line_key"]
    mine = {"person_id": person.id, "sender_key": line_key}
    found: dict[str, list[dict[str, Any]]] = {}
    for name, lines in rows(tx).items():
        own = [
            line for line in lines
            if (name == "people" and line["id"] == person.id)
            or any(line.get(column) == value for column, value in mine.items())
        ]  # fmt: skip
        if own:
            order = next(
                key
                for key in ("finished_at", "number", "id", "since", "expires_at", "updated_at")
                if key in own[0]
            )
            found[name] = sorted(own, key=lambda line: line[order])
    return found


def _at(told: dict[str, Any], path: str) -> list[Any]:
    place, _, field = path.partition(".")
    held = told[place.removesuffix("[]")]
    return [one[field] for one in held] if place.endswith("[]") else [held[field]]


def _said(value: Any, table: str, column: str) -> Any:
    if (table, column) == ("people", "line_id"):
        return LIN
    if column == "state":
        return {"outbox": {0: "waiting"}, "inbox": {2: "parked"}}[table][value]
    if isinstance(value, bytes):
        return value.hex()
    return value.isoformat() if hasattr(value, "isoformat") else value
