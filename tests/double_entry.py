"""An independent book-keeper: double entry by cost basis, to hold the ledger against.

The ledger keeps an average entry of 34 digits; here the whole cost of a position is kept, of which
a trade that reduces it takes its share. Every transaction moves equal amounts between two accounts,
so that all accounts of a currency always add up to nothing.
"""

from collections import defaultdict
from decimal import ROUND_HALF_EVEN, Context, Decimal

from msgspec import Struct

from terminal.model.instrument import Instrument, Option, Payoff, Spot
from terminal.model.order import Fill, Side

WIDE = Context(prec=60, rounding=ROUND_HALF_EVEN)
CENT = Decimal("1e-12")
NONE = Decimal(0)


class Stock(Struct):
    """Contracts of one instrument and what they cost: dollars, of an inverse contract coins."""

    qty: Decimal = NONE
    cost: Decimal = NONE


class BookKeeper:
    """Accounts by name and currency; ``cash`` is what is there, the others say why."""

    def __init__(self) -> None:
        self.accounts: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
        self.stocks: defaultdict[str, Stock] = defaultdict(Stock)

    def post(self, reason: str, currency: str, amount: Decimal) -> None:
        """Move an amount into cash, for a reason."""
        rounded = amount.quantize(CENT, context=WIDE)
        for account, change in (("cash", rounded), (reason, -rounded)):
            place = (account, currency)
            self.accounts[place] = WIDE.add(self.accounts[place], change)

    def fill(self, instrument: Instrument, deal: Fill) -> None:
        """Book a fill: what it earns or costs, and its fee."""
        signed = deal.qty if deal.side is Side.BUY else -deal.qty
        units = WIDE.multiply(signed, instrument.contract.multiplier)
        stock = self.stocks[deal.key]
        reason = kind(instrument)
        if isinstance(instrument, Spot):
            self.post(reason, instrument.contract.base, units)
            self.post(reason, instrument.contract.quote, -WIDE.multiply(units, deal.price))
        elif isinstance(instrument, Option):
            self.post(reason, instrument.contract.settle, -WIDE.multiply(units, deal.price))
        else:
            gain = self._gain(instrument, stock, signed, worth(instrument, units, deal.price))
            self.post(reason, instrument.contract.settle, gain)
        stock.qty += signed
        self.post("fees", deal.fee_currency, -deal.fee)

    def settle(self, instrument: Instrument, price: Decimal) -> None:
        """Book an expiry: the holder of an option is paid, anything else is closed."""
        stock = self.stocks.pop(instrument.contract.key, Stock())
        units = WIDE.multiply(stock.qty, instrument.contract.multiplier)
        if isinstance(instrument, Option):
            inside = price - instrument.strike if instrument.right == "call" else (
                instrument.strike - price
            )  # fmt: skip
            paid = WIDE.multiply(units, max(inside, NONE))
            in_coin = instrument.contract.settle == instrument.contract.base
            amount = WIDE.divide(paid, price) if in_coin else paid
        else:
            worth_now = worth(instrument, units, price)
            amount = worth_now - stock.cost if not inverse(instrument) else stock.cost - worth_now
        self.post(kind(instrument), instrument.contract.settle, amount)

    def _gain(
        self, instrument: Instrument, stock: Stock, signed: Decimal, value: Decimal
    ) -> Decimal:
        """Profit of a trade worth ``value``; the cost of what is held follows."""
        if stock.qty * signed >= 0:
            stock.cost = WIDE.add(stock.cost, value)
            return NONE
        closes = min(abs(signed), abs(stock.qty))
        taken = WIDE.divide(WIDE.multiply(stock.cost, closes), abs(stock.qty))
        given = WIDE.divide(WIDE.multiply(value, closes), abs(signed))
        stock.cost = WIDE.add(stock.cost - taken, value - given)
        # What was bought at ``taken`` went at ``-given``; in coins a dollar bought is a coin owed.
        earned = WIDE.add(-given, -taken)
        return -earned if inverse(instrument) else earned

    def total(self, currency: str) -> Decimal:
        """Sum of every account in a currency: nothing, if the books balance."""
        amounts = (each for (_, name), each in self.accounts.items() if name == currency)
        return sum(amounts, NONE)


def inverse(instrument: Instrument) -> bool:
    """Whether a contract is worth a fixed number of dollars, paid in coin."""
    return not isinstance(instrument, Option) and instrument.contract.payoff is Payoff.INVERSE


def worth(instrument: Instrument, units: Decimal, price: Decimal) -> Decimal:
    """Value of signed units at a price, in the currency that they settle in."""
    if inverse(instrument):
        return WIDE.divide(units, price)
    return WIDE.multiply(units, price)


def kind(instrument: Instrument) -> str:
    """Account of what trading an instrument earns."""
    return type(instrument).__name__.lower()
