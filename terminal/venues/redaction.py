"""Taking keys out of text that is about to be written, whoever made it."""

import base64
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

from terminal.core.secret import HIDDEN, Secret

SHORTEST = 6
"""Shorter texts would take innocent words out with them; no exchange gives such keys."""


class Redactor:
    """Knows every key that was used and puts dots in its place, in all of its writings."""

    def __init__(self) -> None:
        self._forms: tuple[str, ...] = ()

    def learn(self, secrets: Iterable[Secret]) -> None:
        """Take keys out of all text from here on."""
        forms = set(self._forms)
        for secret in secrets:
            text = secret.reveal()
            if len(text) >= SHORTEST:
                forms |= _writings(text)
        # The longest first: one writing may contain another.
        self._forms = tuple(sorted(forms, key=lambda each: (-len(each), each)))

    def clean(self, text: str) -> str:
        """Text without any key."""
        for form in self._forms:
            if form in text:
                text = text.replace(form, HIDDEN)
        return text


def _writings(text: str) -> set[str]:
    """A text as it stands, in an address, in a Python or JSON string, and in base 64."""
    raw = text.encode()
    encoded = {base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode()}
    return {text, quote(text, safe=""), quote_plus(text), repr(text)[1:-1], *encoded}
