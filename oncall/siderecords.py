"""The table of calls on the side (see ``sidecalls``)."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from oncall.columns import json_column, moment, one_of


class SideCallRow(SQLModel, table=True):
    """A call about an incident that is taken, to somebody of the roster or its client: it takes nothing."""

    __tablename__: ClassVar[Any] = "side_calls"
    __table_args__ = (
        UniqueConstraint("case_id", "key"),
        one_of("purpose", "check", "join", "listen", "client"),
        one_of(
            "state", "requested", "ringing", "answered", "joined", "declined", "failed", "cancelled", "over"
        ),
        CheckConstraint(
            "state NOT IN ('requested', 'ringing', 'answered', 'joined') OR due_at IS NOT NULL",
            name="a_side_call_never_rests",
        ),
        # The few that are not over, among all that ever were.
        Index("ix_side_calls_due_at", "due_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="cases.id", index=True)
    key: str
    token: str = Field(unique=True)
    purpose: str
    person: str
    name: str
    language: str = "es"
    to: str
    phone: int = 0
    others: list[Any] = json_column()  # ids of the people who are called if this one is not reached
    asked_by: str
    state: str
    ring: float = 25.0  # seconds
    ordered_at: datetime = moment(nullable=False)
    joined_at: datetime | None = moment()
    ended_at: datetime | None = moment()
    due_at: datetime | None = moment()
    sid: str | None = None
    sequence: int = -1  # of the last status callback applied
    returns: str | None = None  # the call of the client's that is returned
