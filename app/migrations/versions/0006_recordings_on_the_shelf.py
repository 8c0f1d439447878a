"""Recordings are kept on the shelf: their hash, and why there is no sound (any more)."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# With the column, in one statement: SQLite takes no constraint on its own without copying the table.
_GONE = (
    "ALTER TABLE recordings ADD COLUMN gone VARCHAR CONSTRAINT ck_recordings_gone_is_known"
    " CHECK (gone IS NULL OR gone IN ('absent', 'refused', 'removed'))"
)


def upgrade() -> None:
    op.add_column("recordings", sa.Column("digest", sa.String(), nullable=True))
    op.execute(_GONE)
    op.create_index(op.f("ix_recordings_digest"), "recordings", ["digest"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_recordings_digest"), table_name="recordings")
    op.drop_column("recordings", "gone")
    op.drop_column("recordings", "digest")
