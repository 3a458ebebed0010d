"""What a test that has logs cleaned gives back."""

import contextlib
import logging
import resource
import sys
from collections.abc import Iterator

from terminal.runtime.clean_logs import TALKATIVE


@contextlib.contextmanager
def logs_given_back() -> Iterator[None]:
    """Put the factory of log records, the last words and the levels back at the end."""
    make, hook = logging.getLogRecordFactory(), sys.excepthook
    image = resource.getrlimit(resource.RLIMIT_CORE)
    levels = {name: logging.getLogger(name).level for name in TALKATIVE}
    try:
        yield
    finally:
        logging.setLogRecordFactory(make)
        sys.excepthook = hook
        resource.setrlimit(resource.RLIMIT_CORE, image)
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
