"""What a process holds while it runs: the open database, its keys, who it is in leases, and the two clocks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from storage.keyring import Keyring
from storage.session import Database, NewId, Tx, random_id

Now = Callable[[], datetime]


@dataclass(frozen=True)
class Store:
    """`machine` times leases and retries; `plan` decides what is due and may be moved in tests and rehearsals."""

    database: Database
    keys: Keyring
    owner: int
    machine: Now
    plan: Now
    ids: NewId = random_id

    @contextmanager
    def begin(self) -> Iterator[Tx]:
        """A transaction that writes: durable when the block has ended, undone when it raises."""
        with self.database.begin() as c:
            yield Tx(c, self.keys, self.ids)

    @contextmanager
    def read(self) -> Iterator[Tx]:
        with self.database.read() as c:
            yield Tx(c, self.keys, self.ids)
