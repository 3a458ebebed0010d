"""What one instrument's quantity is worth in its own currency, exactly."""

from decimal import Decimal
from typing import assert_never

from terminal.model.instrument import Contract, Future, Instrument, Option, Payoff, Perpetual, Spot


def kind_of(instrument: Instrument) -> str:
    """Word for an instrument in rows and P&L buckets."""
    match instrument:
        case Spot():
            return "spot"
        case Perpetual():
            return "perpetual"
        case Future():
            return "future"
        case Option():
            return "option"
        case _:
            assert_never(instrument)


def is_inverse(instrument: Instrument) -> bool:
    """Whether profit is linear in 1 / price; a premium never is, whatever coin it is paid in."""
    return not isinstance(instrument, Option) and instrument.contract.payoff is Payoff.INVERSE


def profit(instrument: Instrument, qty: Decimal, entry: Decimal, price: Decimal) -> Decimal:
    """Profit of ``qty`` contracts bought at ``entry`` and valued at ``price``.

    Parameters
    ----------
    instrument : Instrument
    qty : Decimal
        Signed contracts.
    entry, price : Decimal
        In the instrument's price unit, > 0 for an inverse contract.

    Returns
    -------
    Decimal
        In the settlement currency (the quote currency for spot).

    Notes
    -----
    Linear and premium: q m (P - E). Inverse: N (1/E - 1/P) coin with N = q m USD.
    """
    gain = qty * instrument.contract.multiplier * (price - entry)
    return gain / (entry * price) if is_inverse(instrument) else gain


def average_entry(
    instrument: Instrument, held: tuple[Decimal, Decimal], bought: tuple[Decimal, Decimal]
) -> Decimal:
    """Entry price of two quantities of one sign taken together.

    Parameters
    ----------
    instrument : Instrument
    held, bought : (Decimal, Decimal)
        Signed contracts and price of each; the quantities do not cancel.

    Returns
    -------
    Decimal
        The single price with the same profit at every later price: the arithmetic mean, for an
        inverse contract the harmonic mean.
    """
    (qty, entry), (more, price) = held, bought
    if qty == 0:
        return price
    if is_inverse(instrument):
        return (qty + more) / (qty / entry + more / price)
    return (qty * entry + more * price) / (qty + more)


def payoff_at_expiry(option: Option, price: Decimal) -> Decimal:
    """Payout of one contract, in the settlement currency, at the settlement price (USD)."""
    gap = price - option.strike if option.right == "call" else option.strike - price
    payout = option.contract.multiplier * max(gap, Decimal(0))
    return payout / price if pays_in_coin(option.contract) else payout


def pays_in_coin(contract: Contract) -> bool:
    """Whether one unit of the settlement currency is one coin of the underlying."""
    return contract.settle == contract.base
