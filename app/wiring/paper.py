"""The record of a case as files that go with a letter: a PDF, the same as text, and what proves it."""

from hashlib import sha256

from oncall.ports import Attachment, BookKeeper
from oncall.store import Store


class PaperRecord:
    """The port ``oncall.ports.Paper``."""

    def __init__(self, store: Store, books: BookKeeper) -> None:
        self._store = store
        self._books = books

    def record(self, case: int, language: str) -> tuple[Attachment, ...]:
        from app.paper import as_pdf, as_text, compose, export  # only here: a PDF's library is slow to read

        with self._store.reading(snapshot=True) as work:
            row = work.case(case)
            if row is None:
                return ()
            document = compose(work, row, self._books.current().service, language)
            exported = export(work, row)
        return (
            _file(f"{document.reference}.pdf", "application/pdf", as_pdf(document)),
            _file(f"{document.reference}.txt", "text/plain", as_text(document).encode()),
            _file(f"{document.reference}.json", "application/json", exported),
        )


def _file(name: str, media_type: str, content: bytes) -> Attachment:
    return Attachment(name, media_type, sha256(content).hexdigest(), content)
