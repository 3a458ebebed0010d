"""Amounts in sentences: enough digits to act on, never an exponent."""

_PLACES = ((1000.0, 0), (100.0, 1), (10.0, 2), (1.0, 3), (0.1, 4), (0.01, 5), (1e-3, 6), (1e-4, 7))
"""Decimals from a size upward: four significant digits."""

_LEAST = 4
"""Decimals of what is too small to trade."""


def amount(value: float) -> str:
    """Write a size with four significant digits; below 0.0001 it is written as zero."""
    size = abs(value)
    places = _LEAST
    for above, decimals in _PLACES:
        if size >= above:
            places = decimals
            break
    text = f"{size:,.{places}f}"
    return f"−{text}" if value < 0.0 and _shows(text) else text


def delta(value: float) -> str:
    """Write a delta in coin: like a size, with its sign; what would be −0 is 0."""
    text = amount(value)
    return f"+{text}" if value > 0.0 and _shows(text) else text


def _shows(text: str) -> bool:
    """Whether anything but zeros was written."""
    return bool(text.strip("0.,"))
