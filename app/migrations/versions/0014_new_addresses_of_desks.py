"""Managers' desks that were moved to a new address."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy_utc import UtcDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "desks_renewed",
        sa.Column("manager", sa.String(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("renewed_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("generation > 0", name=op.f("ck_desks_renewed_the_first_address_has_no_row")),
        sa.PrimaryKeyConstraint("manager", name=op.f("pk_desks_renewed")),
    )


def downgrade() -> None:
    op.drop_table("desks_renewed")
