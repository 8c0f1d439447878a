"""Chats and a ticket system among what leaves; mails that were read."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy_utc.sqltypes import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_BEFORE = "'call', 'page_text', 'news', 'cancel', 'bring', 'mail', 'recording'"
_NEW = "'chat', 'ticket'"
_UNTICKETED = "ticketed < entries"


def upgrade() -> None:
    _kinds_of_orders(f"{_BEFORE}, {_NEW}")
    op.add_column("cases", sa.Column("ticketed", sa.Integer(), nullable=False, server_default="0"))
    op.create_index(
        "ix_cases_unticketed",
        "cases",
        ["id"],
        sqlite_where=sa.text(_UNTICKETED),
        postgresql_where=sa.text(_UNTICKETED),
    )
    op.create_table(
        "mailboxes",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("validity", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_mailboxes")),
    )
    op.create_table(
        "received",
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "verdict IN ('entered', 'quarantined', 'bounced', 'ignored')",
            name=op.f("ck_received_verdict_is_known"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_received_case_id")),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_received")),
    )
    op.create_index(op.f("ix_received_case_id"), "received", ["case_id"])


def downgrade() -> None:
    op.drop_table("received")
    op.drop_table("mailboxes")
    op.drop_index("ix_cases_unticketed", table_name="cases")
    op.drop_column("cases", "ticketed")
    op.execute(f"DELETE FROM orders WHERE kind IN ({_NEW})")
    _kinds_of_orders(_BEFORE)


def _kinds_of_orders(kinds: str) -> None:
    name = op.f("ck_orders_kind_is_known")
    with op.batch_alter_table("orders", reflect_kwargs={"resolve_fks": False}) as table:
        table.drop_constraint(name, type_="check")
        table.create_check_constraint(name, f"kind IN ({kinds})")
