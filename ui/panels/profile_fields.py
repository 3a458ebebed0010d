"""Fields of the profile form, read from the declarations of the profile itself."""

from collections.abc import Mapping
from enum import StrEnum
from types import UnionType
from typing import Any, get_args, get_type_hints

from msgspec import Meta, Struct

from terminal.model.greeks import DeltaKind
from terminal.model.risk import Escalation, PolicyKind, PolicySpec, RiskProfile
from ui.panels.style_words import STYLES
from ui.widgets.form_fields import Field, Kind, Value

SECTIONS: Mapping[str, tuple[str, ...]] = {
    "Approval": ("approval_ttl_s", "drift_price_bps", "drift_delta_pct", "auto_hedge_usd"),
    "Sizes and limits": (
        "risk_aversion",
        "max_order_usd",
        "max_hedge_usd",
        "delta_cap_usd",
        "slippage_cap_bps",
        "fill_alert_bps",
        "spread_cap_bps",
        "collar_bps",
        "option_spread_pct",
        "option_slip_pct",
    ),
    "Data quality": (
        "book_age_s",
        "greeks_age_s",
        "unknown_halt_s",
        "loop_lag_ms",
        "clock_offset_ms",
    ),
    "Reconciliation": ("position_gap_lots", "balance_gap_pct", "snapshot_age_s"),
    "Pace": (
        "min_gap_s",
        "hedges_per_hour",
        "orders_per_minute",
        "orders_per_day",
        "flips_per_10min",
        "rejects_halt",
    ),
    "Loss and size limits": (
        "turnover_day_usd",
        "cost_day_usd",
        "day_loss_reduce_usd",
        "day_loss_halt_usd",
        "drawdown_7d_usd",
        "gross_leverage",
        "margin_use_pct",
        "liquidation_pct",
    ),
    "Execution": (
        "style",
        "passive_wait_s",
        "repegs",
        "after_wait",
        "over_cap",
        "sit_s",
        "urgency_limit",
        "urgent_bands",
        "split_books",
        "pay_up_ticks",
        "show_usd",
        "twap_slices",
        "twap_s",
        "learned_cost_pct",
    ),
}
"""Titles of the form with the fields below them."""

POLICY_KEYS = (
    "kind",
    "delta",
    "target",
    "ratio_pct",
    "low",
    "high",
    "cap",
    "leave",
    "sigmas",
    "order_cost_usd",
    "every_s",
    "jump_sigmas",
    "tilt_pct",
    "patience",
    "regime",
    "interval_s",
    "hysteresis_pct",
    "taper_s",
    "vol_skip_pct",
    "foresight_pct",
    "foresight_hurry",
)
"""Fields of a policy from top to bottom: what it is, its band, its clock, what is added."""

WORDS: Mapping[str, str] = {
    PolicyKind.TIMER: "Timer",
    PolicyKind.HYBRID: "Hybrid clock",
    PolicyKind.BAND_TO_TARGET: "Band to target",
    PolicyKind.BAND_TO_HALF: "Band to half",
    PolicyKind.BAND_TO_EDGE: "Band to edge",
    PolicyKind.GAMMA_BAND: "Gamma band",
    PolicyKind.PRICE_STEP: "Price step",
    PolicyKind.WHALLEY_WILMOTT: "Whalley-Wilmott",
    PolicyKind.ZAKAMOULINE: "Zakamouline",
    PolicyKind.IMPULSE: "Impulse",
    PolicyKind.FLOW: "Flow band",
    DeltaKind.BLACK_SCHOLES: "Black-Scholes",
    DeltaKind.NET_OF_PREMIUM: "Net of premium",
    DeltaKind.WITH_EQUITY: "With equity",
    DeltaKind.STICKY_DELTA: "Sticky delta",
    DeltaKind.MIN_VARIANCE: "Min variance",
    DeltaKind.STOCHASTIC_VOL: "Stochastic vol",
    **STYLES,
    Escalation.CROSS: "Cross",
    Escalation.LET_SIT: "Let sit",
    Escalation.ASK: "Ask me",
}
"""How a choice reads."""


def profile_sections() -> dict[str, tuple[Field, ...]]:
    """Fields of every limit by the title they stand under."""
    hints = declared(RiskProfile)
    return {
        title: tuple(field_of(key, hints[key], "") for key in keys)
        for title, keys in SECTIONS.items()
    }


def policy_fields(underlying: str) -> tuple[Field, ...]:
    """Fields of the policy of one underlying; what is in coin names the coin."""
    hints = declared(PolicySpec)
    return tuple(field_of(key, hints[key], underlying) for key in POLICY_KEYS)


def limit_values(profile: RiskProfile, fields: tuple[Field, ...]) -> dict[str, Value]:
    """Values of some limits of a profile, choices in words."""
    plain: dict[str, Value] = {field.key: getattr(profile, field.key) for field in fields}
    chosen = {key: WORDS[value] for key, value in plain.items() if isinstance(value, StrEnum)}
    return plain | chosen


def read_limits(values: Mapping[str, Value]) -> dict[str, Value]:
    """Limits from the answers of their form, choices as what they stand for."""
    hints = declared(RiskProfile)
    read: dict[str, Value] = {}
    for key, value in values.items():
        plain = get_args(hints[key])[0]
        choices = plain if _is_choice(plain) else ()
        read[key] = next((each for each in choices if WORDS[each] == value), value)
    return read


def policy_values(spec: PolicySpec) -> dict[str, Value]:
    """Values of a policy as its form shows them."""
    plain: dict[str, Value] = {key: getattr(spec, key) for key in POLICY_KEYS}
    return plain | {"kind": WORDS[spec.kind], "delta": WORDS[spec.delta]}


def read_policy(values: Mapping[str, Value]) -> PolicySpec:
    """Policy from the answers of its form."""
    given: dict[str, Any] = dict(values)
    given["kind"] = kind_of(str(given["kind"]))
    given["delta"] = next(kind for kind in DeltaKind if WORDS[kind] == given["delta"])
    return PolicySpec(**given)


def kind_of(words: str) -> PolicyKind:
    """Policy by the words of its choice."""
    return next(kind for kind in PolicyKind if WORDS[kind] == words)


def declared(struct: type[Struct]) -> dict[str, Any]:
    """Declarations of a struct by field."""
    return get_type_hints(struct, include_extras=True)


def field_of(key: str, hint: Any, underlying: str, words: Mapping[Any, str] = WORDS) -> Field:
    """Field of a form from its declaration; ``words`` say how its choices read."""
    plain, *notes = get_args(hint)
    meta = next(note for note in notes if isinstance(note, Meta))
    form = (meta.extra or {})["form"]
    return Field(
        key=key,
        label=form["label"],
        unit=underlying if form["unit"] == "coin" else form["unit"],
        help=form["help"],
        kind=_kind(plain),
        choices=tuple(words[each] for each in plain) if _is_choice(plain) else (),
        low=None if meta.ge is None else float(meta.ge),
        high=None if meta.le is None else float(meta.le),
    )


def _kind(plain: type | UnionType) -> Kind:
    if _is_choice(plain):
        return "choice"
    return "integer" if plain is int else "number"


def _is_choice(plain: type | UnionType) -> bool:
    return isinstance(plain, type) and issubclass(plain, StrEnum)
