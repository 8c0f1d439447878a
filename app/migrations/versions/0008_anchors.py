"""Each day's anchor over the heads of all records."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("anchored", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "anchors",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("previous", sa.String(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("root", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_anchors")),
        sa.UniqueConstraint("hash", name=op.f("uq_anchors_hash")),
    )
    op.create_index(op.f("ix_anchors_day"), "anchors", ["day"])
    op.create_table(
        "anchored",
        sa.Column("anchor", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("head", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["anchor"], ["anchors.number"], name=op.f("fk_anchored_anchor")),
        sa.PrimaryKeyConstraint("anchor", "case_id", name=op.f("pk_anchored")),
    )
    op.create_index(op.f("ix_anchored_case_id"), "anchored", ["case_id"])


def downgrade() -> None:
    op.drop_table("anchored")
    op.drop_table("anchors")
    op.drop_column("cases", "anchored")
