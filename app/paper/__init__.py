"""The record on paper: the facts, clocks, pages, entries and files of a case, as a PDF and as text.

Beside it the export, for the verifier that clients run themselves (``verify_record.py``).
The same document in the case's language or another, with the same bytes for
the same record: it is dated by its last entry, not by when it was printed.
"""

from app.paper.document import Bars, Document, Table, compose
from app.paper.export import VERIFIER, export
from app.paper.plain import as_text

__all__ = ["VERIFIER", "Bars", "Document", "Table", "as_pdf", "as_text", "compose", "export"]


def as_pdf(document: Document) -> bytes:
    """The whole document; long records go on over as many pages as they need."""
    from app.paper.pdf import as_pdf as drawn  # only here: a guard that idles is spared twenty megabytes

    return drawn(document)
