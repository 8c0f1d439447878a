"""The tables of the guard."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_LIVE = "kind = 'incident' AND state <> 'closed' AND client IS NOT NULL AND NOT disputed"


def upgrade() -> None:
    _cases()
    _heartbeats()
    _notices()
    _pacing()
    _roster_sources()
    _rosters()
    _swaps()
    _calls()
    _entries()
    _pages()
    _recordings()
    _orders()


def _cases() -> None:
    op.create_table(
        "cases",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("client", sa.String(), nullable=True),
        sa.Column("client_name", sa.String(), nullable=False),
        sa.Column("integration", sa.String(), nullable=True),
        sa.Column("integration_name", sa.String(), nullable=False),
        sa.Column("priority", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("unverified", sa.Boolean(), nullable=False),
        sa.Column("disputed", sa.Boolean(), nullable=False),
        sa.Column("line", sa.String(), nullable=False),
        sa.Column("caller", sa.String(), nullable=True),
        sa.Column("contact", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("timezone", sa.String(), nullable=False),
        sa.Column("team", sa.String(), nullable=True),
        sa.Column("roster", sa.String(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paging_began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by", sa.String(), nullable=True),
        sa.Column("acknowledged_by_name", sa.String(), nullable=True),
        sa.Column("first_taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("respond_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolve_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("policy", JSON, nullable=False),
        sa.Column("ring", sa.Float(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("is_resting", sa.Boolean(), nullable=False),
        sa.Column("round_began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("level_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("head", sa.String(), nullable=False),
        sa.Column("letters", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_cases_closed_has_its_time")
        ),
        sa.CheckConstraint(
            "kind <> 'refusal' OR reason IS NOT NULL", name=op.f("ck_cases_a_refusal_has_a_reason")
        ),
        sa.CheckConstraint(
            "kind = 'incident' OR state = 'closed'", name=op.f("ck_cases_only_incidents_stay_open")
        ),
        sa.CheckConstraint(
            "kind IN ('incident', 'refusal', 'abandoned')", name=op.f("ck_cases_kind_is_known")
        ),
        sa.CheckConstraint(
            "priority IS NULL OR priority IN ('blocker', 'high', 'medium', 'low')",
            name=op.f("ck_cases_priority_is_known"),
        ),
        sa.CheckConstraint(
            "state <> 'acknowledged' OR (acknowledged_at IS NOT NULL AND acknowledged_by IS NOT NULL)",
            name=op.f("ck_cases_a_taken_incident_has_a_holder"),
        ),
        sa.CheckConstraint(
            "state <> 'open' OR acknowledged_by IS NULL", name=op.f("ck_cases_an_open_incident_has_no_holder")
        ),
        sa.CheckConstraint(
            "state <> 'open' OR due_at IS NOT NULL", name=op.f("ck_cases_an_open_incident_never_rests")
        ),
        sa.CheckConstraint(
            "state IN ('open', 'acknowledged', 'closed')", name=op.f("ck_cases_state_is_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
    )
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cases_due_at"), ["due_at"], unique=False)
        batch_op.create_index("ix_cases_live", ["state", "client"], unique=False)
        batch_op.create_index(batch_op.f("ix_cases_opened_at"), ["opened_at"], unique=False)


def _heartbeats() -> None:
    op.create_table(
        "heartbeats",
        sa.Column("worker", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("worker", name=op.f("pk_heartbeats")),
    )


def _notices() -> None:
    op.create_table(
        "notices",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_notices")),
    )


def _pacing() -> None:
    op.create_table(
        "pacing",
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_pacing")),
    )


def _roster_sources() -> None:
    op.create_table(
        "roster_sources",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_roster_sources")),
    )


def _rosters() -> None:
    op.create_table(
        "rosters",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("files", JSON, nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rosters")),
    )


def _swaps() -> None:
    op.create_table(
        "swaps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("rotation", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("instead_of", sa.String(), nullable=False),
        sa.Column("starts", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_of", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('asked', 'in_force', 'refused')", name=op.f("ck_swaps_state_is_known")),
        sa.CheckConstraint("starts < ends", name=op.f("ck_swaps_ends_after_it_starts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_swaps")),
    )
    with op.batch_alter_table("swaps", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_swaps_code"), ["code"], unique=False)


def _calls() -> None:
    op.create_table(
        "calls",
        sa.Column("sid", sa.String(), nullable=False),
        sa.Column("line", sa.String(), nullable=False),
        sa.Column("caller", sa.String(), nullable=True),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", JSON, nullable=False),
        sa.Column("notes", JSON, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_calls_case_id")),
        sa.PrimaryKeyConstraint("sid", name=op.f("pk_calls")),
    )
    with op.batch_alter_table("calls", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_calls_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_calls_due_at"), ["due_at"], unique=False)


def _entries() -> None:
    op.create_table(
        "entries",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("data", JSON, nullable=False),
        sa.Column("previous", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_entries_case_id")),
        sa.PrimaryKeyConstraint("case_id", "number", name=op.f("pk_entries")),
    )


def _pages() -> None:
    op.create_table(
        "pages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("to", sa.String(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("phone", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sid", sa.String(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column("roster", sa.String(), nullable=False),
        sa.Column("leg", sa.Integer(), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.CheckConstraint("channel IN ('call', 'sms')", name=op.f("ck_pages_channel_is_known")),
        sa.CheckConstraint(
            "state IN ('requested', 'ringing', 'answered', 'acknowledged', 'passed', 'failed', 'cancelled')",
            name=op.f("ck_pages_state_is_known"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_pages_case_id")),
        sa.ForeignKeyConstraint(["leg"], ["pages.id"], name=op.f("fk_pages_leg")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pages")),
        sa.UniqueConstraint("case_id", "key", name=op.f("uq_pages_case_id")),
        sa.UniqueConstraint("token", name=op.f("uq_pages_token")),
    )
    with op.batch_alter_table("pages", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pages_case_id"), ["case_id"], unique=False)
        batch_op.create_index("ix_pages_code", ["code"], unique=False)
        batch_op.create_index(batch_op.f("ix_pages_leg"), ["leg"], unique=False)
        batch_op.create_index("ix_pages_live", ["person", "channel", "state"], unique=False)
        batch_op.create_index("ix_pages_requested", ["person", "channel", "requested_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_pages_sid"), ["sid"], unique=False)


def _recordings() -> None:
    op.create_table(
        "recordings",
        sa.Column("sid", sa.String(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("audio", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_recordings_case_id")),
        sa.PrimaryKeyConstraint("sid", name=op.f("pk_recordings")),
        sa.UniqueConstraint("token", name=op.f("uq_recordings_token")),
    )
    with op.batch_alter_table("recordings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recordings_case_id"), ["case_id"], unique=False)


def _orders() -> None:
    op.create_table(
        "orders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("once", sa.String(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("page_id", sa.Integer(), nullable=True),
        sa.Column("payload", JSON, nullable=False),
        sa.Column("urgency", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('call', 'page_text', 'news', 'cancel', 'bring', 'mail', 'recording')",
            name=op.f("ck_orders_kind_is_known"),
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'done', 'failed', 'void')", name=op.f("ck_orders_state_is_known")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_orders_case_id")),
        sa.ForeignKeyConstraint(["page_id"], ["pages.id"], name=op.f("fk_orders_page_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
        sa.UniqueConstraint("once", name=op.f("uq_orders_once")),
    )
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_orders_case_id"), ["case_id"], unique=False)
        batch_op.create_index("ix_orders_waiting", ["state", "due_at"], unique=False)
    op.create_index(
        "one_incident_per_integration",
        "cases",
        ["client", sa.text("coalesce(integration, '')")],
        unique=True,
        sqlite_where=sa.text(_LIVE),
        postgresql_where=sa.text(_LIVE),
    )


def downgrade() -> None:
    op.drop_index("one_incident_per_integration", table_name="cases")
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.drop_index("ix_orders_waiting")
        batch_op.drop_index(batch_op.f("ix_orders_case_id"))

    op.drop_table("orders")
    with op.batch_alter_table("recordings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_recordings_case_id"))

    op.drop_table("recordings")
    with op.batch_alter_table("pages", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pages_sid"))
        batch_op.drop_index("ix_pages_requested")
        batch_op.drop_index("ix_pages_live")
        batch_op.drop_index(batch_op.f("ix_pages_leg"))
        batch_op.drop_index("ix_pages_code")
        batch_op.drop_index(batch_op.f("ix_pages_case_id"))

    op.drop_table("pages")
    op.drop_table("entries")
    with op.batch_alter_table("calls", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_calls_due_at"))
        batch_op.drop_index(batch_op.f("ix_calls_case_id"))

    op.drop_table("calls")
    with op.batch_alter_table("swaps", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_swaps_code"))

    op.drop_table("swaps")
    op.drop_table("rosters")
    op.drop_table("roster_sources")
    op.drop_table("pacing")
    op.drop_table("notices")
    op.drop_table("heartbeats")
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_cases_opened_at"))
        batch_op.drop_index("ix_cases_live")
        batch_op.drop_index(batch_op.f("ix_cases_due_at"))

    op.drop_table("cases")
