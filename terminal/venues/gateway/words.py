"""A venue's own words, fit to be shown: short, on one line, with nothing secret in them."""

import re
from typing import Final

from terminal.venues.redaction import Redactor

LONGEST: Final = 240
"""Characters that are kept."""

_QUERY: Final = re.compile(r"\?[^\s\"']*")
_BLANK: Final = re.compile(r"\s+")


class Scrubber:
    """Takes keys, signed addresses and length out of text.

    Parameters
    ----------
    redactor : Redactor
        Knows the keys in use; one that it learns later is taken out from then on.
    """

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor

    def clean(self, text: str) -> str:
        """Text on one line without what is secret; what comes after a ``?`` is cut."""
        open_text = self._redactor.clean(text)
        short = _BLANK.sub(" ", _QUERY.sub("?…", open_text)).strip()
        return short if len(short) <= LONGEST else short[: LONGEST - 1] + "…"

    def words_of(self, error: BaseException) -> str:
        """What an error says, with its class: ccxt's classes tell more than some messages."""
        return self.clean(f"{type(error).__name__}: {error}")
