"""A file that is replaced whole: a reader sees the old or the new one, also after a power cut."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

_BEFORE, _AFTER = ".", ".new"
SCRATCH = f"{_BEFORE}*{_AFTER}"  # what the files are called that are not whole yet


@contextmanager
def scratch_in(folder: Path) -> Iterator[IO[bytes]]:
    """A file to be written, which is gone at the end unless it was put in its place. Raises OSError."""
    with NamedTemporaryFile(dir=folder, prefix=_BEFORE, suffix=_AFTER, delete=False) as file:
        try:
            yield file
        finally:
            with suppress(OSError):
                os.unlink(file.name)


def put_in_place(file: IO[bytes], path: Path, mode: int) -> None:
    """A scratch file of the same disk becomes ``path``, with these permissions. Raises OSError."""
    file.flush()
    os.fsync(file.fileno())
    os.chmod(file.name, mode)
    os.replace(file.name, path)


def replace_whole(path: Path, content: bytes, mode: int) -> None:
    """Put ``content`` under ``path``, with these permissions. Raises OSError, and then nothing changed."""
    with scratch_in(path.parent) as file:
        file.write(content)
        put_in_place(file, path, mode)
