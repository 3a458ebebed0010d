"""Risk profiles: every limit, declared once with its label, unit, range and help.

The form, the validation and the documentation come from these declarations. A profile file must
name every field: an unknown key is an error, and a missing limit means that nothing can be armed.
"""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from terminal.model.declared import form_of as _of
from terminal.model.declared import ranged as _number
from terminal.model.greeks import DeltaKind
from terminal.model.synthetic import Synthetic


class Autonomy(StrEnum):
    """Who approves a hedge."""

    MANUAL = "manual"  # proposals are shown only when asked for; nothing is sent unasked
    APPROVE = "approve"  # every proposal waits for a click
    AUTO = "auto"  # proposals inside the automatic limits are approved by the engine


class PolicyKind(StrEnum):
    """How the no-trade band is found."""

    TIMER = "timer"
    HYBRID = "hybrid"
    BAND_TO_TARGET = "band_to_target"
    BAND_TO_HALF = "band_to_half"
    BAND_TO_EDGE = "band_to_edge"
    GAMMA_BAND = "gamma_band"
    PRICE_STEP = "price_step"
    WHALLEY_WILMOTT = "whalley_wilmott"
    ZAKAMOULINE = "zakamouline"
    IMPULSE = "impulse"
    FLOW = "flow"


COMPUTED = frozenset(
    {
        PolicyKind.HYBRID,
        PolicyKind.GAMMA_BAND,
        PolicyKind.WHALLEY_WILMOTT,
        PolicyKind.ZAKAMOULINE,
        PolicyKind.IMPULSE,
        PolicyKind.FLOW,
    }
)
"""Policies that find the width of their band themselves, below the cap."""

CLOSING = frozenset({PolicyKind.TIMER, PolicyKind.PRICE_STEP})
"""Policies that close their band on a signal: its width says nothing of feasibility then."""


class Style(StrEnum):
    """How a hedge is executed."""

    BY_URGENCY = "by_urgency"  # chosen for each hedge by what waiting costs
    POST_ONLY = "post_only"  # rests at the own touch and follows it
    MARKETABLE = "marketable"  # takes the other touch, and some ticks more
    MARKET = "market"  # takes whatever stands inside the slippage cap; still a limit order
    MIX = "mix"  # takes what cannot wait, rests the others
    ICEBERG = "iceberg"  # rests a small part at a time
    TWAP = "twap"  # takes equal slices at fixed times


class Escalation(StrEnum):
    """What follows when resting has not been enough, or taking would cost too much."""

    CROSS = "cross"  # take what is left, never beyond the price collar
    LET_SIT = "let_sit"  # rest on, and never take
    ASK = "ask"  # rest on, and let a person say


