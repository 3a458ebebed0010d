"""JSON from somebody who may mean harm: read whole or refused, each key once, numbers finite."""

import json
import math
from typing import Any, Final, NoReturn, TypeVar

import msgspec

from terminal.core.errors import DataError

DEEPEST: Final = 12
"""Levels of brackets; our own schema has three."""

Shape = TypeVar("Shape")


def read_strictly(content: bytes, shape: type[Shape], longest: int) -> Shape:
    """Read one JSON object into a shape.

    Parameters
    ----------
    content : bytes
    shape : type
    longest : int
        Bytes; more are not looked at.

    Raises
    ------
    DataError
        Too long, no UTF-8, no JSON, too deep, a key twice, NaN or infinity, or not of the shape.
        The message says which, and repeats nothing of the content.
    """
    if len(content) > longest:
        raise DataError(f"it is longer than {longest:,} bytes")
    try:
        text = content.decode("utf-8", "strict")
    except UnicodeDecodeError:
        raise DataError("it is not UTF-8") from None
    if _depth(text) > DEEPEST:
        raise DataError(f"its brackets are nested deeper than {DEEPEST}")
    try:
        found = json.loads(
            text, object_pairs_hook=_once, parse_constant=_no_number, parse_float=_finite
        )
    except DataError:
        raise
    except (ValueError, RecursionError):
        raise DataError("it is not one JSON object") from None
    try:
        return msgspec.convert(found, type=shape, strict=True)
    except (msgspec.ValidationError, OverflowError) as error:
        raise DataError(f"it is not of the form asked for: {_where(error)}") from None


def _depth(text: str) -> int:
    """Upper bound of the nesting, brackets in strings included."""
    level = deepest = 0
    for letter in text:
        if letter in "[{":
            level += 1
            deepest = max(deepest, level)
        elif letter in "]}":
            level -= 1
    return deepest


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise DataError("it has a key twice")
    return found


def _no_number(_: str) -> NoReturn:
    raise DataError("it has NaN or infinity in it")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise DataError("it has a number beyond all bounds")
    return value


def _where(error: Exception) -> str:
    """Kind and place of a fault. The name of an unknown key is the sender's, so it is left out."""
    text = str(error)
    if "unknown field" in text:
        return "it has a key that was not asked for"
    if "missing required field" in text:
        return "a key is missing"
    return "a value has the wrong type, length or name"
