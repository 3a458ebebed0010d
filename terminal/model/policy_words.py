"""What each policy does, in one line, and which of the numbers of its form it reads."""

from collections.abc import Mapping

from terminal.model.risk import PolicyKind

ABOUT: Mapping[PolicyKind, str] = {
    PolicyKind.TIMER: "Back to target every period, and at once outside the band.",
    PolicyKind.HYBRID: "Whalley-Wilmott on a clock, at once on a jump, option trade or funding.",
    PolicyKind.BAND_TO_TARGET: "Nothing inside the band; outside it, back to target.",
    PolicyKind.BAND_TO_HALF: "Nothing inside the band; outside it, half-way back to target.",
    PolicyKind.BAND_TO_EDGE: "Nothing inside the band; outside it, back to the nearer edge.",
    PolicyKind.GAMMA_BAND: "Band as wide as gamma moves delta in so many daily sigmas of price.",
    PolicyKind.PRICE_STEP: "Back to target each time price moves so many daily sigmas.",
    PolicyKind.WHALLEY_WILMOTT: "Band from gamma, costs and risk aversion, never beyond the cap.",
    PolicyKind.ZAKAMOULINE: "Whalley-Wilmott refined for expiry and volatility, to the edge.",
    PolicyKind.IMPULSE: "Band and stop that cost least when every order has a price of its own.",
    PolicyKind.FLOW: "Band from how much delta itself flows: for perpetuals without options.",
}
"""One line each, as the editor shows it."""

ALWAYS = frozenset(
    {
        "kind",
        "delta",
        "target",
        "ratio_pct",
        "interval_s",
        "taper_s",
        "foresight_hurry",
    }
)
"""Numbers that every policy reads."""

WIDTH = frozenset(
    {
        "tilt_pct",
        "patience",
        "regime",
        "hysteresis_pct",
        "vol_skip_pct",
        "foresight_pct",
    }
)
"""Numbers that shape the width of any band."""

_FIXED = frozenset({"low", "high"})
_CAPPED = frozenset({"cap"})

_OWN: Mapping[PolicyKind, frozenset[str]] = {
    PolicyKind.TIMER: _FIXED | {"every_s"},
    PolicyKind.HYBRID: _CAPPED | {"every_s", "leave", "jump_sigmas"},
    PolicyKind.BAND_TO_TARGET: _FIXED,
    PolicyKind.BAND_TO_HALF: _FIXED,
    PolicyKind.BAND_TO_EDGE: _FIXED,
    PolicyKind.GAMMA_BAND: _FIXED | _CAPPED | {"sigmas", "leave"},
    PolicyKind.PRICE_STEP: _FIXED | {"sigmas"},
    PolicyKind.WHALLEY_WILMOTT: _CAPPED | {"leave"},
    PolicyKind.ZAKAMOULINE: _FIXED | _CAPPED,
    PolicyKind.IMPULSE: _CAPPED | {"order_cost_usd"},
    PolicyKind.FLOW: _FIXED | _CAPPED | {"leave"},
}
"""Numbers that a policy reads besides; a fixed band also stands in while one cannot be computed."""

READS: Mapping[PolicyKind, frozenset[str]] = {
    kind: own | ALWAYS | WIDTH for kind, own in _OWN.items()
}
"""Every number that a policy reads; the others are kept but do nothing."""
