"""Migrations on both databases: the head is what the models say, up and down, old rows kept, never half."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from storage import schema
from storage.models import Base
from storage.session import Database


@pytest.fixture
def empty(empty_database_url: str):
    database = Database(empty_database_url)
    yield database
    database.close()


def test_the_newest_schema_is_what_the_models_say(empty: Database) -> None:
    schema.upgrade(empty)

    with empty.begin() as c:
        context = MigrationContext.configure(c, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
        assert schema.current(c) == schema.head()


def test_every_step_goes_down_and_up_again(empty: Database) -> None:
    steps = [step.revision for step in ScriptDirectory.from_config(schema.config()).walk_revisions()]
    schema.upgrade(empty)
    for revision in [*steps[1:], "base"]:
        schema.downgrade(empty, revision)
    schema.upgrade(empty)

    with empty.read() as c:
        assert inspect(c).has_table("inbox")


def test_migrating_twice_changes_nothing(empty: Database) -> None:
    schema.upgrade(empty)
    schema.upgrade(empty)

    with empty.read() as c:
        assert schema.current(c) == schema.head()


def test_a_migration_that_fails_leaves_the_old_schema_whole(empty: Database) -> None:
    with pytest.raises(RuntimeError), empty.begin() as c:
        command.upgrade(schema.config(c), "head")
        assert inspect(c).has_table("inbox")
        raise RuntimeError

    with empty.read() as c:
        assert schema.current(c) is None
        assert not inspect(c).has_table("inbox")


def test_an_embedded_database_is_durable_and_forgets(tmp_path: Path) -> None:
    with Database(f"sqlite:///{tmp_path / 'eap.sqlite'}").begin() as c:
        found = {
            name: c.execute(text(f"pragma {name}")).scalar()
            for name in ("journal_mode", "synchronous", "secure_delete", "foreign_keys", "trusted_schema")
        }
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "secure_delete": 1,
        "foreign_keys": 1,
        "trusted_schema": 0,
    }
