"""The garbage collector stands still while a worker thread allocates."""

import contextlib
import gc
import threading
from collections.abc import Iterator

_lock = threading.Lock()
_depth = [0]


@contextlib.contextmanager
def collector_off() -> Iterator[None]:
    """Collect no garbage meanwhile: in a worker thread it could free widgets, which Qt forbids."""
    with _lock:
        _depth[0] += 1
        gc.disable()
    try:
        yield
    finally:
        with _lock:
            _depth[0] -= 1
            if _depth[0] == 0:
                gc.enable()
