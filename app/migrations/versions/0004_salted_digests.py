"""Names and numbers are covered by salted digests, so that they can be erased."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("entries", sa.Column("format", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("entries", sa.Column("salts", JSON, nullable=False, server_default="{}"))
    op.add_column("entries", sa.Column("erased", JSON, nullable=False, server_default="{}"))


def downgrade() -> None:
    for name in ("erased", "salts", "format"):
        op.drop_column("entries", name)
