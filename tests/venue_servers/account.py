"""The account at a local exchange: positions, balances, orders and fills, all true."""

from decimal import Decimal

from msgspec import Struct

from tests.venue_servers.listing import Terms, Unit

FEE = Decimal("0.0005")
LEVERAGE = 20


class Ask(Struct, frozen=True, kw_only=True):
    """An order as it was asked for. ``price`` None: at market."""

    name: str
    side: str  # buy or sell
    quantity: Decimal
    price: Decimal | None = None
    client_id: str = ""
    tif: str = "gtc"  # gtc, ioc or fok
    post_only: bool = False
    reduce_only: bool = False
    session: int = 0  # of the socket it came by; 0 for REST


class Fill(Struct, frozen=True, kw_only=True):
    """One execution. ``fee`` is in the settlement coin; ``before`` the position before it."""

    number: int
    order: int
    name: str
    side: str
    price: Decimal
    quantity: Decimal
    fee: Decimal
    maker: bool
    at_ms: int
    before: Decimal


class Order(Struct, kw_only=True):
    """One order of the account. ``status`` is open, filled or cancelled."""

    number: int
    ask: Ask
    created_ms: int
    updated_ms: int
    status: str = "open"
    filled: Decimal = Decimal(0)
    cost: Decimal = Decimal(0)  # sum of price times quantity
    why: str = ""
    fills: list[Fill]

    @property
    def left(self) -> Decimal:
        """Quantity not filled."""
        return self.ask.quantity - self.filled

    @property
    def average(self) -> Decimal:
        """Average price of the fills, 0 without any."""
        return self.cost / self.filled if self.filled else Decimal(0)


def so_far(order: Order, fill: Fill) -> tuple[Decimal, Decimal]:
    """Filled quantity, and sum of price times quantity, up to and with one fill."""
    upto = [each for each in order.fills if each.number <= fill.number]
    quantity = sum((each.quantity for each in upto), Decimal(0))
    return quantity, sum((each.quantity * each.price for each in upto), Decimal(0))


class Held(Struct, kw_only=True):
    """A position: signed quantity in the instrument's unit, and its average price."""

    name: str
    quantity: Decimal = Decimal(0)
    average: Decimal = Decimal(0)
    realised: Decimal = Decimal(0)


class FundingPayment(Struct, frozen=True):
    """Funding booked to the account; positive was received."""

    number: int
    name: str
    coin: str
    amount: Decimal
    rate: Decimal
    at_ms: int


class Settlement(Struct, frozen=True, kw_only=True):
    """The end of a session for one instrument, where an exchange has sessions."""

    number: int
    name: str
    coin: str
    funding: Decimal
    change: Decimal
    at_ms: int


class Account:
    """What the exchange knows of one customer."""

    def __init__(self, balances: dict[str, Decimal]) -> None:
        self.balances = dict(balances)
        self.positions: dict[str, Held] = {}
        self.orders: dict[int, Order] = {}
        self.fills: list[Fill] = []
        self.fundings: list[FundingPayment] = []
        self.settlements: list[Settlement] = []
        self.sessions: dict[str, Decimal] = {}  # profit by coin when the last session ended
        self.withdrawals_allowed = False
        self.two_sided = False  # hedge mode

    def held(self, name: str) -> Held:
        """Return the position in an instrument, flat if there was none."""
        return self.positions.setdefault(name, Held(name=name))

    def open_orders(self, name: str = "") -> list[Order]:
        """Live orders, of one instrument or all."""
        return [
            each
            for each in self.orders.values()
            if each.status == "open" and name in ("", each.ask.name)
        ]

    def by_client_id(self, client_id: str) -> list[Order]:
        """Every order with a client id, oldest first."""
        return [each for each in self.orders.values() if each.ask.client_id == client_id]

    def book(self, terms: Terms, fill: Fill) -> None:
        """Take a fill into position and balance."""
        held = self.held(fill.name)
        signed = fill.quantity if fill.side == "buy" else -fill.quantity
        gain = realised(terms, held, signed, fill.price)
        held.average = _average(terms, held, signed, fill.price)
        held.quantity += signed
        held.realised += gain
        paid = signed * terms.size * fill.price if terms.is_option else -gain
        balance = self.balances.get(terms.settle, Decimal(0))
        self.balances[terms.settle] = balance - paid - fill.fee
        self.fills.append(fill)


def coins(terms: Terms, quantity: Decimal, price: Decimal) -> Decimal:
    """Quantity of an instrument in coins at a price."""
    if terms.unit is Unit.USD:
        return quantity * terms.size / price
    return quantity * terms.size


def value(terms: Terms, quantity: Decimal, price: Decimal) -> Decimal:
    """Value in the settlement coin at a price."""
    if terms.unit is Unit.USD:
        return quantity * terms.size / price
    return quantity * terms.size * price


def gain_at(terms: Terms, held: Held, price: Decimal) -> Decimal:
    """Gain in the settlement coin if the position were closed at a price."""
    if not held.quantity:
        return Decimal(0)
    return realised(terms, held, -held.quantity, price)


def realised(terms: Terms, held: Held, signed: Decimal, price: Decimal) -> Decimal:
    """Gain in the settlement coin that a signed trade realises."""
    if held.quantity * signed >= 0:
        return Decimal(0)
    closed = min(abs(signed), abs(held.quantity)) * (1 if held.quantity > 0 else -1)
    if terms.unit is Unit.USD:
        return closed * terms.size * (1 / held.average - 1 / price)
    return closed * terms.size * (price - held.average)


def _average(terms: Terms, held: Held, signed: Decimal, price: Decimal) -> Decimal:
    after = held.quantity + signed
    if not after:
        return Decimal(0)
    if held.quantity * signed < 0:
        return held.average if after * held.quantity > 0 else price
    if not held.quantity:
        return price
    if terms.unit is Unit.USD:
        return after / (held.quantity / held.average + signed / price)
    return (held.quantity * held.average + signed * price) / after
