"""What a form asks for, and how each kind of answer is read and written."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Literal

import msgspec

from terminal.core.errors import ConfigError
from terminal.core.units import DAY, HOUR, MILLISECOND, MINUTE, SECOND, parse_duration
from ui.format import MINUS

Value = float | int | str | bool | Decimal | None
Kind = Literal["number", "decimal", "integer", "text", "choice", "flag", "duration"]

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)")
_UNITS = (("d", DAY), ("h", HOUR), ("m", MINUTE), ("s", SECOND), ("ms", MILLISECOND))


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One question.

    ``low`` and ``high`` are included in the allowed range and are in the unit of the value:
    nanoseconds for a duration.
    """

    key: str
    label: str
    unit: str = ""
    kind: Kind = "number"
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    help: str = ""
    optional: bool = False   # an empty answer is None instead of an error


def read(field: Field, text: str) -> Value:
    """Turn what was typed into a value.

    Raises
    ------
    ConfigError
        The text is not such a value or is out of range; says what to write.
    """
    body = text.strip()
    if not body and field.optional:
        return None
    if not body and field.kind != "text":
        raise ConfigError("write a value")
    value = _READERS[field.kind](body)
    if field.kind == "choice" and value not in field.choices:
        raise ConfigError(f"choose one of {', '.join(field.choices)}")
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        _check_range(field, value)
    return value


def write(field: Field, value: Value) -> str:
    """Turn a value into the text that reads back as the same value."""
    if value is None:
        return ""
    if field.kind == "flag":
        return "true" if value else "false"
    if field.kind == "duration" and isinstance(value, int):
        return _duration(value)
    if isinstance(value, float | Decimal):
        plain = f"{Decimal(str(value)):f}"
        return plain.rstrip("0").rstrip(".") if "." in plain else plain
    return str(value)


def range_text(field: Field) -> str:
    """Allowed range in words, "" without limits."""
    low = None if field.low is None else _bound(field, field.low)
    high = None if field.high is None else _bound(field, field.high)
    unit = f" {field.unit}" if field.unit else ""
    if low is not None and high is not None:
        return f"{low} to {high}{unit}"
    if low is not None:
        return f"at least {low}{unit}"
    return "" if high is None else f"at most {high}{unit}"


def _check_range(field: Field, value: float | Decimal) -> None:
    below = field.low is not None and value < field.low
    above = field.high is not None and value > field.high
    if below or above:
        raise ConfigError(f"allowed: {range_text(field)}")


def _bound(field: Field, bound: float) -> str:
    return write(field, int(bound) if field.kind in ("duration", "integer") else bound)


def _number(text: str) -> str:
    plain = text.replace(MINUS, "-")
    if "," in plain:
        raise ConfigError("write 1500.5, without commas")
    if not _NUMBER.fullmatch(plain):
        raise ConfigError("write a number such as 0.25")
    return plain


def _integer(text: str) -> int:
    plain = _number(text)
    if "." in plain:
        raise ConfigError("write a whole number")
    return int(plain)


def _flag(text: str) -> bool:
    if text not in ("true", "false"):
        raise ConfigError("write true or false")
    return text == "true"


def _duration(span: int) -> str:
    name, unit = next(
        ((name, unit) for name, unit in _UNITS if span % unit == 0), ("ms", MILLISECOND)
    )
    exact = Decimal(span) / unit
    return f"{exact:f}{name}"


_READERS: Mapping[str, Callable[[str], Value]] = {
    "number": lambda text: float(_number(text)),
    "decimal": lambda text: Decimal(_number(text)),
    "integer": _integer,
    "text": str,
    "choice": str,
    "flag": _flag,
    "duration": parse_duration,
}
