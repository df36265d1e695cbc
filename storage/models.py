"""The tables. What is sensitive is a sealed blob; what stands in the clear is needed to find, order or expire a row."""

from __future__ import annotations

import enum
from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, LargeBinary, SmallInteger, String, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from storage.columns import RowId, UtcTime


class Base(DeclarativeBase):
    type_annotation_map = {datetime: UtcTime(), bytes: LargeBinary()}  # noqa: RUF012  # SQLAlchemy's own contract


class Key(Base):
    """A key that the whole installation shares (the blind index), wrapped by a master key."""

    __tablename__ = "keys"
    purpose: Mapped[str] = mapped_column(String(20), primary_key=True)
    kek_id: Mapped[str] = mapped_column(String(16))
    wrapped: Mapped[bytes]


class Person(Base):
    """Somebody who wrote to the account. Found by a keyed index of the LINE user id, never by the id itself.

    `sealed_at`: she asked to be erased; until then nothing of hers is read, pushed or listed. `puzzled`: a keyed hash
    of the last thing of hers that nobody understood, to know it when it comes again.
    """

    __tablename__ = "people"
    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    line_key: Mapped[bytes] = mapped_column(unique=True)
    line_id: Mapped[bytes]
    kek_id: Mapped[str] = mapped_column(String(16), index=True)
    wrapped: Mapped[bytes]
    language: Mapped[str] = mapped_column(String(10), server_default="zh-Hant")
    created_at: Mapped[datetime]
    blocked_at: Mapped[datetime | None]
    welcomed_on: Mapped[date | None] = mapped_column(Date())
    notice: Mapped[str | None] = mapped_column(String(40))
    unheard: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    sealed_at: Mapped[datetime | None]
    puzzled: Mapped[bytes | None]
    __table_args__ = (
        Index(
            "people_sealed",
            "sealed_at",
            sqlite_where=text("sealed_at is not null"),
            postgresql_where=text("sealed_at is not null"),
        ),
    )


class InHand(Base):
    """Whose events are being worked on, by whom, until when by the machine's clock. Rows live for two minutes.

    A table of its own, for it is written several times a turn: a million people's rows would each be a page. `used`
    counts her messages in `minute` (whole minutes since 1970).
    """

    __tablename__ = "in_hand"
    sender_key: Mapped[bytes] = mapped_column(primary_key=True)
    owner: Mapped[int | None] = mapped_column(RowId)
    since: Mapped[datetime]
    until: Mapped[datetime]
    minute: Mapped[int] = mapped_column(server_default="0")
    used: Mapped[int] = mapped_column(server_default="0")


class EventState(enum.IntEnum):
    PENDING = 0
    DONE = 1
    PARKED = 2


class InboxEvent(Base):
    """One webhook event: sealed until processed, then only its keyed id, so that a repeat is recognised for 30 days."""

    __tablename__ = "inbox"
    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    event_key: Mapped[bytes] = mapped_column(unique=True)
    sender_key: Mapped[bytes | None]
    message_key: Mapped[bytes | None]
    happened_at: Mapped[datetime]
    received_at: Mapped[datetime]
    payload: Mapped[bytes | None]
    state: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    tries: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    answered_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(String(80))
    __table_args__ = (
        # Every index is one more page per webhook to write before its 200: these two, and the unique one, are all.
        Index(
            "inbox_pending",
            "id",
            "sender_key",
            sqlite_where=text("state = 0"),
            postgresql_where=text("state = 0"),
        ),
        Index(
            "inbox_parked", "message_key", sqlite_where=text("state = 2"), postgresql_where=text("state = 2")
        ),
    )


class SendState(enum.IntEnum):
    """Where a message to LINE stands. The first three are open; the rest are ends, their bodies erased."""

    WAITING = 0
    REPLYING = 1
    PUSHING = 2
    SENT = 3
    UNKNOWN = 4
    REFUSED = 5
    NEEDS_HUMAN = 6
    DROPPED = 7


OPEN_STATES = (SendState.WAITING, SendState.REPLYING, SendState.PUSHING)


