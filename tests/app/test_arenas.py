"""What the C library keeps back: as little for eight threads as for two."""

import platform
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

ROOT = Path(__file__).parents[2]

# While they all hold memory that they allocated, the C library's own report names its arenas.
_EIGHT_THREADS_ALLOCATE = """
    import ctypes
    import threading
    from app.arenas import share_arenas

    share_arenas()
    met = threading.Barrier(9)

    def allocate():
        kept = [bytes(size) for size in range(1000, 100_000, 1000)]
        met.wait()
        met.wait()

    for _ in range(8):
        threading.Thread(target=allocate).start()
    met.wait()
    c = ctypes.CDLL(None)
    c.malloc_info(0, ctypes.c_void_p.in_dll(c, "stdout"))
    c.fflush(None)
    met.wait()
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc gives each thread an arena")
def test_threads_share_two_arenas() -> None:
    told = subprocess.run(
        [sys.executable, "-c", dedent(_EIGHT_THREADS_ALLOCATE)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert told.stdout.count("<heap nr=") == 2
