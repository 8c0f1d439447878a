"""The history of the tables, and how a database is brought to the present.

Alembic is large, and a database that is current has no need of it: it is imported where it is used.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

if TYPE_CHECKING:
    from alembic.config import Config

_HERE = Path(__file__).parent


def upgrade(engine: Engine) -> None:
    """Bring the database to the current schema; doing it again changes nothing."""
    from alembic import command

    with engine.connect() as connection, connection.execution_options(guardia_writes=True).begin():
        command.upgrade(_config(connection), "head")


def is_empty(engine: Engine) -> bool:
    return not inspect(engine).get_table_names()


def is_current(engine: Engine) -> bool:
    if not inspect(engine).has_table("alembic_version"):
        return False
    with engine.connect() as connection:
        there = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return bool(there == newest_revision())


def newest_revision() -> str:
    """The files are named after their revisions, which are counted: ``0001_the_tables.py``."""
    return max(path.name.split("_")[0] for path in (_HERE / "versions").glob("[0-9]*_*.py"))


def _config(connection: Connection) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_HERE))
    config.attributes["connection"] = connection
    return config
