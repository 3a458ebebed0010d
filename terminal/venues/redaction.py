"""Taking keys out of text that is about to be written, whoever made it."""

import base64
import html
import json
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

from terminal.core.secret import HIDDEN, Secret

SHORTEST = 6
"""Shorter texts would take innocent words out with them; no exchange gives such keys."""

QUOTED = 2
"""How often a text is quoted inside quoted text: an answer inside a message inside a record."""


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
    """A text as it stands, in an address, in markup, in base 64 and hex, and quoted in a string.

    What an exchange answers is JSON, and what repeats that answer is often JSON or a Python string
    again: a quotation mark in a passphrase then stands behind one backslash, or three.
    """
    raw = text.encode()
    found = {text, quote(text, safe=""), quote_plus(text), html.escape(text)}
    found |= {raw.hex(), raw.hex().upper(), *_in_base_64(raw)}
    for _ in range(QUOTED):
        found |= {quoted for each in tuple(found) for quoted in _quoted(each)}
    return found


def _quoted(text: str) -> set[str]:
    """A text inside a JSON or Python string, without the marks around it."""
    return {json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1], repr(text)[1:-1]}


def _in_base_64(raw: bytes) -> set[str]:
    """Bytes in base 64, whatever stands around them.

    Three bytes become four characters, so the writing differs by where the bytes begin. The
    characters that they share with a neighbour are left standing: six bits at either end.
    """
    found = {base64.b64encode(raw).decode()}
    for before in range(3):
        whole = base64.b64encode(b"\0" * before + raw).decode().rstrip("=")
        found.add(whole[4 if before else 0 : -1])
    return found | {each.replace("+", "-").replace("/", "_") for each in found}
