"""Who has an incident: when they were last heard from, their ETA, and the calls on the side."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_NEVER_RESTS = "state <> 'acknowledged' OR heard_at IS NULL OR due_at IS NOT NULL"
_NAME = "ck_cases_a_taken_incident_never_rests"
_BEFORE = (
    "call",
    "page_text",
    "news",
    "cancel",
    "bring",
    "mail",
    "recording",
    "chat",
    "ticket",
    "drill",
    "synthetic",
)
_AFTER = (*_BEFORE, "room")


def upgrade() -> None:
    _holder()
    op.add_column("pages", sa.Column("talks_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("pages", sa.Column("talk_sid", sa.String(), nullable=True))
    op.create_index(op.f("ix_pages_talk_sid"), "pages", ["talk_sid"])
    _side_calls()
    _order_kinds(_AFTER)


def _holder() -> None:
    for name in ("eta", "ask_at"):
        op.add_column("cases", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "cases", sa.Column("is_doubted", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    if op.get_bind().dialect.name == "sqlite":
        # To make the table anew would lose its index over an expression.
        op.execute(
            f"ALTER TABLE cases ADD COLUMN heard_at DATETIME CONSTRAINT {_NAME} CHECK ({_NEVER_RESTS})"
        )
        return
    op.add_column("cases", sa.Column("heard_at", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(op.f(_NAME), "cases", _NEVER_RESTS)


def _side_calls() -> None:
    op.create_table(
        "side_calls",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("to", sa.String(), nullable=False),
        sa.Column("phone", sa.Integer(), nullable=False),
        sa.Column("others", JSON, nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("ring", sa.Float(), nullable=False),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sid", sa.String(), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "purpose IN ('check', 'join', 'listen')", name=op.f("ck_side_calls_purpose_is_known")
        ),
        sa.CheckConstraint(
            "state IN ('requested', 'ringing', 'answered', 'joined', 'declined', 'failed', "
            "'cancelled', 'over')",
            name=op.f("ck_side_calls_state_is_known"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('requested', 'ringing', 'answered', 'joined') OR due_at IS NOT NULL",
            name=op.f("ck_side_calls_a_side_call_never_rests"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_side_calls_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_side_calls")),
        sa.UniqueConstraint("case_id", "key", name=op.f("uq_side_calls_case_id")),
        sa.UniqueConstraint("token", name=op.f("uq_side_calls_token")),
    )
    op.create_index(op.f("ix_side_calls_case_id"), "side_calls", ["case_id"])
    op.create_index("ix_side_calls_due_at", "side_calls", ["due_at"])


def _order_kinds(listed_now: tuple[str, ...]) -> None:
    """What may be ordered."""
    listed = ", ".join(f"'{kind}'" for kind in listed_now)
    # SQLite makes the table anew; it need not look at those that this one refers to.
    with op.batch_alter_table("orders", reflect_kwargs={"resolve_fks": False}) as batch:
        batch.drop_constraint(op.f("ck_orders_kind_is_known"), type_="check")
        batch.create_check_constraint(op.f("ck_orders_kind_is_known"), f"kind IN ({listed})")


def downgrade() -> None:
    op.execute("DELETE FROM orders WHERE kind = 'room'")
    _order_kinds(_BEFORE)
    op.drop_table("side_calls")
    op.drop_index(op.f("ix_pages_talk_sid"), table_name="pages")
    op.drop_column("pages", "talk_sid")
    op.drop_column("pages", "talks_since")
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint(op.f(_NAME), "cases", type_="check")
    for name in ("heard_at", "is_doubted", "ask_at", "eta"):
        op.drop_column("cases", name)
