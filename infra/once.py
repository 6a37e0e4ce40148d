"""Things of a process that are made on first use, by one thread.

`functools.cache` lets two threads that come at once make the thing twice. For a value that is only slow; two pools, or two
views of one file of metrics, are a mistake: the second writes into what the first reads.
"""

import threading
from collections.abc import Callable
from functools import cache, wraps


def made_once(make: Callable) -> Callable:
    """As `functools.cache`, and while one thread makes the thing all others wait for it. Has `cache_clear()` and `cache_info()`."""
    kept, lock = cache(make), threading.RLock()

    @wraps(make)
    def thing(*which):
        with lock:
            return kept(*which)

    thing.cache_clear, thing.cache_info = kept.cache_clear, kept.cache_info
    return thing
