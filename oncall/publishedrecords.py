"""What managers have callers hear."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from oncall.columns import json_column, moment


class PublishedNoticeRow(SQLModel, table=True):
    """What a manager has callers hear before the menu, until it ends. None named: all are meant."""

    __tablename__: ClassVar[Any] = "notices_published"
    __table_args__ = (CheckConstraint("ends_at > published_at", name="ends_after_it_was_published"),)

    id: int | None = Field(default=None, primary_key=True)
    texts: dict[str, Any] = json_column()  # by language, all three
    clients: list[Any] = json_column()
    integrations: list[Any] = json_column()
    case_id: int | None = Field(default=None, foreign_key="cases.id")  # the major incident
    published_at: datetime = moment(nullable=False)
    published_by: str
    ends_at: datetime = moment(nullable=False, index=True)
    ended_at: datetime | None = moment()
