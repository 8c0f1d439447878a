"""Synthetic calls: a guard line dialled by ourselves, to the end of its menu."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy_utc.sqltypes import UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_BEFORE = "'call', 'page_text', 'news', 'cancel', 'bring', 'mail', 'recording', 'chat', 'ticket', 'drill'"


def upgrade() -> None:
    _kinds_of_orders(f"{_BEFORE}, 'synthetic'")
    op.create_table(
        "synthetic_calls",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("client", sa.String(), nullable=False),
        sa.Column("line", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("sid", sa.String(), nullable=True),
        sa.Column("call", sa.String(), nullable=True),
        sa.Column("why", sa.String(), nullable=True),
        sa.Column("asked_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("due_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('asked', 'placed', 'known', 'passed', 'failed')",
            name=op.f("ck_synthetic_calls_state_is_known"),
        ),
        sa.CheckConstraint(
            "(state IN ('passed', 'failed')) = (ended_at IS NOT NULL)",
            name=op.f("ck_synthetic_calls_ended_has_its_time"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_synthetic_calls")),
        sa.UniqueConstraint("token", name=op.f("uq_synthetic_calls_token")),
    )
    op.create_index(op.f("ix_synthetic_calls_call"), "synthetic_calls", ["call"], unique=False)
    op.create_index(op.f("ix_synthetic_calls_due_at"), "synthetic_calls", ["due_at"], unique=False)


def downgrade() -> None:
    op.drop_table("synthetic_calls")
    op.execute("DELETE FROM orders WHERE kind = 'synthetic'")
    _kinds_of_orders(_BEFORE)


def _kinds_of_orders(kinds: str) -> None:
    name = op.f("ck_orders_kind_is_known")
    with op.batch_alter_table("orders", reflect_kwargs={"resolve_fks": False}) as table:
        table.drop_constraint(name, type_="check")
        table.create_check_constraint(name, f"kind IN ({kinds})")
