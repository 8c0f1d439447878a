"""Recordings of conversations: which leg's, of which turn, and whether one is being made."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

# With the column, in one statement: SQLite takes no constraint on its own without copying the table.
_KIND = (
    "ALTER TABLE recordings ADD COLUMN kind VARCHAR DEFAULT 'message' NOT NULL"
    " CONSTRAINT ck_recordings_kind_is_known CHECK (kind IN ('message', 'conversation'))"
)
_RUNNING = (
    "ALTER TABLE recordings ADD COLUMN running VARCHAR CONSTRAINT ck_recordings_running_is_known"
    " CHECK (running IS NULL OR running IN ('on', 'paused'))"
)


def upgrade() -> None:
    op.execute(_KIND)
    op.add_column("recordings", sa.Column("leg", sa.String(), nullable=True))
    op.add_column("recordings", sa.Column("turn", sa.Integer(), nullable=True))
    op.execute(_RUNNING)
    op.create_index("one_recording_per_conversation", "recordings", ["leg", "turn"], unique=True)


def downgrade() -> None:
    op.drop_index("one_recording_per_conversation", table_name="recordings")
    for name in ("running", "turn", "leg", "kind"):
        op.drop_column("recordings", name)
