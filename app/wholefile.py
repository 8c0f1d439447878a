"""A file that is replaced whole: a reader sees the old or the new one, also after a power cut."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path


def replace_whole(path: Path, content: bytes, mode: int) -> None:
    """Put ``content`` under ``path``, with these permissions. Raises OSError, and then nothing changed."""
    handle, scratch = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".new")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(scratch, mode)
        os.replace(scratch, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(scratch)
        raise
