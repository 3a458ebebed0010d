"""Fields of the perps-only mode of a coin, and what each mode is, said honestly."""

from collections.abc import Mapping
from typing import Any

from terminal.model.synthetic import Synthetic, SyntheticKind
from ui.panels.profile_fields import declared, field_of
from ui.widgets.form_fields import Field, Value

MODE_WORDS: Mapping[SyntheticKind, str] = {
    SyntheticKind.OFF: "Off",
    SyntheticKind.FADE_GRID: "Fade grid",
    SyntheticKind.STRADDLE: "Straddle",
    SyntheticKind.CARRY: "Funding carry",
}
"""How a choice reads."""

MODE_ABOUT: Mapping[SyntheticKind, str] = {
    SyntheticKind.OFF: "The policy's target holds whatever the price does.",
    SyntheticKind.FADE_GRID: (
        "Synthetic short gamma: sells rallies, buys dips, loses in trends. Cannot be armed "
        "without a maximum inventory and a trend filter."
    ),
    SyntheticKind.STRADDLE: (
        "Synthetic long gamma: buys rallies, sells dips, pays realised variance. Cannot be armed "
        "without a maximum inventory and a trend filter."
    ),
    SyntheticKind.CARRY: (
        "Funding carry, no gamma: equal long and short across venues, set up by hand. The policy "
        "keeps net delta at its target."
    ),
}

_SIZE = frozenset({"gamma_1pct_usd", "max_inventory", "trend_limit", "trend_hours"})

MODE_READS: Mapping[SyntheticKind, frozenset[str]] = {
    SyntheticKind.OFF: frozenset(),
    SyntheticKind.FADE_GRID: _SIZE | {"centre"},
    SyntheticKind.STRADDLE: _SIZE | {"days", "vol"},
    SyntheticKind.CARRY: frozenset({"max_inventory"}),
}
"""Numbers that a mode reads; the others are kept but do nothing."""

MODE_KEYS = Synthetic.__struct_fields__


def mode_fields(underlying: str) -> tuple[Field, ...]:
    """Fields of the mode of one underlying; what is in coin names the coin."""
    hints = declared(Synthetic)
    return tuple(field_of(key, hints[key], underlying, MODE_WORDS) for key in MODE_KEYS)


def mode_values(terms: Synthetic | None) -> dict[str, Value]:
    """Values of a mode as its form shows them; none is off."""
    shown = terms or Synthetic()
    plain: dict[str, Value] = {key: getattr(shown, key) for key in MODE_KEYS}
    return plain | {"kind": MODE_WORDS[shown.kind]}


def read_mode(values: Mapping[str, Value]) -> Synthetic | None:
    """Mode from the answers of its form; None while it is off and has nothing to keep."""
    given: dict[str, Any] = dict(values)
    given["kind"] = mode_of(str(given["kind"]))
    terms = Synthetic(**given)
    return None if terms == Synthetic() else terms


def mode_of(words: str) -> SyntheticKind:
    """Mode by the words of its choice."""
    return next(kind for kind in SyntheticKind if MODE_WORDS[kind] == words)
