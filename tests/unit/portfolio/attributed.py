"""An account whose P&L is attributed: the market moves, trades and payments come, marks fail."""

from collections.abc import Sequence
from decimal import Decimal

from msgspec.structs import replace

from terminal.core.units import DAY, HOUR
from terminal.market.state import Market, apply
from terminal.model.account import AccountSnapshot, Balance, FundingPaid
from terminal.model.attribution import Bucket
from terminal.model.instrument import Instrument, Option
from terminal.model.market import AssumedVol, Index, Quote
from terminal.model.messages import Listing, MarketEvent
from terminal.portfolio.attribution import Attribution, Change, begun, moved, stepped
from terminal.portfolio.attribution_legs import Look, looked
from terminal.portfolio.attribution_store import Row, totals
from terminal.portfolio.books import Books, refreshed
from terminal.portfolio.exposure import Lens, survey
from terminal.portfolio.holding import kind_of
from terminal.portfolio.ledger import Ledger, adopt, book_fill, book_funding, settle
from terminal.pricing.engines import NUMPY
from tests.unit.portfolio.books import (
    NOW,
    fill,
    inverse_future,
    inverse_perp,
    linear_future,
    linear_perp,
    option,
    spot,
)

COIN_CALL, USD_CALL = option(), option(settle="USDC")
HELD: tuple[Instrument, ...] = (
    COIN_CALL,
    USD_CALL,
    linear_perp(),
    inverse_perp(),
    linear_future(),
    inverse_future(),
    spot(),
)
CASH = (Balance("BTC", Decimal(4)), Balance("USDC", Decimal(50_000)))


def row_of(instrument: Instrument) -> Row:
    contract = instrument.contract
    expiry = getattr(instrument, "expiry", 0)
    return Row(contract.key, contract.symbol, contract.base, expiry, contract.venue)


def marks(instrument: Instrument, price: float | None) -> MarketEvent:
    return Quote(instrument.contract.key, None, None, mark=price)


class Account:
    """Everything held from the start at 60,000 USD, at volatility 50 % and 1 % of basis."""

    def __init__(self, held: Sequence[Instrument] = HELD) -> None:
        self.now = NOW
        self.fills = 0
        self.market = apply(Market(), Listing("sim", HELD), NOW)
        self.move(60_000.0, 0)
        ledger, _ = adopt(Ledger(), AccountSnapshot("sim", (), CASH))
        for each in held:
            entry = "59000"
            if isinstance(each, Option):
                entry = "0.05" if each is COIN_CALL else "3000"
            ledger = book_fill(ledger, each, fill(each, "1", entry))
        self.ledger = ledger
        self.opened = self.worth()
        self.attribution: Attribution = begun(self.look(), NOW)

    def move(
        self, price: float, span: int = HOUR, *, vol: float = 0.5, basis: float = 1.01
    ) -> None:
        """Let time pass and everything move."""
        self.now += span
        events: list[MarketEvent] = [Index("BTC", price)]
        for each in HELD:
            kind = kind_of(each)
            if isinstance(each, Option):
                events.append(AssumedVol(each.contract.key, vol))
            elif kind != "spot":
                over = 1.0 + (basis - 1.0) / (1.0 if kind == "future" else 50.0)
                events.append(marks(each, price * over))
        for event in events:
            self.market = apply(self.market, event, self.now)

    def tell(self, event: MarketEvent) -> None:
        self.market = apply(self.market, event, self.now)

    def look(self) -> Look:
        books = refreshed(Books(), self.market.instruments, self.ledger)
        coins = ["BTC", "BNB"]
        lens = Lens(underlyings=coins, now=self.now, working={}, greeks_age=DAY, engine=NUMPY)
        found = survey(self.market, self.ledger, books, lens, {})
        return looked(found.views, self.ledger, books)

    def worth(self) -> float:
        seen = self.look()
        assert not seen.missing
        return sum(leg.value or 0.0 for leg in seen.legs.values())

    def step(self) -> None:
        self.attribution = stepped(self.attribution, self.look(), self.now)

    def change(self, ledger: Ledger, change: Change) -> None:
        before = self.look()
        closed = stepped(self.attribution, before, self.now)
        self.ledger = ledger
        self.attribution = moved(closed, before, self.look(), change)

    def trade(self, instrument: Instrument, qty: str, price: str, **more: str) -> None:
        """Fill, with a fee in USDC and slippage in USD where they are given."""
        fee, slippage = more.get("fee", "0"), float(more.get("slippage", "0"))
        self.fills += 1
        fill_id = f"fill {self.fills}"
        made = fill(instrument, qty, price, fee=fee, fee_currency="USDC", fill_id=fill_id)
        change = Change(
            bucket=Bucket.EDGE,
            row=row_of(instrument),
            at=self.now,
            fee_usd=float(fee),
            slippage_usd=slippage,
        )
        self.change(book_fill(self.ledger, instrument, made), change)

    def pay(self, amount: str, currency: str, bucket: Bucket = Bucket.FUNDING) -> None:
        paid = FundingPaid("p", Decimal(amount), currency, 0.0)
        change = Change(bucket=bucket, row=row_of(linear_perp()), at=self.now)
        self.change(book_funding(self.ledger, paid), change)

    def expire(self, instrument: Instrument, price: str) -> None:
        change = Change(bucket=Bucket.SETTLEMENT, row=row_of(instrument), at=self.now)
        self.change(settle(self.ledger, instrument, Decimal(price)), change)

    def correct(self, snapshot: AccountSnapshot) -> None:
        row = Row("", "snapshot", "", 0, "sim")
        change = Change(bucket=Bucket.CORRECTIONS, row=row, at=self.now)
        self.change(adopt(self.ledger, snapshot)[0], change)

    def buckets(self) -> dict[Bucket, float]:
        return {k: v for k, v in totals(self.attribution.store.cells.values()).items() if v}

    def gross(self) -> float:
        return sum(cell.gross + cell.stray for cell in self.attribution.store.cells.values())

    def stated(self, **balances: str) -> AccountSnapshot:
        """Snapshot that agrees with the books but for these balances."""
        amounts = {each: str(amount) for each, amount in self.ledger.cash.items()} | balances
        return AccountSnapshot(
            "sim",
            tuple(self.ledger.positions.values()),
            tuple(Balance(each, Decimal(amount)) for each, amount in amounts.items()),
        )

    def without(self, key: str) -> AccountSnapshot:
        """Snapshot that knows nothing of one position."""
        whole = self.stated()
        return replace(whole, positions=tuple(e for e in whole.positions if e.key != key))
