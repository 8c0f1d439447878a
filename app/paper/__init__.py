"""The record on paper: the facts, clocks, pages, entries and files of a case, as a PDF and as text.

The same document in the case's language or another, with the same bytes for
the same record: it is dated by its last entry, not by when it was printed.
"""

from app.paper.document import Document, Table, compose
from app.paper.pdf import as_pdf
from app.paper.plain import as_text

__all__ = ["Document", "Table", "as_pdf", "as_text", "compose"]
