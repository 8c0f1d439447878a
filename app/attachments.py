"""Files that people attach to a case: which are taken, by what is in them, and as what they are kept.

What is not on the list is not taken. Nothing is ever shown in a page or run: a file is given
back only to be saved, and only to who may see its case.
"""

import re
import unicodedata

import filetype

from oncall.dispatcher.casework import Upload

LARGEST = 10_000_000  # bytes
_LONGEST_NAME = 120
_OFFICE = "application/vnd.openxmlformats-officedocument."

# By what the content is, not by what it is called: the kind, and the endings of names that fit it.
_TAKEN: dict[str, tuple[str, ...]] = {
    "image/png": ("png",),
    "image/jpeg": ("jpg", "jpeg"),
    "image/gif": ("gif",),
    "image/webp": ("webp",),
    "application/pdf": ("pdf",),
    f"{_OFFICE}wordprocessingml.document": ("docx",),
    f"{_OFFICE}spreadsheetml.sheet": ("xlsx",),
    "application/zip": ("zip",),
    "text/plain": ("txt", "log", "csv", "tsv", "json", "xml", "har", "eml", "md", "yaml", "yml"),
}


class NotTaken(Exception):
    """A file that is not taken; ``lack`` says why, as in ``lack.<lack>`` of the catalogs."""

    def __init__(self, lack: str, name: str) -> None:
        super().__init__(f"{name}: {lack}")
        self.lack = lack
        self.name = name


def taken(name: str, content: bytes) -> Upload:
    """The file, with a harmless name and the kind that its content is. Raises NotTaken."""
    shown = _harmless(name)
    if not 0 < len(content) <= LARGEST:
        raise NotTaken("file_size", shown)
    kind = _kind(content)
    ending = shown.rpartition(".")[2].lower()
    if ending not in _TAKEN.get(kind or "", ()):
        raise NotTaken("file_type", shown)
    assert kind is not None
    return Upload(shown, kind, content)


def _kind(content: bytes) -> str | None:
    """What the content is; text is what reads as UTF-8 and holds no control characters."""
    found: str | None = filetype.guess_mime(content)
    if found is not None:
        return found
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return None
    return None if re.search(r"[\x00-\x08\x0b\x0e-\x1f\x7f]", text) else "text/plain"


def _harmless(name: str) -> str:
    """The last part of a path, without control characters or what turns the reading direction."""
    bare = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    kept = "".join(c for c in bare if unicodedata.category(c)[0] != "C").strip(" .")
    stem, dot, ending = (kept or "file").rpartition(".")
    return f"{stem[: _LONGEST_NAME - len(ending)]}{dot}{ending}"[-_LONGEST_NAME:]
