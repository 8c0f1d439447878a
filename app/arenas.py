"""How much memory the C library keeps back for threads that have given theirs back.

glibc gives each thread an arena to allocate from, up to eight for each core, and
what is freed in one is of no use to another. Forty threads that print a record
now and then would each keep the memory of the largest; Python runs them one at a
time, so that they lose nothing by sharing.
"""

import ctypes

_M_ARENA_MAX = -8  # of <malloc.h>
_ARENAS = 2


def share_arenas() -> None:
    """Have all threads of this process share two arenas, before it has more. Other C libraries have none."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, _ARENAS)
