"""The client is called back by a call of the guard's own, which returns one of theirs."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_BEFORE = ("check", "join", "listen")


def upgrade() -> None:
    _purposes((*_BEFORE, "client"))
    op.add_column("side_calls", sa.Column("returns", sa.String(), nullable=True))


def _purposes(listed_now: tuple[str, ...]) -> None:
    """What a call on the side may be for."""
    listed = ", ".join(f"'{purpose}'" for purpose in listed_now)
    with op.batch_alter_table("side_calls", reflect_kwargs={"resolve_fks": False}) as batch:
        batch.drop_constraint(op.f("ck_side_calls_purpose_is_known"), type_="check")
        batch.create_check_constraint(op.f("ck_side_calls_purpose_is_known"), f"purpose IN ({listed})")


def downgrade() -> None:
    op.drop_column("side_calls", "returns")
    op.execute("DELETE FROM side_calls WHERE purpose = 'client'")
    _purposes(_BEFORE)
