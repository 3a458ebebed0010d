"""Typed reads of the fields of an exchange's message: a value of the right kind, or DataError."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import TypeVar

from terminal.core.errors import DataError
from terminal.core.units import MILLISECOND, UtcNs

Raw = Mapping[str, object]
Value = TypeVar("Value")

_LONGEST = 64  # characters of a number: more is no number that an exchange means
_MOST = Decimal(10) ** 24
_LEAST_EXPONENT = -40
_LATEST_MS = 7_258_118_400_000  # 2200-01-01; beyond it a stamp is nanoseconds, or nonsense


def _wrong(name: str, value: object, wanted: str) -> DataError:
    huge = isinstance(value, int) and abs(value) > _MOST  # Python refuses to write the largest
    shown = "a huge whole number" if huge else repr(value)[:60]
    return DataError(f"field {name!r} is {shown}: expected {wanted}")


def _absent(value: object) -> bool:
    return value is None or value == ""


def mapping(message: object, what: str = "message") -> Raw:
    """Take a value for a JSON object; raises DataError naming ``what`` otherwise."""
    if not isinstance(message, dict):
        raise _wrong(what, message, "an object")
    return message


def child(raw: Raw, name: str) -> Raw:
    """Object under ``name``."""
    return mapping(raw.get(name), name)


def child_or_none(raw: Raw, name: str) -> Raw | None:
    """Object under ``name``; None where the field is missing or null."""
    value = raw.get(name)
    return None if value is None else mapping(value, name)


def rows(raw: Raw, name: str) -> tuple[Raw, ...]:
    """Objects of the list under ``name``."""
    return tuple(mapping(each, name) for each in entries(raw, name))


def entries(raw: Raw, name: str) -> list[object]:
    """Values of the list under ``name``, of any kind."""
    value = raw.get(name)
    if not isinstance(value, list):
        raise _wrong(name, value, "a list")
    return value


def notification(message: Raw) -> tuple[str, object] | None:
    """Channel and content of a JSON-RPC subscription's frame; None for any other message."""
    if message.get("method") != "subscription":
        return None
    params = child(message, "params")
    return text(params, "channel"), params.get("data")


def text(raw: Raw, name: str) -> str:
    """Text under ``name``, not empty."""
    found = text_or_none(raw, name)
    if found is None:
        raise _wrong(name, raw.get(name), "text")
    return found


def text_or_none(raw: Raw, name: str) -> str | None:
    """Text under ``name``; None where the field is missing, null or empty."""
    value = raw.get(name)
    if _absent(value):
        return None
    if not isinstance(value, str):
        raise _wrong(name, value, "text")
    return value


def one_of(raw: Raw, name: str, meanings: Mapping[str, Value]) -> Value:
    """Meaning of the word under ``name``; raises DataError with the words that have one."""
    word = text(raw, name)
    if word not in meanings:
        raise _wrong(name, word, f"one of {', '.join(meanings)}")
    return meanings[word]


def name_of(raw: Raw, name: str) -> str:
    """Identifier under ``name``: exchanges write theirs as text or as a whole number."""
    value = raw.get(name)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < _MOST:
        return str(value)
    return text(raw, name)


def flag(raw: Raw, name: str) -> bool:
    """Yes or no under ``name``; no where the field is missing or null."""
    value = raw.get(name)
    if value is None:
        return False
    if not isinstance(value, bool):
        raise _wrong(name, value, "true or false")
    return value


def told(raw: Raw, name: str) -> bool:
    """Yes or no under ``name``, where leaving it out is no answer."""
    if raw.get(name) is None:
        raise _wrong(name, raw.get(name), "true or false")
    return flag(raw, name)


def decimal(raw: Raw, name: str) -> Decimal:
    """Exact number under ``name``.

    Returns
    -------
    Decimal
        Finite; what the exchange wrote, where it wrote text, and the shortest decimal that reads
        back as the same float where it wrote a JSON number (10, not 10.0).

    Raises
    ------
    DataError
        Missing, no number, not finite, or of a size that no price or amount has.
    """
    found = decimal_or_none(raw, name)
    if found is None:
        raise _wrong(name, raw.get(name), "a number")
    return found


