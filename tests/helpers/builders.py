"""Short ways to make the values that the engine's floors trade in; every default is sound."""

from decimal import Decimal
from typing import Any

from terminal.core.units import DAY, HOUR, SECOND
from terminal.hedging.inputs import HedgeInputs, Instrumental
from terminal.market.quality import flaw
from terminal.market.state import Seen
from terminal.model.greeks import DeltaKind, Exposure, Sensitivity
from terminal.model.hedge import Cost, Proposal, ProposalStatus, Target
from terminal.model.instrument import (
    Contract,
    Future,
    Instrument,
    Option,
    Payoff,
    Perpetual,
    Right,
    TickStep,
)
from terminal.model.market import Depth, Quote
from terminal.model.order import (
    Fill,
    Order,
    OrderIntent,
    OrderStatus,
    Side,
    TimeInForce,
)
from terminal.model.risk import PolicyKind, PolicySpec, RiskProfile
from terminal.risk.activity import Activity
from terminal.risk.limits import Context

NOW = 20_000 * DAY + 12 * HOUR
EXPIRY = NOW + 30 * DAY
PERP = "BTC_USDC-PERP@sim"
INVERSE = "BTC-PERP@sim"
FUTURE = "BTC-FUT@sim"
OPTION = "BTC-30000-C@sim"
SPOT = 50_000.0

Made = Any  # fields of a frozen value, by name


def contract(symbol: str = "BTC_USDC-PERP", **terms: Made) -> Contract:
    """Make linear terms of a coin a contract, in lots of 0.001."""
    defaults: dict[str, Any] = {
        "venue": "sim",
        "symbol": symbol,
        "base": "BTC",
        "quote": "USDC",
        "settle": "USDC",
        "payoff": Payoff.LINEAR,
        "multiplier": Decimal(1),
        "ticks": (TickStep(Decimal(0), Decimal("0.5")),),
        "lot": Decimal("0.001"),
        "min_qty": Decimal("0.001"),
        "min_notional": Decimal(5),
        "maker_bps": 0.0,
        "taker_bps": 5.0,
    }
    return Contract(**(defaults | terms))


def inverse_contract(symbol: str = "BTC-PERP", **terms: Made) -> Contract:
    """Make inverse terms of ten dollars a contract, in lots of one."""
    defaults: dict[str, Any] = {
        "quote": "USD",
        "settle": "BTC",
        "payoff": Payoff.INVERSE,
        "multiplier": Decimal(10),
        "lot": Decimal(1),
        "min_qty": Decimal(1),
        "min_notional": Decimal(10),
    }
    return contract(symbol, **(defaults | terms))


def instruments() -> tuple[Instrument, ...]:
    """List a perpetual, a future and a call."""
    return (
        Perpetual(contract(), 8 * HOUR),
        Future(contract("BTC-FUT"), EXPIRY),
        Option(contract("BTC-30000-C"), EXPIRY, Decimal(30_000), Right.CALL),
    )


def quote(
    key: str = PERP,
    bid: float | None = 49_999.5,
    ask: float | None = 50_000.5,
    **more: Made,
) -> Quote:
    """Make a two-sided quote around the usual price."""
    sizes: dict[str, Any] = {"bid_qty": 10.0, "ask_qty": 10.0}
    return Quote(key, bid, ask, **(sizes | more))


def seen(given: Quote | None = None, at: int = NOW) -> Seen:
    """Make a quote as the market keeps it."""
    kept = given or quote()
    return Seen(at, kept, flaw(kept))


def spec(kind: PolicyKind = PolicyKind.BAND_TO_TARGET, **more: Made) -> PolicySpec:
    """Make a policy with a band of a tenth of a coin."""
    defaults: dict[str, Any] = {
        "delta": DeltaKind.BLACK_SCHOLES,
        "target": 0.0,
        "low": -0.1,
        "high": 0.1,
        "every_s": 300.0,
        "cap": 0.5,
    }
    return PolicySpec(kind=kind, **(defaults | more))


def profile(policy: PolicySpec | None = None, **more: Made) -> RiskProfile:
    """Make a profile whose limits are out of the way of what a test looks at."""
    defaults: dict[str, Any] = {
        "name": "test",
        "about": "",
        "risk_aversion": 2e-5,
        "approval_ttl_s": 30.0,
        "drift_price_bps": 20.0,
        "drift_delta_pct": 30.0,
        "max_order_usd": 1e6,
        "max_hedge_usd": 1e6,
        "auto_hedge_usd": 1e6,
        "delta_cap_usd": 1e6,
        "slippage_cap_bps": 15.0,
        "spread_cap_bps": 20.0,
        "collar_bps": 50.0,
        "book_age_s": 5.0,
        "greeks_age_s": 30.0,
        "min_gap_s": 1.0,
        "hedges_per_hour": 60,
        "orders_per_minute": 60,
        "orders_per_day": 8000,
        "flips_per_10min": 15,
        "rejects_halt": 3,
        "turnover_day_usd": 1e9,
        "cost_day_usd": 1e6,
        "day_loss_reduce_usd": 1e6,
        "day_loss_halt_usd": 2e6,
        "drawdown_7d_usd": 1e9,
        "gross_leverage": 10.0,
        "margin_use_pct": 90.0,
        "liquidation_pct": 5.0,
        "passive_wait_s": 10.0,
        "urgent_bands": 20.0,
        "unknown_halt_s": 20.0,
        "loop_lag_ms": 1000.0,
        "position_gap_lots": 0.0,
        "balance_gap_pct": 0.0,
        "snapshot_age_s": 30.0,
        "clock_offset_ms": 500.0,
        "policies": {"BTC": policy or spec()},
    }
    return RiskProfile(**(defaults | more))


