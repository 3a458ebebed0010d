"""What an underlying can be hedged with, as a screen shows it; unknown is None, with the reason."""

from decimal import Decimal

from msgspec import Struct

from terminal.model.order import Side


class HedgeRow(Struct, frozen=True, kw_only=True):
    """One instrument that could carry a hedge. Costs are in bp of its notional, paid is positive.

    ``carry_bp`` runs to the expected end of the hedge; negative, it is earned. A part that is
    unknown is None and not in the total. ``rank`` is 1 for the cheapest, 0 for what cannot be used.
    """

    key: str
    symbol: str
    venue: str
    kind: str  # perpetual, future, spot
    rank: int
    qty: Decimal  # contracts
    coins: float
    fee_bp: float | None
    spread_bp: float | None  # half of it
    impact_bp: float | None
    carry_bp: float | None
    total_bp: float | None
    total_usd: float | None
    margin_usd: float | None  # initial margin that the hedge needs
    free_usd: float | None  # collateral free for it
    margin_note: str = ""  # why one of the two is unknown
    reason: str


class SplitLeg(Struct, frozen=True):
    """Part of a hedge that goes to one book."""

    symbol: str
    qty: Decimal  # contracts
    coins: float
    key: str = ""


class SplitRow(Struct, frozen=True, kw_only=True):
    """One hedge over several books at equal marginal cost, against the best single one."""

    legs: tuple[SplitLeg, ...]  # empty: one book alone is best
    coins: float
    total_bp: float | None
    total_usd: float | None
    saves_bp: float | None  # None: no single book shows the whole size
    saves_usd: float | None
    reason: str


class BasketTrade(Struct, frozen=True):
    """One order of a basket."""

    symbol: str
    side: Side
    qty: Decimal  # contracts
    key: str = ""


class BasketRow(Struct, frozen=True, kw_only=True):
    """Cheapest orders found that bring several Greeks inside their bands."""

    name: str
    trades: tuple[BasketTrade, ...]
    cost_usd: float | None
    before: dict[str, float]  # net Greeks by name
    after: dict[str, float]
    reason: str


class HedgeWith(Struct, frozen=True, kw_only=True):
    """Everything one underlying could be hedged with, for one size."""

    underlying: str
    side: Side | None  # None: no size to price, with the reason in ``occasion``
    coins: float
    occasion: str  # what the size is for
    holding: int | None  # ns until the policy is expected to trade again
    rows: tuple[HedgeRow, ...] = ()
    split: SplitRow | None = None
    baskets: tuple[BasketRow, ...] = ()
    basket_note: str = ""  # why there are no baskets


class ProxyCoin(Struct, frozen=True):
    """How one coin follows the proxy coin."""

    underlying: str
    delta_usd: float
    beta: float  # drawn half-way toward its long-run value
    measured: float | None  # as lately seen
    correlation: float | None


class ProxyView(Struct, frozen=True, kw_only=True):
    """The whole book hedged in one coin: beta-adjusted delta, and the risk that stays."""

    proxy: str
    coins: tuple[ProxyCoin, ...] = ()
    delta_usd: float | None = None  # beta-adjusted, in USD of the proxy
    hedge_coins: float | None = None  # of the proxy; negative: sell
    sd_before_usd: float | None = None  # one day
    sd_after_usd: float | None = None
    reason: str = ""  # why a number is unknown
