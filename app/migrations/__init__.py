"""The history of the tables, and how a database is brought to the present."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect


def upgrade(engine: Engine) -> None:
    """Bring the database to the current schema; doing it again changes nothing."""
    with engine.connect() as connection, connection.execution_options(guardia_writes=True).begin():
        config = _config(connection)
        command.upgrade(config, "head")


def is_empty(engine: Engine) -> bool:
    return not inspect(engine).get_table_names()


def is_current(engine: Engine) -> bool:
    with engine.connect() as connection:
        there = MigrationContext.configure(connection).get_current_revision()
        return there == ScriptDirectory.from_config(_config(connection)).get_current_head()


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config
