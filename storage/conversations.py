"""The one open conversation of a person, as sealed JSON."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select

from storage.models import Conversation
from storage.people import Person
from storage.rows import table, upsert
from storage.session import Tx

_ROWS = table(Conversation)
_LOAD = select(_ROWS.c.body).where(_ROWS.c.person_id == bindparam("who"))
_DROP = delete(_ROWS).where(_ROWS.c.person_id == bindparam("who"))


def load(tx: Tx, person: Person) -> dict[str, Any] | None:
    body = tx.c.scalar(_LOAD, {"who": person.id})
    if body is None:
        return None
    state: dict[str, Any] = json.loads(person.open("conversations", "body", person.id, body))
    return state


def held(tx: Tx, person: Person) -> dict[str, Any] | None:
    """The row, opened, for herself."""
    updated_at = tx.c.scalar(select(_ROWS.c.updated_at).where(_ROWS.c.person_id == person.id))
    return None if updated_at is None else {"updated_at": updated_at, "content": load(tx, person)}


def save(tx: Tx, person: Person, state: dict[str, Any], now: datetime) -> None:
    sealed = person.seal(
        "conversations", "body", person.id, json.dumps(state, separators=(",", ":")).encode()
    )
    upsert(tx.c, Conversation, "person_id", {"person_id": person.id, "body": sealed, "updated_at": now})


def drop(tx: Tx, person: Person) -> None:
    tx.c.execute(_DROP, {"who": person.id})


def drop_untouched_since(tx: Tx, limit: datetime) -> int:
    """Forget conversations nobody has answered since `limit`; returns how many."""
    return tx.c.execute(delete(Conversation).where(Conversation.updated_at < limit)).rowcount
