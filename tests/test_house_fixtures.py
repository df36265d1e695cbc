"""The ground the other tests stand on: real databases, and no way out of this machine."""

from __future__ import annotations

import signal
import socket

import psycopg
import pytest
from sqlalchemy import create_engine, make_url, text

from tests.postgres import Postgres
from tests.sockets import OutsideConnection


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_has_a_database_of_its_own(database_url: str, turn: int) -> None:
    engine = create_engine(database_url)

    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE mine (word TEXT)"))
        connection.execute(text("INSERT INTO mine VALUES ('諮商')"))

    with engine.connect() as connection:
        assert connection.execute(text("SELECT word FROM mine")).scalar_one() == "諮商"
    engine.dispose()


def test_a_postgresql_can_be_killed_and_started_again() -> None:
    server = Postgres(durable=True)
    plain = make_url(server.url).set(drivername="postgresql").render_as_string()
    with psycopg.connect(plain) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS one")

    server.stop(signal.SIGKILL)
    server.start()

    with psycopg.connect(plain) as connection:
        assert connection.execute("SELECT one FROM kept").fetchone() == (1,)
    server.remove()
    assert not server.folder.exists()


def test_another_machine_cannot_be_reached() -> None:
    with socket.socket() as internet, pytest.raises(OutsideConnection, match=r"192\.0\.2\.1"):
        internet.connect(("192.0.2.1", 443))
    with socket.socket(type=socket.SOCK_DGRAM) as internet, pytest.raises(OutsideConnection):
        internet.sendto(b"hello", ("192.0.2.1", 53))
    with pytest.raises(OutsideConnection, match=r"api\.line\.me"):
        socket.getaddrinfo("api.line.me", 443)


def test_this_machine_can_be_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        pass
