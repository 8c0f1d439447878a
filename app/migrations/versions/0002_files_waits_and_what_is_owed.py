"""Files of a case, waits on the client or a third party, and what a person still has to write."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy_utc.sqltypes import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "files",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_files_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_files")),
        sa.UniqueConstraint("case_id", "digest", "name", name=op.f("uq_files_case_id")),
        sa.UniqueConstraint("token", name=op.f("uq_files_token")),
    )
    op.create_index(op.f("ix_files_digest"), "files", ["digest"])
    _waits()
    _owed()


def _waits() -> None:
    op.create_table(
        "waits",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("party", sa.String(), nullable=False),
        sa.Column("asked", sa.String(), nullable=False),
        sa.Column("whom", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("since", UtcDateTime(timezone=True), nullable=False),
        sa.Column("until", UtcDateTime(timezone=True), nullable=False),
        sa.Column("due_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("ended_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.CheckConstraint("party IN ('client', 'third_party')", name=op.f("ck_waits_party_is_known")),
        sa.CheckConstraint(
            "(due_at IS NULL) = (ended_at IS NOT NULL)", name=op.f("ck_waits_a_wait_ends_or_is_due")
        ),
        sa.CheckConstraint(
            "ended_at IS NULL OR ended_at >= since", name=op.f("ck_waits_ends_after_it_began")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_waits_case_id")),
        sa.PrimaryKeyConstraint("case_id", "entry", name=op.f("pk_waits")),
    )
    op.create_index(op.f("ix_waits_due_at"), "waits", ["due_at"])


def _owed() -> None:
    op.create_table(
        "owed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("page", sa.String(), nullable=False),
        sa.Column("since", UtcDateTime(timezone=True), nullable=False),
        sa.Column("due_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("settled_at", UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("what IN ('agreement', 'closure')", name=op.f("ck_owed_what_is_known")),
        sa.CheckConstraint(
            "settled_at IS NULL OR due_at IS NULL", name=op.f("ck_owed_what_is_settled_is_not_asked_for")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_owed_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_owed")),
        sa.UniqueConstraint("case_id", "what", "since", name=op.f("uq_owed_case_id")),
    )
    op.create_index(op.f("ix_owed_case_id"), "owed", ["case_id"])
    op.create_index(op.f("ix_owed_due_at"), "owed", ["due_at"])


def downgrade() -> None:
    op.drop_table("owed")
    op.drop_table("waits")
    op.drop_table("files")