def decimal_or_none(raw: Raw, name: str) -> Decimal | None:
    """Exact number under ``name``; None where the field is missing, null or empty text."""
    value = raw.get(name)
    return None if _absent(value) else exact(value, name)


def positive(raw: Raw, name: str) -> Decimal:
    """Exact number under ``name``, > 0."""
    found = decimal(raw, name)
    if found <= 0:
        raise _wrong(name, raw.get(name), "a number above zero")
    return found


def filled_or_none(raw: Raw, name: str) -> Decimal | None:
    """Amount done of an order under ``name``, >= 0; None where the field is missing or empty."""
    found = decimal_or_none(raw, name)
    if found is not None and found < 0:
        raise _wrong(name, raw.get(name), "an amount of zero or more")
    return found


def exact(value: object, what: str) -> Decimal:
    """Exact number of a JSON value that is a number or text; ``what`` names it in errors."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise _wrong(what, value, "a number")
    if isinstance(value, int):
        found = Decimal(value) if abs(value) <= _MOST else Decimal("Infinity")
    else:
        written = value if isinstance(value, str) else repr(value).removesuffix(".0")
        try:
            found = Decimal(written if len(written) <= _LONGEST else "")
        except InvalidOperation:
            raise _wrong(what, value, "a number") from None
    if not found.is_finite() or abs(found) > _MOST or found.adjusted() < _LEAST_EXPONENT:
        raise _wrong(what, value, "a finite number of ordinary size")
    return found or Decimal(0)  # -0 and 0E+5 are 0


def number(raw: Raw, name: str) -> float:
    """Finite float under ``name``."""
    return float(decimal(raw, name))


def number_or_none(raw: Raw, name: str) -> float | None:
    """Finite float under ``name``; None where the field is missing, null or empty text."""
    value = raw.get(name)
    if type(value) is float and (1e-39 < abs(value) < 1e24 or value == 0.0):
        return value  # the case of nearly every price, without the detour over decimals
    found = decimal_or_none(raw, name)
    return None if found is None else float(found)


def price_or_none(raw: Raw, name: str) -> float | None:
    """Price under ``name``, > 0; None where it is missing, or zero as exchanges write "none".

    Raises
    ------
    DataError
        No number, or negative.
    """
    found = number_or_none(raw, name)
    if found is not None and found < 0.0:
        raise _wrong(name, raw.get(name), "a price of zero or more")
    return found or None


def size(raw: Raw, name: str) -> float:
    """Amount under ``name``, >= 0; zero where the field is missing or null."""
    found = number_or_none(raw, name)
    if found is None:
        return 0.0
    if found < 0.0:
        raise _wrong(name, raw.get(name), "an amount of zero or more")
    return found


def size_or_none(raw: Raw, name: str) -> float | None:
    """Amount under ``name``, >= 0; None where the field is missing, null or empty."""
    return None if number_or_none(raw, name) is None else size(raw, name)


def millis(raw: Raw, name: str) -> UtcNs:
    """Instant under ``name``, written as milliseconds since 1970, a whole number or its text.

    Raises
    ------
    DataError
        Missing, not whole, not after 1970 or later than the year 2200, as a stamp in another
        unit would be.
    """
    found = millis_or_none(raw, name)
    if found is None:
        raise _wrong(name, raw.get(name), "milliseconds since 1970")
    return found


def millis_or_none(raw: Raw, name: str) -> UtcNs | None:
    """Instant under ``name`` as in :func:`millis`; None where missing, null or empty text."""
    found = decimal_or_none(raw, name)
    if found is None:
        return None
    if not 0 < found < _LATEST_MS or found != int(found):
        raise _wrong(name, raw.get(name), "milliseconds since 1970")
    return UtcNs(int(found) * MILLISECOND)
