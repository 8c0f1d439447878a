"""Drills: test pages, and who passed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy_utc.sqltypes import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_BEFORE = "'call', 'page_text', 'news', 'cancel', 'bring', 'mail', 'recording', 'chat', 'ticket'"


def upgrade() -> None:
    _kinds_of_orders(f"{_BEFORE}, 'drill'")
    op.create_table(
        "drills",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("phone", sa.Integer(), nullable=False),
        sa.Column("to", sa.String(), nullable=True),
        sa.Column("sid", sa.String(), nullable=True),
        sa.Column("why", sa.String(), nullable=True),
        sa.Column("asked_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("answered_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("passed_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("due_at", UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('asked', 'ringing', 'answered', 'passed', 'failed')",
            name=op.f("ck_drills_state_is_known"),
        ),
        sa.CheckConstraint(
            "(state = 'passed') = (passed_at IS NOT NULL)", name=op.f("ck_drills_passed_has_its_time")
        ),
        sa.CheckConstraint(
            "state IN ('passed', 'failed') OR due_at IS NOT NULL",
            name=op.f("ck_drills_what_goes_on_has_an_end"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drills")),
        sa.UniqueConstraint("token", name=op.f("uq_drills_token")),
    )
    op.create_index(op.f("ix_drills_due_at"), "drills", ["due_at"], unique=False)
    op.create_index(op.f("ix_drills_person"), "drills", ["person"], unique=False)


def downgrade() -> None:
    op.drop_table("drills")
    op.execute("DELETE FROM orders WHERE kind = 'drill'")
    _kinds_of_orders(_BEFORE)


def _kinds_of_orders(kinds: str) -> None:
    name = op.f("ck_orders_kind_is_known")
    with op.batch_alter_table("orders", reflect_kwargs={"resolve_fks": False}) as table:
        table.drop_constraint(name, type_="check")
        table.create_check_constraint(name, f"kind IN ({kinds})")
