"""Which managers' desks were moved to a new address."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from oncall.columns import moment


class RenewedDeskRow(SQLModel, table=True):
    """A manager whose first address opens nothing any more: only that of the last generation does."""

    __tablename__: ClassVar[Any] = "desks_renewed"
    __table_args__ = (CheckConstraint("generation > 0", name="the_first_address_has_no_row"),)

    manager: str = Field(primary_key=True)
    generation: int  # how often
    renewed_at: datetime = moment(nullable=False)