class PolicySpec(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Hedging policy of one underlying. Deltas are in coin."""

    kind: Annotated[PolicyKind, Meta(extra=_of("Policy", "", "How the no-trade band is found."))]
    delta: Annotated[
        DeltaKind, Meta(extra=_of("Delta hedged", "", "Which of the labelled deltas is hedged."))
    ]
    target: Annotated[float, _number(-1e6, 1e6, "Target", "coin", "Delta to return to.")]
    low: Annotated[float, _number(-1e6, 0.0, "Band below", "coin", "Lower edge from target.")]
    high: Annotated[float, _number(0.0, 1e6, "Band above", "coin", "Upper edge from target.")]
    every_s: Annotated[
        float, _number(1.0, 86_400.0, "Clock", "s", "Timer and hybrid: time between looks.")
    ]
    cap: Annotated[
        float,
        _number(0.0, 1e6, "Widest band", "coin", "Half-width at most, of a band that is computed."),
    ]
    leave: Annotated[
        float,
        _number(0.0, 1.0, "Stop at", "", "Part of the band left: 0 target, 1 edge."),
    ] = 0.5
    sigmas: Annotated[
        float,
        _number(0.01, 20.0, "Sigmas", "d", "Gamma band, price step: width in daily moves."),
    ] = 1.0
    jump_sigmas: Annotated[
        float,
        _number(0.5, 20.0, "Jump", "sd", "Hybrid: a move since the last look that is a jump."),
    ] = 3.0
    order_cost_usd: Annotated[
        float,
        _number(0.0, 1e4, "Order cost", "USD", "Impulse, splits: what any order costs besides."),
    ] = 5.0
    ratio_pct: Annotated[
        float,
        _number(0.0, 150.0, "Hedge ratio", "%", "Part of the options' delta that is hedged."),
    ] = 100.0
    tilt_pct: Annotated[
        float,
        _number(-90.0, 90.0, "Tilt", "%", "Widens the band above and narrows it below."),
    ] = 0.0
    patience: Annotated[
        float,
        _number(0.0, 3.0, "Patience", "", "Exponent: widens by cost over its mean."),
    ] = 0.0
    regime: Annotated[
        float,
        _number(0.0, 2.0, "Calm", "", "Exponent: widens by mean vol over vol."),
    ] = 0.0
    interval_s: Annotated[
        float,
        _number(0.0, 86_400.0, "Interval", "s", "No second hedge sooner, below the cap."),
    ] = 0.0
    hysteresis_pct: Annotated[
        float,
        _number(0.0, 300.0, "Hysteresis", "%", "Further out to trade against the last hedge."),
    ] = 0.0
    taper_s: Annotated[
        float,
        _number(0.0, 7200.0, "Expiry taper", "s", "Settlement averages this long: delta fades."),
    ] = 0.0
    vol_skip_pct: Annotated[
        float,
        _number(0.0, 100.0, "Vol moves", "%", "Beyond the edge by vol alone: hold up to this."),
    ] = 0.0
    foresight_pct: Annotated[
        float,
        _number(0.0, 60.0, "Forecast", "%", "A forecast scales the band by this at most."),
    ] = 0.0
    foresight_hurry: Annotated[
        float,
        _number(1.0, 5.0, "Spike hurry", "x", "A likely spike raises urgency so far at most."),
    ] = 1.0


class RiskProfile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything a desk may do, as numbers. Hard ceilings above these live in code."""

    name: str
    about: str
    risk_aversion: Annotated[
        float, _number(1e-9, 1e-1, "Risk aversion", "1/USD", "Whalley-Wilmott risk aversion.")
    ]
    approval_ttl_s: Annotated[
        float, _number(2.0, 60.0, "Approval lifetime", "s", "A proposal lapses after this.")
    ]
    drift_price_bps: Annotated[
        float, _number(0.1, 100.0, "Price drift", "bp", "Price move that forces a re-quote.")
    ]
    drift_delta_pct: Annotated[
        float,
        _number(1.0, 100.0, "Delta drift", "% of size", "Delta move that forces a re-quote."),
    ]
    max_order_usd: Annotated[
        float, _number(10.0, 1e9, "Largest order", "USD", "Notional of one order at most.")
    ]
    max_hedge_usd: Annotated[
        float, _number(10.0, 1e9, "Largest hedge", "USD", "Notional of one hedge at most.")
    ]
    auto_hedge_usd: Annotated[
        float, _number(0.0, 1e9, "Auto up to", "USD", "Auto asks for a click above this notional.")
    ]
    delta_cap_usd: Annotated[
        float, _number(10.0, 1e9, "Delta cap", "USD", "Delta above this is a breach.")
    ]
    slippage_cap_bps: Annotated[
        float, _number(0.1, 100.0, "Slippage cap", "bp", "Worst price against the decision mid.")
    ]
    fill_alert_bps: Annotated[
        float,
        _number(1.0, 200.0, "Bad fill", "bp", "Worse than proposed alerts; 3 in a row halt."),
    ] = 25.0
    spread_cap_bps: Annotated[
        float, _number(0.1, 100.0, "Widest spread", "bp", "A wider market is not traded.")
    ]
    collar_bps: Annotated[
        float,
        _number(1.0, 200.0, "Price collar", "bp", "Distance of mid, mark and index at most."),
    ]
    option_spread_pct: Annotated[
        float,
        _number(0.5, 50.0, "Widest option spread", "% of mid", "Also the gap of mid and mark."),
    ] = 15.0
    option_slip_pct: Annotated[
        float,
        _number(0.1, 25.0, "Option slippage", "% of mid", "Worst price of an option's order."),
    ] = 5.0
    book_age_s: Annotated[float, _number(0.1, 5.0, "Book age", "s", "An older book is not traded.")]
    greeks_age_s: Annotated[
        float, _number(0.5, 60.0, "Greeks age", "s", "Older option marks are not hedged on.")
    ]
    min_gap_s: Annotated[
        float, _number(1.0, 3600.0, "Gap of hedges", "s", "Time between hedges of a coin.")
    ]
    hedges_per_hour: Annotated[
        int, _number(1, 60, "Auto hedges an hour", "", "Automatic hedges of a coin per hour.")
    ]
    orders_per_minute: Annotated[
        int, _number(1, 60, "Orders a minute", "", "Orders sent per minute, all coins.")
    ]
    orders_per_day: Annotated[
        int, _number(1, 8000, "Orders a day", "", "Orders sent per UTC day, all coins.")
    ]
    flips_per_10min: Annotated[
        int, _number(1, 15, "Side flips", "per 10 min", "Changes of side before a coin pauses.")
    ]
    rejects_halt: Annotated[
        int, _number(1, 8, "Rejects", "", "Consecutive rejects before a coin pauses.")
    ]
    turnover_day_usd: Annotated[
        float, _number(10.0, 1e11, "Turnover a day", "USD", "Hedge notional per UTC day.")
    ]
    cost_day_usd: Annotated[
        float, _number(1.0, 1e8, "Hedge cost a day", "USD", "Fees and slippage per UTC day.")
    ]
    day_loss_reduce_usd: Annotated[
        float, _number(1.0, 1e9, "Day loss: reduce only", "USD", "Loss that forbids new risk.")
    ]
    day_loss_halt_usd: Annotated[
        float, _number(1.0, 1e9, "Day loss: stop", "USD", "Loss that freezes trading.")
    ]
    drawdown_7d_usd: Annotated[
        float,
        _number(1.0, 1e9, "Drawdown of 7 days", "USD", "Fall from the week's peak that freezes."),
    ] = 40_000.0
    gross_leverage: Annotated[
        float, _number(0.1, 10.0, "Gross leverage", "x equity", "Beyond it hedges only reduce.")
    ] = 2.0
    margin_use_pct: Annotated[
        float, _number(1.0, 90.0, "Margin use", "%", "From it on hedges only reduce (known rules).")
    ] = 90.0
    liquidation_pct: Annotated[
        float,
        _number(5.0, 90.0, "Liquidation distance", "%", "Nearer than it hedges only reduce."),
    ] = 5.0
    passive_wait_s: Annotated[
        float, _number(0.0, 300.0, "Passive wait", "s", "Limit order rests this long when calm.")
    ]
    urgent_bands: Annotated[
        float, _number(1.0, 20.0, "Urgent beyond", "bands", "Delta in half-bands that is urgent.")
    ]
    learned_cost_pct: Annotated[
        float,
        _number(0.0, 100.0, "Learned cost", "%", "0: bands use the quoted cost; 100: the paid."),
    ] = 0.0
    style: Annotated[Style, Meta(extra=_of("Style", "", "How an approved hedge is traded."))] = (
        Style.BY_URGENCY
    )
    urgency_limit: Annotated[
        float,
        _number(0.01, 100.0, "Urgency", "x", "Cost of waiting over saving; takes above it."),
    ] = 1.0
    after_wait: Annotated[
        Escalation,
        Meta(extra=_of("After the wait", "", "What becomes of what has not filled at rest.")),
    ] = Escalation.CROSS
    over_cap: Annotated[
        Escalation,
        Meta(extra=_of("Past the cap", "", "When taking would break the slippage cap.")),
    ] = Escalation.CROSS
    sit_s: Annotated[
        float,
        _number(1.0, 3600.0, "Sit or ask", "s", "At most so long; then it is decided anew."),
    ] = 60.0
    repegs: Annotated[
        int, _number(0, 5, "Re-pegs", "", "Times a resting order follows its touch.")
    ] = 0
    split_books: Annotated[
        int, _number(1, 6, "Split over", "books", "Taken at once: books, where that is cheaper.")
    ] = 1
    pay_up_ticks: Annotated[
        int, _number(0, 100, "Pay up", "ticks", "Marketable limit: ticks beyond the other touch.")
    ] = 2
    show_usd: Annotated[
        float, _number(10.0, 1e9, "Iceberg shows", "USD", "Iceberg: notional shown at a time.")
    ] = 10_000.0
    twap_slices: Annotated[
        int, _number(2, 10, "TWAP slices", "", "TWAP: equal parts of a hedge.")
    ] = 4
    twap_s: Annotated[
        float, _number(1.0, 3600.0, "TWAP over", "s", "TWAP: from the first slice to the end.")
    ] = 60.0
    unknown_halt_s: Annotated[
        float, _number(5.0, 300.0, "Unknown order", "s", "Unproven outcome that halts.")
    ]
    loop_lag_ms: Annotated[
        float, _number(20.0, 5000.0, "Loop lag", "ms", "A slower engine loop halts hedging.")
    ]
    position_gap_lots: Annotated[
        float,
        _number(0.0, 10.0, "Position gap", "lots", "More between books and venue locks hedging."),
    ] = 1.0
    balance_gap_pct: Annotated[
        float,
        _number(0.0, 5.0, "Balance gap", "% equity", "More between books and venue locks hedging."),
    ] = 0.5
    snapshot_age_s: Annotated[
        float,
        _number(20.0, 120.0, "Account age", "s", "Paper, live: older word of it adds no risk."),
    ] = 30.0
    clock_offset_ms: Annotated[
        float,
        _number(50.0, 1000.0, "Clock offset", "ms", "A venue clock further off locks hedging."),
    ] = 500.0
    policies: dict[str, PolicySpec]
    synthetics: dict[str, Synthetic] = {}  # perps-only modes by underlying
