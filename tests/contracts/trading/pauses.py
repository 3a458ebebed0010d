"""Pauses of the gateway, cut short while something is proven that does not hang on them."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from terminal.venues.gateway import gateway, inquiry, reading


@contextmanager
def hurried() -> Iterator[None]:
    """Take a tenth of every pause: what is proven so does not hang on their lengths."""
    with (
        patch.object(inquiry, "APART", inquiry.APART // 10),
        patch.object(inquiry, "FAR_APART", inquiry.APART // 10),
        patch.object(inquiry, "_FIRST", tuple(each // 10 for each in inquiry._FIRST)),
        patch.object(inquiry, "_THEN", tuple(each // 10 for each in inquiry._THEN)),
        patch.object(inquiry, "_LATER", inquiry._LATER // 10),
        patch.object(reading, "_PAUSES_S", (0.05, 0.2, 0.5)),
        patch.object(gateway, "TRADES_EVERY_S", 0.7),
        patch.object(gateway, "SOON_S", 0.3),
    ):
        yield
