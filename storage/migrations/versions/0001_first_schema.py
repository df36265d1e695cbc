"""first schema"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.columns import RowId, UtcTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "due",
        sa.Column("id", RowId, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("due_at", UtcTime(), nullable=False),
        sa.Column("done_at", UtcTime(), nullable=True),
        sa.Column("tries", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("lease_owner", RowId, nullable=True),
        sa.Column("lease_until", UtcTime(), nullable=True),
        sa.Column("error", sa.String(length=80), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("kind", "key"),
    )
    with op.batch_alter_table("due", schema=None) as batch_op:
        batch_op.create_index(
            "due_open",
            ["due_at"],
            unique=False,
            sqlite_where=sa.text("done_at is null"),
            postgresql_where=sa.text("done_at is null"),
        )

    op.create_table(
        "in_hand",
        sa.Column("sender_key", sa.LargeBinary(), nullable=False),
        sa.Column("owner", RowId, nullable=True),
        sa.Column("since", UtcTime(), nullable=False),
        sa.Column("until", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("sender_key"),
    )
    op.create_table(
        "inbox",
        sa.Column("id", RowId, nullable=False),
        sa.Column("event_key", sa.LargeBinary(), nullable=False),
        sa.Column("sender_key", sa.LargeBinary(), nullable=True),
        sa.Column("message_key", sa.LargeBinary(), nullable=True),
        sa.Column("happened_at", UtcTime(), nullable=False),
        sa.Column("received_at", UtcTime(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("tries", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("answered_at", UtcTime(), nullable=True),
        sa.Column("error", sa.String(length=80), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("event_key"),
    )
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.create_index(
            "inbox_parked",
            ["message_key"],
            unique=False,
            sqlite_where=sa.text("state = 2"),
            postgresql_where=sa.text("state = 2"),
        )
        batch_op.create_index(
            "inbox_pending",
            ["id", "sender_key"],
            unique=False,
            sqlite_where=sa.text("state = 0"),
            postgresql_where=sa.text("state = 0"),
        )

    op.create_table(
        "keys",
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("kek_id", sa.String(length=16), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("purpose"),
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("owner", RowId, nullable=True),
        sa.Column("until", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "outbox",
        sa.Column("id", RowId, autoincrement=False, nullable=False),
        sa.Column("dedupe", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", RowId, nullable=True),
        sa.Column("way", sa.String(length=8), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("frozen", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("retry_key", sa.String(length=36), nullable=False),
        sa.Column("born_at", UtcTime(), nullable=False),
        sa.Column("due_at", UtcTime(), nullable=False),
        sa.Column("reply_until", UtcTime(), nullable=True),
        sa.Column("first_try_at", UtcTime(), nullable=True),
        sa.Column("tries", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("lease_owner", RowId, nullable=True),
        sa.Column("lease_until", UtcTime(), nullable=True),
        sa.Column("error", sa.String(length=80), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("dedupe"),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index(
            "outbox_open",
            ["due_at"],
            unique=False,
            sqlite_where=sa.text("state < 3"),
            postgresql_where=sa.text("state < 3"),
        )
        batch_op.create_index(
            "outbox_person",
            ["person_id"],
            unique=False,
            sqlite_where=sa.text("person_id is not null"),
            postgresql_where=sa.text("person_id is not null"),
        )
        batch_op.create_index("outbox_state", ["state", "born_at"], unique=False)

    op.create_table(
        "paces",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("second", RowId, nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "people",
        sa.Column("id", RowId, autoincrement=False, nullable=False),
        sa.Column("line_key", sa.LargeBinary(), nullable=False),
        sa.Column("line_id", sa.LargeBinary(), nullable=False),
        sa.Column("kek_id", sa.String(length=16), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("language", sa.String(length=10), server_default="zh-Hant", nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("blocked_at", UtcTime(), nullable=True),
        sa.Column("welcomed_on", sa.Date(), nullable=True),
        sa.Column("notice", sa.String(length=40), nullable=True),
        sa.Column("unheard", sa.SmallInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("line_key"),
    )
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_people_kek_id"), ["kek_id"], unique=False)

    op.create_table(
        "consents",
        sa.Column("id", RowId, autoincrement=False, nullable=False),
        sa.Column("person_id", RowId, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("person_id", "number"),
    )
    with op.batch_alter_table("consents", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consents_person_id"), ["person_id"], unique=False)

    op.create_table(
        "conversations",
        sa.Column("person_id", RowId, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("updated_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("person_id"),
    )
    op.create_table(
        "screenings",
        sa.Column("id", RowId, autoincrement=False, nullable=False),
        sa.Column("person_id", RowId, nullable=False),
        sa.Column("finished_at", UtcTime(), nullable=False),
        sa.Column("detailed", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("screenings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_screenings_person_id"), ["person_id"], unique=False)
        batch_op.create_index(
            "screenings_detailed",
            ["finished_at"],
            unique=False,
            sqlite_where=sa.text("detailed = 1"),
            postgresql_where=sa.text("detailed = 1"),
        )


def downgrade() -> None:
    with op.batch_alter_table("screenings", schema=None) as batch_op:
        batch_op.drop_index(
            "screenings_detailed",
            sqlite_where=sa.text("detailed = 1"),
            postgresql_where=sa.text("detailed = 1"),
        )
        batch_op.drop_index(batch_op.f("ix_screenings_person_id"))

    op.drop_table("screenings")
    op.drop_table("conversations")
    with op.batch_alter_table("consents", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_consents_person_id"))

    op.drop_table("consents")
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_people_kek_id"))

    op.drop_table("people")
    op.drop_table("paces")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index("outbox_state")
        batch_op.drop_index(
            "outbox_person",
            sqlite_where=sa.text("person_id is not null"),
            postgresql_where=sa.text("person_id is not null"),
        )
        batch_op.drop_index(
            "outbox_open", sqlite_where=sa.text("state < 3"), postgresql_where=sa.text("state < 3")
        )

    op.drop_table("outbox")
    op.drop_table("leases")
    op.drop_table("keys")
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.drop_index(
            "inbox_pending", sqlite_where=sa.text("state = 0"), postgresql_where=sa.text("state = 0")
        )
        batch_op.drop_index(
            "inbox_parked", sqlite_where=sa.text("state = 2"), postgresql_where=sa.text("state = 2")
        )

    op.drop_table("inbox")
    op.drop_table("in_hand")
    with op.batch_alter_table("due", schema=None) as batch_op:
        batch_op.drop_index(
            "due_open", sqlite_where=sa.text("done_at is null"), postgresql_where=sa.text("done_at is null")
        )

    op.drop_table("due")
