"""Alembic's entry: it works on the connection it is handed."""

from alembic import context
from sqlmodel import SQLModel

from oncall import records

assert records.CaseRow.metadata is SQLModel.metadata  # importing the records registers the tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
