"""What managers publish for callers, and the cases of callers who joined a major incident."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlalchemy_utc import UtcDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "notices_published",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("texts", _JSON, nullable=False),
        sa.Column("clients", _JSON, nullable=False),
        sa.Column("integrations", _JSON, nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("published_at", UtcDateTime(), nullable=False),
        sa.Column("published_by", sa.String(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "ends_at > published_at", name=op.f("ck_notices_published_ends_after_it_was_published")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_notices_published_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices_published")),
    )
    op.create_index(op.f("ix_notices_published_ends_at"), "notices_published", ["ends_at"])
    op.add_column("cases", sa.Column("attached_to", sa.Integer(), nullable=True))
    op.create_index(op.f("ix_cases_attached_to"), "cases", ["attached_to"])


def downgrade() -> None:
    op.drop_index(op.f("ix_cases_attached_to"), table_name="cases")
    op.drop_column("cases", "attached_to")
    op.drop_index(op.f("ix_notices_published_ends_at"), table_name="notices_published")
    op.drop_table("notices_published")
