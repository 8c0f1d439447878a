"""Which address of a manager's desk is the good one."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from oncall.records import RenewedDeskRow
from oncall.store.tables import table

_RENEWED = table(RenewedDeskRow)


class DeskAddresses:
    connection: Connection

    def desk_generations(self, managers: Collection[str]) -> dict[str, int]:
        """How often each of these managers was given a new address; who never was is not in it."""
        query = select(_RENEWED.c.manager, _RENEWED.c.generation)
        rows = self.connection.execute(query.where(_RENEWED.c.manager.in_(list(managers))))
        return {row.manager: row.generation for row in rows}

    def renew_desk(self, manager: str, at: datetime) -> None:
        """The addresses this manager had until now open nothing any more."""
        values = {"generation": _RENEWED.c.generation + 1, "renewed_at": at}
        done = self.connection.execute(update(_RENEWED).where(_RENEWED.c.manager == manager).values(values))
        if done.rowcount == 0:
            first = {"manager": manager, "generation": 1, "renewed_at": at}
            self.connection.execute(insert(_RENEWED).values(first))
