"""Everything a hedging decision may look at, in one frozen value."""

from decimal import Decimal

from msgspec import Struct

from terminal.hedging.memory import Memory
from terminal.hedging.urgency import USUAL_FILL_RATE
from terminal.market.state import Seen
from terminal.model.forecast import Outlook
from terminal.model.greeks import Exposure
from terminal.model.instrument import Contract, Instrument
from terminal.model.market import Depth, Funding
from terminal.model.risk import PolicySpec, RiskProfile


class Instrumental(Struct, frozen=True, kw_only=True):
    """The instrument a hedge would trade, and what is known of it."""

    contract: Contract
    book: Seen
    depth: Depth | None
    position: Decimal  # contracts held
    listed: Instrument | None = None  # all its terms, and
    funding: Funding | None = None  # what its venue last said of funding: both for advice only


class Expiring(Struct, frozen=True, gc=False):
    """Options whose settlement price is being averaged now."""

    delta: float  # coin, as if nothing were averaged yet
    gamma: float  # coin per USD, likewise
    left: float  # part of the averaging still to come, 0 to 1


class HedgeInputs(Struct, frozen=True, kw_only=True):
    """Inputs of one decision about one underlying. Deltas are in coin."""

    now: int
    underlying: str
    exposure: Exposure
    net_delta: float  # of the kind the policy hedges, in flight included
    spot: float  # USD per coin
    spec: PolicySpec
    profile: RiskProfile
    hedge: Instrumental
    one_way_cost: float  # fee and half spread as a fraction of notional
    annual_vol: float | None
    last_hedge_at: int  # 0: none yet
    data_age: int  # ns, of the oldest input
    fill_rate: float = USUAL_FILL_RATE  # of an own order at the touch, 1/s
    memory: Memory = Memory()
    expiring: Expiring | None = None
    calm_gamma: float | None = None  # with no option near its expiry, coin per USD; None: the same
    vanna: float | None = None  # coin per 1.00 of volatility; None: not looked at
    largest_usd: float | None = None  # notional a hedge is cut to; None: it is not cut
    outlook: Outlook | None = None  # of the underlying; None: none, or the policy reads none
    note: str = ""  # why the target is where it is, when no policy put it there
