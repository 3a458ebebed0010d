"""Whether every number in a text occurs in what the text is about."""

import math
import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

import msgspec

TAILS: Final = ("bp", "bps", "usd", "btc", "eth", "sol", "coin", "coins", "s", "pct", "x")
"""Units that may stand right behind a number."""

MULTIPLES: Final = {"k": 1e3, "m": 1e6, "mn": 1e6, "bn": 1e9, "b": 1e9}

_NUMBER: Final = re.compile(
    r"(?P<sign>[-+])?(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
    r"(?P<power>[eE][-+]?\d{1,3})?(?P<tail>[A-Za-z]*)"
)
_UNITS: Final = re.compile(r"\bper (?:8[ -]?h(?:ours?)?|1 ?%)(?![\w.])")
"""Units in which our numbers are told; no claims."""

_RULES: Final = re.compile(r"\bR(?:[1-9]|1[0-4])\b")

_SPELT: Final = re.compile(
    r"\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|"
    r"(?:twen|thir|for|fif|six|seven|eigh|nine)ty(?:[ -]\w+)?|dozens?|hundreds?|thousands?|"
    r"millions?|billions?|trillions?|twice|thrice|doubled?|tripled?|quadrupled?|halved|"
    r"half|thirds?|quarters?|infinit[ey]|infinity|nan)\b",
    re.IGNORECASE,
)


def numbers_of(*things: object) -> tuple[float, ...]:
    """Every number in values that can be written as JSON, sorted.

    Numbers inside texts do not count: a venue may have written the text.
    """
    found = set[float]()
    for thing in things:
        found.update(_walk(msgspec.to_builtins(thing)))
    return tuple(sorted(found))


def foreign(text: str, known: tuple[float, ...]) -> str:
    """The first number of a text that is not known, as it is written; empty when all are.

    Parameters
    ----------
    text : str
    known : tuple of float

    Notes
    -----
    A written number stands for everything that rounds to it: 0.99 for all of 0.985 to 0.995, but
    1,200 for nothing further than a half away. Without a sign it stands for the amount. Numbers
    in other digits than 0 to 9, and spelt ones, count as foreign: they cannot be checked.
    """
    for letter in text:
        if not letter.isascii() and unicodedata.numeric(letter, None) is not None:
            return letter
    spelt = _SPELT.search(text)
    if spelt:
        return spelt.group()
    plain = _RULES.sub(" ", text.replace("\u2212", "-").replace("–", " to ").replace("—", " "))
    plain = _UNITS.sub(" ", plain)
    for match in _NUMBER.finditer(plain):
        if not _known(match, plain, known):
            return match.group().strip()
    return ""


def _known(match: re.Match[str], text: str, known: tuple[float, ...]) -> bool:
    tail = match["tail"].lower()
    if tail and tail not in (*MULTIPLES, *TAILS):
        return False
    before = text[: match.start()][-1:]
    if before.isalpha() or before in (".", ","):  # a part of something else
        return False
    try:
        written = Decimal(match["digits"].replace(",", "") + (match["power"] or ""))
    except ArithmeticError:
        return False
    exponent = written.as_tuple().exponent
    if not isinstance(exponent, int) or not -30 <= exponent <= 30:
        return False
    scale = MULTIPLES.get(tail, 1.0)
    value, slack = float(written) * scale, 0.5 * 10.0**exponent * scale
    if not math.isfinite(value):
        return False
    sign = match["sign"] if before in ("", " ", "(", "=", ":", "\n") else ""
    if sign:
        value = -value if sign == "-" else value
        return any(_near(each, value, slack) for each in known)
    return any(_near(abs(each), value, slack) for each in known)


def _near(known: float, value: float, slack: float) -> bool:
    return abs(known - value) <= slack * (1.0 + 1e-9) + 1e-12 * abs(value)


def _walk(value: object) -> Iterator[float]:
    if isinstance(value, bool) or value is None:
        return
    if isinstance(value, int | float):
        if math.isfinite(value):
            yield float(value)
    elif isinstance(value, dict):
        for each in value.values():
            yield from _walk(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _walk(each)
