"""Amounts in sentences: enough digits to act on, never an exponent."""

import math


def amount(value: float) -> str:
    """Write a size: four significant digits, at least what a lot needs, at most eight decimals."""
    size = abs(value)
    decimals = 0 if size >= 1000 else 3 - math.floor(math.log10(size)) if size >= 1e-4 else 4
    text = f"{size:,.{min(max(decimals, 0), 8)}f}"
    return f"−{text}" if value < 0 and _shows(text) else text


def delta(value: float) -> str:
    """Write a delta in coin: like a size, with its sign; what would be −0 is 0."""
    text = amount(value)
    return f"+{text}" if value > 0 and _shows(text) else text


def _shows(text: str) -> bool:
    """Whether anything but zeros was written."""
    return any(digit in text for digit in "123456789")
