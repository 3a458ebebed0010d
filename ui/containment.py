"""The screen's one broad catch: what fails is named, and everything else goes on."""

import contextlib
import logging
from collections.abc import Callable, Iterator

log = logging.getLogger(__name__)


@contextlib.contextmanager
def contained(what: str, failed: Callable[[Exception], None]) -> Iterator[None]:
    """Keep the failure of one part of the window from taking the stop button away.

    Parameters
    ----------
    what : str
        Part that is at work, for the log.
    failed : callable
        Told the error; shows it where the part was.
    """
    try:
        yield
    except Exception as error:
        log.exception("%s failed", what)
        failed(error)
