"""Which cases are held, and of which all that was personal was erased."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("held", sa.String(), nullable=True))
    op.add_column("cases", sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "cases", sa.Column("sounds_end", sa.Boolean(), nullable=False, server_default=sa.text("false"))
    )


def downgrade() -> None:
    for name in ("sounds_end", "forgotten_at", "held"):
        op.drop_column("cases", name)
