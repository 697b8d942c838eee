"""A serving process and its memory.

Reckoning a day's roads takes and frees tens of megabytes in worker threads. Each thread's own arena would keep its share
for good, so there are few arenas, and what lies free in them is given back now and then (glibc; another C library is
left as it is). A page makes thousands of short-lived objects and hardly a cycle, so cycles are looked for less often.
"""

import ctypes
import gc
import threading

ARENAS = 2
EVERY_S = 15.0
LOOK_AFTER = (20_000, 20, 50)  # objects, then rounds of the younger generation; Python's own (700, 10, 10) cost a tenth of a page
_M_ARENA_MAX = -8  # malloc.h


def keep_small() -> None:
    """Call once, before the process has threads; goes on beside it until it ends."""
    gc.set_threshold(*LOOK_AFTER)
    libc = ctypes.CDLL(None)
    if not (hasattr(libc, "mallopt") and hasattr(libc, "malloc_trim")):
        return
    libc.mallopt(_M_ARENA_MAX, ARENAS)
    threading.Thread(target=_give_back, args=(libc,), name="memory", daemon=True).start()


def _give_back(libc: ctypes.CDLL) -> None:
    pause = threading.Event()
    while not pause.wait(EVERY_S):
        libc.malloc_trim(0)
