"""How a number of a profile is declared: its range, and what a form says of it."""

from msgspec import Meta


def form_of(label: str, unit: str, about: str) -> dict[str, dict[str, str]]:
    """Label, unit and help of a field, as a form reads them."""
    return {"form": {"label": label, "unit": unit, "help": about}}


def ranged(low: float, high: float, label: str, unit: str, about: str) -> Meta:
    """Declaration of a number between two values, both allowed."""
    return Meta(ge=low, le=high, extra=form_of(label, unit, about))
