"""A venue's own words, fit to be shown: short, on one line, with nothing secret in them."""

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import quote

LONGEST: Final = 240
"""Characters that are kept."""

_SHORTEST: Final = 6
"""Secrets of fewer characters would cut ordinary words out of a sentence."""

_QUERY: Final = re.compile(r"\?[^\s\"']*")
_BLANK: Final = re.compile(r"\s+")


class Scrubber:
    """Takes secrets, and signed addresses, out of text.

    Parameters
    ----------
    secrets : iterable of str
        Values that must not appear, as they are and as addresses carry them.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        known = {each for each in secrets if len(each) >= _SHORTEST}
        known |= {quote(each, safe="") for each in known} | {each.lower() for each in known}
        self._secrets = tuple(sorted(known, key=lambda each: (-len(each), each)))

    def __repr__(self) -> str:
        return f"Scrubber of {len(self._secrets)} values"

    def clean(self, text: str) -> str:
        """Text on one line without what is secret; what comes after a ``?`` is cut."""
        for secret in self._secrets:
            text = text.replace(secret, "***")
        short = _BLANK.sub(" ", _QUERY.sub("?…", text)).strip()
        return short if len(short) <= LONGEST else short[: LONGEST - 1] + "…"

    def words_of(self, error: BaseException) -> str:
        """What an error says, with its class: ccxt's classes tell more than some messages."""
        return self.clean(f"{type(error).__name__}: {error}")
