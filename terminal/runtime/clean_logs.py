"""Logs and last words of the program without keys, whoever writes them."""

import importlib
import logging
import sys
import traceback
from types import TracebackType
from typing import Final

from terminal.venues.redaction import Redactor

TALKATIVE: Final = ("ccxt", "aiohttp", "urllib3", "keyring")
"""Libraries whose debug lines hold requests with keys; ccxt writes them whatever its setting."""


def clean_logs(redactor: Redactor) -> None:
    """Take keys out of log records, of the words of an uncaught exception and of core dumps.

    For the rest of the process: an exception that ends it has left every block by the time it is
    written. A hook that is there already, as the window has one that shows a failure where it
    happened, is handed the exception without any key. By the factory of records, not by a filter:
    a filter on a logger does not see what its children log, and one on a handler does not see what
    other handlers write.
    """
    make, hook = logging.getLogRecordFactory(), sys.excepthook

    def made(*arguments: object, **named: object) -> logging.LogRecord:
        record = make(*arguments, **named)
        record.msg, record.args = redactor.clean(record.getMessage()), None
        if record.exc_info and record.exc_info[0] is not None:
            # A formatter takes a text that is there already instead of making one.
            record.exc_text = redactor.clean("".join(traceback.format_exception(*record.exc_info)))
        return record

    def last_words(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            hook(kind, error, trace)
            return
        words = "".join(traceback.format_exception(kind, error, trace))
        cleaned = redactor.clean(words)
        if hook is sys.__excepthook__:
            sys.stderr.write(cleaned)
        elif cleaned == words:
            hook(kind, error, trace)
        else:  # without what it came from: that holds the words too
            safe = RuntimeError(redactor.clean(f"{kind.__name__}: {error}"))
            hook(RuntimeError, safe, trace)

    _no_core_dump()
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.setLogRecordFactory(made)
    sys.excepthook = last_words


def _no_core_dump() -> None:
    """Let a crash of the interpreter write no image of its memory, which holds keys."""
    if sys.platform != "win32":
        resource = importlib.import_module("resource")  # there is none on Windows
        _, hard = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (0, hard))
