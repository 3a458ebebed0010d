"""The books under load: ``python -m tests.accounts --fills 100000 --seed 1``.

Random fills of linear and inverse perpetuals and futures, of options paid in coin and in dollars
and of spot, with fees in three currencies, funding, settlements, transfers and fills told twice,
go into the ledger and to an independent book-keeper. The two must agree to the last digit.
"""

import argparse
import random
import sys
from collections.abc import Iterator, Sequence
from decimal import Decimal, localcontext
from fractions import Fraction

from msgspec import Struct
from msgspec.structs import replace

from terminal.core.units import DAY, HOUR
from terminal.model.account import AccountSnapshot, Balance, FundingPaid
from terminal.model.instrument import Future, Instrument, Option, Perpetual, Right, Spot
from terminal.model.order import Fill, Side
from terminal.portfolio.ledger import CASH_STEP, Ledger, adopt, book_fill, book_funding, settle
from tests.double_entry import WIDE, BookKeeper, kind
from tests.helpers.builders import contract, inverse_contract

EXPIRY = 30 * DAY
CURRENCIES = ("USDC", "BTC", "BNB")
LISTED: tuple[Instrument, ...] = (
    Perpetual(contract(), 8 * HOUR),
    Perpetual(inverse_contract(), 8 * HOUR),
    Future(contract("BTC-F"), EXPIRY),
    Future(inverse_contract("BTC-IF"), EXPIRY),
    Option(contract("COIN-C", quote="BTC", settle="BTC"), EXPIRY, Decimal(60_000), Right.CALL),
    Option(contract("COIN-P", quote="BTC", settle="BTC"), EXPIRY, Decimal(50_000), Right.PUT),
    Option(contract("USD-C", multiplier=Decimal("0.1")), EXPIRY, Decimal(55_000), Right.CALL),
    Spot(contract("BTC/USDC")),
)
EXPIRING = tuple(each for each in LISTED if isinstance(each, Future | Option))


class Found(Struct):
    """What a run counted, and every digit that did not agree."""

    fills: int = 0
    repeats: int = 0
    payments: int = 0
    settlements: int = 0
    transfers: int = 0
    residual: Fraction = Fraction(0)  # largest of a currency, against first principles
    wrong: list[str] = []