class Outgoing(Base):
    """One call to LINE that a committed turn or a due row decided on. Its retry key is born with it."""

    __tablename__ = "outbox"
    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    dedupe: Mapped[bytes] = mapped_column(unique=True)
    person_id: Mapped[int | None] = mapped_column(RowId)
    way: Mapped[str] = mapped_column(String(8))
    state: Mapped[int] = mapped_column(SmallInteger)
    body: Mapped[bytes | None]
    frozen: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    retry_key: Mapped[str] = mapped_column(String(36))
    born_at: Mapped[datetime]
    due_at: Mapped[datetime]
    reply_until: Mapped[datetime | None]
    first_try_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    lease_owner: Mapped[int | None] = mapped_column(RowId)
    lease_until: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(String(80))
    __table_args__ = (
        Index("outbox_open", "due_at", sqlite_where=text("state < 3"), postgresql_where=text("state < 3")),
        Index(
            "outbox_person",
            "person_id",
            sqlite_where=text("person_id is not null"),
            postgresql_where=text("person_id is not null"),
        ),
        Index("outbox_state", "state", "born_at"),
    )


class Conversation(Base):
    """The one open conversation of a person: script, version, answers and open question, sealed."""

    __tablename__ = "conversations"
    person_id: Mapped[int] = mapped_column(
        RowId, ForeignKey("people.id", ondelete="CASCADE"), primary_key=True
    )
    body: Mapped[bytes]
    updated_at: Mapped[datetime]


class Consent(Base):
    """One line of the consent ledger: scope, version and yes or no are sealed; lines are added, never changed."""

    __tablename__ = "consents"
    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    person_id: Mapped[int] = mapped_column(RowId, ForeignKey("people.id", ondelete="CASCADE"), index=True)
    number: Mapped[int]
    body: Mapped[bytes]
    __table_args__ = (UniqueConstraint("person_id", "number"),)


class Screening(Base):
    """One finished questionnaire: answers, score and band, sealed."""

    __tablename__ = "screenings"
    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    person_id: Mapped[int] = mapped_column(RowId, ForeignKey("people.id", ondelete="CASCADE"), index=True)
    finished_at: Mapped[datetime]
    detailed: Mapped[int] = mapped_column(SmallInteger, server_default="1")
    body: Mapped[bytes]
    __table_args__ = (
        Index(
            "screenings_detailed",
            "finished_at",
            sqlite_where=text("detailed = 1"),
            postgresql_where=text("detailed = 1"),
        ),
    )


class MissedTerm(Base):
    """Something searched for and not found: counted under a keyed hash, its text only once five people asked for it."""

    __tablename__ = "missed_terms"
    term_key: Mapped[bytes] = mapped_column(primary_key=True)
    asked: Mapped[int]
    people: Mapped[int]
    term: Mapped[str | None] = mapped_column(String(80))
    first_on: Mapped[date] = mapped_column(Date())
    last_on: Mapped[date] = mapped_column(Date())


class MissedBy(Base):
    """That somebody has been counted for a term, under a key that is hers for this term alone."""

    __tablename__ = "missed_by"
    term_key: Mapped[bytes] = mapped_column(
        ForeignKey("missed_terms.term_key", ondelete="CASCADE"), primary_key=True
    )
    asker_key: Mapped[bytes] = mapped_column(primary_key=True)


class OneTimeLink(Base):
    """A page for one person's eyes, once, for minutes. Only a hash of what stands in the address is kept."""

    __tablename__ = "links"
    token_key: Mapped[bytes] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(RowId, ForeignKey("people.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Confirmation(Base):
    """Something no interface tells and a person has looked at, on a day: LINE's switches, who holds which role."""

    __tablename__ = "confirmations"
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    confirmed_on: Mapped[date] = mapped_column(Date())
    confirmed_by: Mapped[str] = mapped_column(String(80))


class Lease(Base):
    """Who holds a duty that only one process may have (the scheduler's clock), until when by the machine's clock."""

    __tablename__ = "leases"
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    owner: Mapped[int | None] = mapped_column(RowId)
    until: Mapped[datetime | None]


class Pace(Base):
    """Calls of one kind within one second, by all processes."""

    __tablename__ = "paces"
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    second: Mapped[int] = mapped_column(RowId)
    used: Mapped[int]


class Due(Base):
    """Something to be done at an instant of the plan's clock, once per kind and key."""

    __tablename__ = "due"
    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(String(80))
    due_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    lease_owner: Mapped[int | None] = mapped_column(RowId)
    lease_until: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(String(80))
    __table_args__ = (
        UniqueConstraint("kind", "key"),
        Index(
            "due_open",
            "due_at",
            sqlite_where=text("done_at is null"),
            postgresql_where=text("done_at is null"),
        ),
    )
