"""The roles of the page on PostgreSQL: each can do its part, and no more."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import make_url

from bot import backup, wiring
from tests import postgres
from tests.postgres import Postgres
from tests.serving import ROOT
from tests.town import eventually, settings, town

NOBODY = "http://127.0.0.1:9"


@pytest.fixture
def server() -> Iterator[Postgres]:
    """A server of one's own: roles are the whole server's."""
    server = Postgres()
    yield server
    server.remove()


def test_the_service_works_and_the_backup_only_reads(
    server: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (ROOT / "docs/operator/postgresql.md").read_text(encoding="utf-8")
    [script] = re.findall(r"```sql\n(.*?)```", page, re.DOTALL)
    before, _, after = script.partition("\\connect eapline\n")
    _run(server, "postgres", before)
    _run(server, "eapline", after)
    monkeypatch.setenv("PATH", f"{postgres.programs()}:{os.environ['PATH']}")

    wiring.migrate(settings(_url(server, "eapline"), NOBODY, tmp_path))
    with town(_url(server, "eapline"), tmp_path) as place:
        eventually(lambda: place.run.is_ready)
        mei = place.person("梅")
        assert mei.sees(3, wait=20)
        place.wait()
    backup.run(settings(_url(server, "eapline_backup"), NOBODY, tmp_path), tmp_path / "eapline.backup", print)

    with pytest.raises(InsufficientPrivilege):
        _run(server, "eapline", "DELETE FROM people", "eapline_backup")
    # What destroys somebody's data writes the table anew; PostgreSQL would pass over a table of another owner.
    for table in ("people", "inbox", "outbox"):
        _run(server, "eapline", f"VACUUM FULL {table}", "eapline")


def _url(server: Postgres, role: str) -> str:
    return make_url(server.url).set(username=role, database="eapline").render_as_string(hide_password=False)


def _run(server: Postgres, database: str, script: str, role: str = "postgres") -> None:
    url = make_url(server.url).set(drivername="postgresql", username=role, database=database)
    warned: list[str | None] = []
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as c:
        c.add_notice_handler(lambda notice: warned.append(notice.message_primary))
        for statement in filter(str.strip, script.split(";")):
            c.execute(statement.encode())
    assert warned == []
