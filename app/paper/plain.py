"""The document as plain text, to be read anywhere and compared line by line."""

import textwrap

from app.paper.document import Document, Table

_WIDTH = 96


def as_text(document: Document) -> str:
    """The whole document, lines of at most 96 characters where words allow it."""
    parts = [f"{document.title}\n{'=' * len(document.title)}"]
    parts += [_table(table) for table in document.tables]
    parts.append("\n".join(_wrapped(line, 0) for line in document.foot))
    return "\n\n".join(parts) + "\n"


def _table(table: Table) -> str:
    lines = [table.title, "-" * len(table.title)] if table.title else []
    rows = [table.heads, *table.rows] if table.heads else list(table.rows)
    last = len(table.widths) - 1
    widths = [max(len(row[i]) for row in rows) for i in range(last)]
    for row in rows:
        start = "  ".join(cell.ljust(width) for cell, width in zip(row[:last], widths, strict=True))
        lines.append(f"{start}  {_wrapped(row[last], len(start) + 2)}".rstrip())
    return "\n".join(lines)


def _wrapped(words: str, indent: int) -> str:
    """Broken between words, the lines after the first under the first."""
    room = max(_WIDTH - indent, 30)
    lines = [
        piece
        for line in words.splitlines()
        for piece in (textwrap.wrap(line, room, break_long_words=False, break_on_hyphens=False) or [""])
    ]
    return ("\n" + " " * indent).join(lines)
