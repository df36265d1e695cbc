"""People as the service knows them: a keyed index, a sealed LINE id, a data key of their own, a language."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Executable, bindparam, select, update

from storage.crypto import WrappedKey, place, seal, unseal
from storage.models import Person as PersonRow
from storage.rows import insert_missing, table
from storage.session import Tx

LANGUAGES = ("zh-Hant", "en")
_OPEN_WHILE_SEALED = ("people", "outbox")


class Sealed(Exception):
    """She asked to be erased: until she takes it back nothing of hers is read."""


@dataclass
class Person:
    """One person as read for a burst of events; what the functions here change is changed in it and in her row.

    `seal` and `open` bind what they touch to her, the table, column and row. While she is sealed nothing opens but her
    LINE id and what is on its way to her. `is_gone`: destroyed in this very turn.
    """

    id: int
    language: str
    blocked: bool
    welcomed_on: date | None
    notice: str | None
    unheard: int
    sealed_at: datetime | None
    _key: AESGCM = field(repr=False, compare=False)
    is_gone: bool = False

    @property
    def is_sealed(self) -> bool:
        return self.sealed_at is not None

    def seal(self, table: str, column: str, row: int, data: bytes) -> bytes:
        return seal(self._key, data, place(self.id, table, column, row))

    def open(self, table: str, column: str, row: int, blob: bytes) -> bytes:
        """The sealed value, or SealBroken when it was written elsewhere or under another key."""
        if self.sealed_at is not None and table not in _OPEN_WHILE_SEALED:
            raise Sealed
        return unseal(self._key, blob, place(self.id, table, column, row))


_READ = (
    "id",
    "line_key",
    "line_id",
    "kek_id",
    "wrapped",
    "language",
    "blocked_at",
    "welcomed_on",
    "notice",
    "unheard",
    "sealed_at",
)
COLUMNS = tuple(table(PersonRow).c[name] for name in _READ)


def of_row(tx: Tx, row: Any) -> Person:
    """The person of a row that holds COLUMNS."""
    key = WrappedKey(row.kek_id, row.wrapped).raw(tx.keys.master, str(row.id))
    return Person(
        row.id,
        row.language,
        row.blocked_at is not None,
        row.welcomed_on,
        row.notice,
        row.unheard,
        row.sealed_at,
        AESGCM(key),
    )


def line_id(person: Person, sealed: bytes) -> str:
    return person.open("people", "line_id", person.id, sealed).decode()


def add_missing(tx: Tx, user_ids: Iterable[str], now: datetime) -> None:
    """Make a row for every LINE user id that has none. Two processes may try at once: the unique index decides."""
    insert_missing(tx.c, PersonRow, [_fresh(tx, user_id, now) for user_id in user_ids])


def find(tx: Tx, user_id: str) -> Person | None:
    row = tx.c.execute(
        select(*COLUMNS).where(PersonRow.line_key == tx.keys.index("line", user_id))
    ).one_or_none()
    return None if row is None else of_row(tx, row)


def held(tx: Tx, person: Person) -> dict[str, Any]:
    """Her row as it is, the LINE id opened; for herself."""
    row = tx.c.execute(select(*table(PersonRow).c).where(PersonRow.id == person.id)).one()
    return dict(row._mapping) | {"line_id": line_id(person, row.line_id)}


def by_ids(tx: Tx, ids: Sequence[int]) -> dict[int, Any]:
    return {row.id: row for row in tx.c.execute(select(*COLUMNS).where(PersonRow.id.in_(ids)))}


def set_language(tx: Tx, person: Person, language: str) -> None:
    if language not in LANGUAGES:
        raise ValueError("unknown language")
    person.language = language
    _change(tx, person, language=language)


def set_blocked(tx: Tx, person: Person, blocked: bool, now: datetime) -> None:
    person.blocked = blocked
    _change(tx, person, blocked_at=now if blocked else None)


def set_welcomed(tx: Tx, person: Person, day: date) -> None:
    person.welcomed_on = day
    _change(tx, person, welcomed_on=day)


def set_notice(tx: Tx, person: Person, version: str) -> None:
    person.notice = version
    _change(tx, person, notice=version)


def set_sealed(tx: Tx, person: Person, now: datetime) -> None:
    """By the plan's clock. What follows from it is in storage/erasures.py."""
    person.sealed_at = now
    _change(tx, person, sealed_at=now)


def set_heard(tx: Tx, person: Person) -> None:
    """She has been told that an answer of ours may not have reached her."""
    person.unheard = 0
    _change(tx, person, unheard=0)


def puzzles_again(tx: Tx, person: Person, what: str) -> bool:
    """Whether this is the last thing of hers that nobody understood. Only a keyed hash of it is kept."""
    rows, key = table(PersonRow), tx.keys.index("puzzled", f"{person.id}:{what}")
    if tx.c.scalar(select(rows.c.puzzled).where(rows.c.id == person.id)) == key:
        return True
    _change(tx, person, puzzled=key)
    return False


def _change(tx: Tx, person: Person, **values: Any) -> None:
    tx.c.execute(_update(tuple(values)), values | {"who": person.id})


@cache
def _update(names: tuple[str, ...]) -> Executable:
    rows = table(PersonRow)
    changed = {name: bindparam(name, type_=rows.c[name].type) for name in names}
    return update(rows).where(rows.c.id == bindparam("who")).values(changed)


def _fresh(tx: Tx, user_id: str, now: datetime) -> dict[str, Any]:
    person_id = tx.ids()
    wrapped = WrappedKey.fresh(tx.keys.master, str(person_id))
    key = AESGCM(wrapped.raw(tx.keys.master, str(person_id)))
    return {
        "id": person_id,
        "line_key": tx.keys.index("line", user_id),
        "line_id": seal(key, user_id.encode(), place(person_id, "people", "line_id", person_id)),
        "kek_id": wrapped.kek_id,
        "wrapped": wrapped.blob,
        "created_at": now,
    }
