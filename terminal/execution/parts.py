"""Parts of a hedge on the venue's grid: equal slices, and what an iceberg shows."""

from decimal import ROUND_CEILING, ROUND_DOWN, Decimal

from terminal.model.instrument import Contract, coins, contracts_for

MOST_PARTS = 10
"""Parts of one hedge at most: an iceberg shows more at a time rather than send more orders."""


def least(contract: Contract, price: float) -> Decimal:
    """Smallest size on the lot grid that the venue takes, contracts."""
    one = abs(coins(contract, float(contract.lot), price)) * price
    lots = (
        (Decimal(float(contract.min_notional) / one)).to_integral_value(ROUND_CEILING)
        if one > 0.0
        else Decimal(1)
    )
    by_qty = (contract.min_qty / contract.lot).to_integral_value(ROUND_CEILING)
    return max(lots, by_qty, Decimal(1)) * contract.lot


def slices(qty: Decimal, contract: Contract, count: int, price: float) -> tuple[Decimal, ...]:
    """Cut a size into nearly equal slices on the lot grid.

    Parameters
    ----------
    qty : Decimal
        Contracts, a multiple of the lot, > 0.
    contract : Contract
    count : int
        Slices wanted, > 0; fewer when one would be below what the venue takes.
    price : float
        USD per coin, > 0.

    Returns
    -------
    tuple of Decimal
        Largest first, no two more than a lot apart; they sum to ``qty`` exactly.

    Raises
    ------
    ValueError
        The size is not a positive multiple of the lot, or the count is not positive.
    """
    if not qty.is_finite() or qty <= 0 or qty % contract.lot != 0 or count < 1:
        msg = f"{qty} contracts cannot be cut into {count} slices of lot {contract.lot}"
        raise ValueError(msg)
    fit = max(int(qty // least(contract, price)), 1)
    number = min(count, fit)
    lots = int(qty / contract.lot)
    even, more = divmod(lots, number)
    return tuple((even + (place < more)) * contract.lot for place in range(number))


def due(cut: tuple[Decimal, ...], span: int, elapsed: int) -> tuple[Decimal, int | None]:
    """Contracts of a TWAP that are due by now, and when the next slice is.

    Parameters
    ----------
    cut : tuple of Decimal
        From :func:`slices`; the k-th falls due k span / n after the start.
    span, elapsed : int
        ns.

    Returns
    -------
    tuple of Decimal and int or None
        Sum of the slices due, and ns from the start to the next; None after the last.
    """
    times = [span * place // len(cut) for place in range(len(cut))]
    passed = sum(1 for at in times if at <= elapsed)
    return sum(cut[:passed], Decimal(0)), times[passed] if passed < len(cut) else None


def shown(qty: Decimal, contract: Contract, usd: float, price: float) -> Decimal:
    """Contracts that an iceberg shows at a time, at least a tenth of the whole."""
    wanted = abs(contracts_for(contract, usd / price, price))
    # Half a billionth of a lot of slack: 0.3 / 0.1 must be three lots, not two.
    lots = (Decimal(wanted) / contract.lot + Decimal("5e-10")).to_integral_value(ROUND_DOWN)
    tenth = (qty / MOST_PARTS / contract.lot).to_integral_value(ROUND_CEILING)
    return min(qty, max(lots * contract.lot, tenth * contract.lot, least(contract, price)))
