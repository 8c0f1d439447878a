"""Alembic's entry: it works on the connection it is handed."""

from alembic import context
from sqlmodel import SQLModel

from oncall import records

assert records.SQLModel is SQLModel  # the tables are registered

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
