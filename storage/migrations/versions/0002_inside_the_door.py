"""rights, what was not found, one-time links, and what the operator confirms"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.columns import RowId, UtcTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("people", sa.Column("sealed_at", UtcTime(), nullable=True))
    op.add_column("people", sa.Column("puzzled", sa.LargeBinary(), nullable=True))
    op.create_index(
        "people_sealed",
        "people",
        ["sealed_at"],
        sqlite_where=sa.text("sealed_at is not null"),
        postgresql_where=sa.text("sealed_at is not null"),
    )
    op.add_column("in_hand", sa.Column("minute", sa.Integer(), server_default="0", nullable=False))
    op.add_column("in_hand", sa.Column("used", sa.Integer(), server_default="0", nullable=False))
    op.create_table(
        "missed_terms",
        sa.Column("term_key", sa.LargeBinary(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("term", sa.String(length=80), nullable=True),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("term_key"),
    )
    op.create_table(
        "missed_by",
        sa.Column("term_key", sa.LargeBinary(), nullable=False),
        sa.Column("asker_key", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["term_key"], ["missed_terms.term_key"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("term_key", "asker_key"),
    )
    op.create_table(
        "links",
        sa.Column("token_key", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", RowId, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.Column("used_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("token_key"),
    )
    op.create_index("ix_links_person_id", "links", ["person_id"])
    op.create_table(
        "confirmations",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("confirmed_on", sa.Date(), nullable=False),
        sa.Column("confirmed_by", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def downgrade() -> None:
    op.drop_table("confirmations")
    op.drop_index("ix_links_person_id", "links")
    op.drop_table("links")
    op.drop_table("missed_by")
    op.drop_table("missed_terms")
    op.drop_index("people_sealed", "people")
    # Column by column: a table made anew in a batch would be dropped, and what hangs on it with it.
    for table, column in (
        ("in_hand", "used"), ("in_hand", "minute"), ("people", "puzzled"), ("people", "sealed_at"),
    ):  # fmt: skip
        op.drop_column(table, column)
