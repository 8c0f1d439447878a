"""Every entry names the version of the rosters in force when it was written; those of before name none."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("entries", sa.Column("roster", sa.String(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("entries") as entries:
        entries.drop_column("roster")
