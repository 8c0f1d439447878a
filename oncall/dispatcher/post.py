"""A letter as its order keeps it, and as it leaves: with its files, taken from the shelf as it does."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from oncall.dispatcher.letters import Letters
from oncall.ports import Attachment, Handed, Letter, Shelf
from oncall.store import Work

LASTS = timedelta(days=1)  # for so long a letter is tried

# Many mail servers refuse a message over 10 MB, and what is attached grows by a third on the way.
LARGEST_TOGETHER = 7_000_000  # bytes

# A file of a letter before it leaves: name, media_type, digest.
File = Mapping[str, Any]


def letter_of(payload: Mapping[str, Any], name: str) -> Letter:
    """The letter of an order, without its files: ``name`` is the same however often it is sent again."""
    return Letter(
        payload["template"],
        payload["language"],
        tuple(payload["to"]),
        tuple(payload["bcc"]),
        payload["reference"],
        payload["number"],
        payload["facts"],
        name=name,
    )


def with_files(letter: Letter, printed: Sequence[Attachment], files: Sequence[File], shelf: Shelf) -> Letter:
    """The letter with what was printed for it, and with the files in their order.

    What would make it too heavy, or is gone, is only named. Raises Unreachable where the shelf
    cannot be asked.
    """
    attached, together = [], 0
    kept = (Attachment(f["name"], f["media_type"], f["digest"], shelf.get(f["digest"])) for f in files)
    for attachment in (*printed, *kept):
        size = len(attachment.content or b"")
        if together + size > LARGEST_TOGETHER:
            attached.append(replace(attachment, content=None, is_too_large=True))
            continue
        together += size
        attached.append(attachment)
    return replace(letter, attachments=tuple(attached))


def order_record(
    work: Work, letters: Letters, case: Row[Any], to: tuple[str, ...], language: str, at: datetime
) -> None:
    """The whole record, as PDF and text, to somebody who may read it."""
    number = work.next_letter(case.id)
    payload = letters.record_to(work, case, to, language) | {"number": number, "record": True}
    work.order("mail", f"mail:{case.id}:{number}", at, LASTS, case=case.id, payload=payload, urgency=100)


def entry_of(letter: Letter, handed: Handed | None = None) -> dict[str, Any]:
    """What the record says of a letter; once it was handed over, by which name and with which bytes."""
    told: dict[str, Any] = {"template": letter.template, "to": list(letter.to)}
    if letter.bcc:
        told["bcc"] = list(letter.bcc)
    if letter.attachments:
        told["files"] = [
            {"name": a.name, "sha256": a.digest, "attached": a.content is not None}
            for a in letter.attachments
        ]
    if handed is not None:
        told |= {"message_id": handed.message_id, "sha256": handed.digest}
    return told