def exposure(net: float = 1.0, gamma: float = 0.0, **more: Made) -> Exposure:
    """Make a usable exposure of ``net`` coins."""
    total = Sensitivity(delta=net, delta_net_of_premium=net, delta_with_equity=net, gamma=gamma)
    defaults: dict[str, Any] = {
        "underlying": "BTC",
        "spot": SPOT,
        "total": total,
        "working": 0.0,
        "option_delta": net,
        "hedge_delta": 0.0,
        "usable": True,
    }
    return Exposure(**(defaults | more))


def inputs(net: float = 1.0, policy: PolicySpec | None = None, **more: Made) -> HedgeInputs:
    """Make the inputs of a decision; ``contract``, ``book`` and ``depth`` shape the hedge."""
    chosen = policy or spec()
    terms: Contract = more.pop("contract", contract())
    gamma = more.pop("gamma", 0.0)
    hedge = Instrumental(
        contract=terms,
        book=more.pop("book", seen(quote(terms.key))),
        depth=more.pop("depth", None),
        position=more.pop("position", Decimal(0)),
    )
    defaults: dict[str, Any] = {
        "now": NOW,
        "underlying": "BTC",
        "exposure": exposure(net, gamma),
        "net_delta": net,
        "spot": SPOT,
        "spec": chosen,
        "profile": profile(chosen),
        "hedge": hedge,
        "one_way_cost": 5.1e-4,
        "annual_vol": 0.5,
        "last_hedge_at": NOW - HOUR,
        "data_age": 0,
    }
    return HedgeInputs(**(defaults | more))


def proposal(**more: Made) -> Proposal:
    """Make an open proposal to sell one coin at the usual price."""
    defaults: dict[str, Any] = {
        "proposal_id": "BTC-1-test",
        "revision": 1,
        "underlying": "BTC",
        "status": ProposalStatus.OPEN,
        "key": PERP,
        "side": Side.SELL,
        "qty": Decimal(1),
        "coins": 1.0,
        "usd": SPOT,
        "mid": SPOT,
        "limit": Decimal(49_925),
        "urgent": False,
        "reduce_only": False,
        "before": 1.0,
        "after": 0.0,
        "target": Target(0.0, -0.1, 0.1, "band to target", "fixed band"),
        "cost": Cost(25.0, 0.5, 0.0),
        "risk_removed_usd": None,
        "reasons": (),
        "data_age": 0,
        "created_at": NOW,
        "expires_at": NOW + 30 * SECOND,
    }
    return Proposal(**(defaults | more))


def context(**more: Made) -> Context:
    """Make a moment at which the usual proposal is approved."""
    defaults: dict[str, Any] = {
        "now": NOW + SECOND,
        "profile": profile(),
        "stop": None,
        "halts": (),
        "contract": contract(),
        "book": seen(at=NOW + SECOND),
        "index": SPOT,
        "net_delta": 1.0,
        "position": Decimal(0),
        "working": False,
        "unknown": False,
        "activity": Activity(),
        "day_pnl": 0.0,
        "equity": 1e6,
        "gross_usd": 0.0,
    }
    return Context(**(defaults | more))


def intent(order_id: str = "o1", **more: Made) -> OrderIntent:
    """Make an order to buy ten contracts that takes liquidity."""
    defaults: dict[str, Any] = {
        "proposal_id": "p1",
        "attempt": 1,
        "key": PERP,
        "side": Side.BUY,
        "qty": Decimal(10),
        "limit": Decimal(50_000),
        "tif": TimeInForce.IOC,
        "reduce_only": False,
        "decision_mid": SPOT,
    }
    return OrderIntent(order_id=order_id, **(defaults | more))


def order(status: OrderStatus = OrderStatus.SENT, **more: Made) -> Order:
    """Make an order in a state."""
    asked = more.pop("intent", None) or intent()
    return Order(intent=asked, status=status, created_at=NOW, changed_at=NOW, **more)


def fill(number: int = 1, qty: str = "1", **more: Made) -> Fill:
    """Make the ``number``-th fill of the usual order."""
    defaults: dict[str, Any] = {
        "order_id": "o1",
        "key": PERP,
        "side": Side.BUY,
        "price": Decimal(50_000),
        "fee": Decimal(1),
        "fee_currency": "USDC",
        "maker": False,
    }
    return Fill(fill_id=f"f{number}", qty=Decimal(qty), **(defaults | more))


def depth(key: str = PERP, step_usd: float = 1.0, size: float = 1.0, levels: int = 5) -> Depth:
    """Make a book of even steps around the usual price."""
    return Depth(
        key,
        tuple((49_999.5 - step_usd * n, size) for n in range(levels)),
        tuple((50_000.5 + step_usd * n, size) for n in range(levels)),
    )
