"""What a service report asks for: the cases of a client and a month, and the calls that left no case."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_cases_client", "cases", ["client", "opened_at"])
    op.create_index(
        "ix_calls_before_known",
        "calls",
        ["arrived_at"],
        sqlite_where=sa.text("case_id IS NULL"),
        postgresql_where=sa.text("case_id IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_calls_before_known", table_name="calls")
    op.drop_index("ix_cases_client", table_name="cases")