class Load:
    """A ledger and its book-keeper under the same random events."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.ledger, self.keeper, self.found = Ledger(), BookKeeper(), Found(wrong=[])
        self.flows = {currency: Fraction(0) for currency in CURRENCIES}
        self.told: Fill | None = None

    def price(self, instrument: Instrument) -> Decimal:
        """Random price on a fine grid, in the instrument's unit."""
        in_coin = isinstance(instrument, Option) and instrument.contract.settle == "BTC"
        low, high, digits = (1, 900, 4) if in_coin else (3_000_000, 9_000_000, 2)
        return Decimal(self.chance.randint(low, high)).scaleb(-digits)

    def fill(self) -> None:
        """One fill; now and then the last one is told again, by another door."""
        chance, found = self.chance, self.found
        if self.told is not None and chance.random() < 0.1:
            again = replace(self.told, fee=Decimal(7), maker=not self.told.maker)
            before = self.ledger
            self.ledger = book_fill(before, by_key(again.key), again)
            found.repeats += 1
            if self.ledger is not before:
                found.wrong.append(f"fill {again.fill_id} counted twice")
            return
        instrument = chance.choice(LISTED)
        found.fills += 1
        deal = Fill(
            f"f{found.fills}",
            "o",
            instrument.contract.key,
            chance.choice((Side.BUY, Side.SELL)),
            chance.randint(1, 5_000) * instrument.contract.lot,
            self.price(instrument),
            Decimal(chance.randint(-2_000, 9_000)).scaleb(-7),
            chance.choice(CURRENCIES),
            maker=chance.random() < 0.5,
        )
        self.ledger = book_fill(self.ledger, instrument, deal)
        self.keeper.fill(instrument, deal)
        self.told = deal
        self._count(instrument, deal)

    def payment(self) -> None:
        """Funding of either sign, in dollars or in coin."""
        linear = self.chance.random() < 0.5
        amount = Decimal(self.chance.randint(-(10**9), 10**9)).scaleb(-12)
        paid = FundingPaid(LISTED[0].contract.key, amount, "USDC" if linear else "BTC", 1e-4)
        self.ledger = book_funding(self.ledger, paid)
        self.keeper.post("funding", paid.currency, amount)
        self.flows[paid.currency] += Fraction(amount)
        self.found.payments += 1

    def expiry(self) -> None:
        """One instrument settles, twice told; it may be traded anew afterwards."""
        instrument = self.chance.choice(EXPIRING)
        price = Decimal(self.chance.randint(3_000_000, 9_000_000)).scaleb(-2)
        self._close(instrument, price)
        self.found.settlements += 1

    def transfer(self) -> None:
        """Cash comes or goes; the venue's statement says so."""
        currency = self.chance.choice(CURRENCIES)
        amount = Decimal(self.chance.randint(-(10**6), 10**6)).scaleb(-3)
        with localcontext(WIDE):
            cash = {name: self.ledger.cash.get(name, Decimal(0)) for name in CURRENCIES}
            cash[currency] += amount
        balances = tuple(Balance(*pair) for pair in cash.items())
        stated = AccountSnapshot("sim", tuple(self.ledger.positions.values()), balances)
        self.ledger, differences = adopt(self.ledger, stated)
        self.keeper.post("adopted", currency, amount)
        self.flows[currency] += Fraction(amount)
        self.found.transfers += 1
        if [each.name for each in differences] != ([currency] if amount else []):
            self.found.wrong.append(f"a transfer of {currency} was seen as {differences}")

    def close_all(self) -> None:
        """End with nothing held, so that cash alone must explain everything."""
        for instrument in LISTED:
            if not isinstance(instrument, Spot):
                self._close(instrument, Decimal("61234.5"))
        self.check()
        for currency, flow in self.flows.items():
            gap = abs(Fraction(self.ledger.cash.get(currency, Decimal(0))) - flow)
            self.found.residual = max(self.found.residual, gap)
        # Each event rounds once, by half a step at most.
        events = self.found.fills + self.found.settlements + len(LISTED)
        if self.found.residual > events * Fraction(CASH_STEP) / 2:
            self.found.wrong.append(f"residual {float(self.found.residual)} after {events} events")

    def check(self) -> None:
        """Compare every amount, digit by digit."""
        self.found.wrong += [*self._differences()]

    def _differences(self) -> Iterator[str]:
        ledger, accounts = self.ledger, self.keeper.accounts
        kinds = {kind(each): ledger.trading.get(kind(each), {}) for each in LISTED}
        for currency in CURRENCIES:
            sides = {
                "cash": ledger.cash.get(currency, Decimal(0)),
                "fees": ledger.fees.get(currency, Decimal(0)),
                "funding": -ledger.funding.get(currency, Decimal(0)),
                "adopted": -ledger.adopted.get(currency, Decimal(0)),
                **{name: -each.get(currency, Decimal(0)) for name, each in kinds.items()},
            }
            for name, ours in sides.items():
                if ours != accounts[name, currency]:
                    yield f"{name} {currency}: {ours}, counted {accounts[name, currency]}"
            if self.keeper.total(currency) != 0:
                yield f"{currency} does not balance"
        for key, stock in self.keeper.stocks.items():
            held = ledger.positions.get(key) or ledger.spot.get(key)
            if (held.qty if held else Decimal(0)) != stock.qty:
                yield f"{key}: {held}, counted {stock.qty}"

    def _close(self, instrument: Instrument, price: Decimal) -> None:
        stock = self.keeper.stocks[instrument.contract.key]
        qty = Fraction(stock.qty) * Fraction(instrument.contract.multiplier)
        self.flows[instrument.contract.settle] += _payout(instrument, qty, Fraction(price))
        self.keeper.settle(instrument, price)
        self.ledger = settle(self.ledger, instrument, price)
        self.ledger = settle(self.ledger, instrument, price + 1)  # told again: nothing is left

    def _count(self, instrument: Instrument, deal: Fill) -> None:
        """What a fill pays now or later, from first principles and without rounding."""
        sign = 1 if deal.side is Side.BUY else -1
        units = sign * Fraction(deal.qty) * Fraction(instrument.contract.multiplier)
        price = Fraction(deal.price)
        if _owes_coins(instrument):
            self.flows[instrument.contract.settle] += units / price
        else:
            self.flows[instrument.contract.settle] -= units * price
        if isinstance(instrument, Spot):
            self.flows[instrument.contract.base] += units
        self.flows[deal.fee_currency] -= Fraction(deal.fee)


def _owes_coins(instrument: Instrument) -> bool:
    return not isinstance(instrument, Option) and instrument.contract.settle == "BTC"


def _payout(instrument: Instrument, units: Fraction, price: Fraction) -> Fraction:
    """What closing signed units at a price of the coin pays."""
    if isinstance(instrument, Option):
        call = instrument.right is Right.CALL
        gap = (price - Fraction(instrument.strike)) * (1 if call else -1)
        paid = units * max(gap, Fraction(0))
        return paid / price if instrument.contract.settle == "BTC" else paid
    return -units / price if _owes_coins(instrument) else units * price


def by_key(key: str) -> Instrument:
    """One of the instruments traded here."""
    return next(each for each in LISTED if each.contract.key == key)


def run(fills: int, seed: int, *, every: int = 1_000) -> Found:
    """Book ``fills`` random fills and all that comes between; compare at every ``every``-th."""
    load = Load(seed)
    checked = 0
    while load.found.fills < fills:
        load.fill()
        others = load.chance.random()
        if others < 0.05:
            load.payment()
        elif others < 0.06:
            load.expiry()
        elif others < 0.07:
            load.transfer()
        if load.found.fills - checked >= every:
            checked = load.found.fills
            load.check()
    load.close_all()
    return load.found


def report(found: Found) -> str:
    """Totals as lines."""
    lines = (
        ("fills", found.fills),
        ("told twice", found.repeats),
        ("funding payments", found.payments),
        ("settlements", found.settlements),
        ("transfers", found.transfers),
        ("digits that do not agree", len(found.wrong)),
    )
    return "".join(f"{name:<28}{count:>9,}\n" for name, count in lines) + (
        f"{'rounding in all':<28}{float(found.residual):>9.1e}\n"
        + "".join(f"  {text}\n" for text in found.wrong[:5])
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run the load; 1 when a digit does not agree."""
    parser = argparse.ArgumentParser(prog="python -m tests.accounts", description=__doc__)
    parser.add_argument("--fills", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(argv)
    found = run(given.fills, given.seed)
    sys.stdout.write(report(found))
    return 1 if found.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
