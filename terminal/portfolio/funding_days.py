"""The funding ledger: what each instrument paid or received on each UTC day, to the last digit."""

from decimal import Decimal, localcontext

from msgspec import Struct
from msgspec.structs import replace

from terminal.core.units import utc_day
from terminal.model.account import FundingPaid
from terminal.model.carry import FundingDay, Realised
from terminal.portfolio.ledger import CASH_STEP, Ledger, precise

KEEP = 400
"""Lines kept apart, the latest; older ones go into one sum per currency. The journal has all."""

ZERO = Decimal(0)


class FundingDays(Struct, frozen=True):
    """Payments by day, instrument and currency, and the sum of those no longer kept apart.

    For each currency the days and ``earlier`` sum to ``Ledger.funding``, exactly.
    """

    days: tuple[FundingDay, ...] = ()  # oldest first
    earlier: dict[str, Decimal] = {}


def noted(book: FundingDays, paid: FundingPaid, at: int, price: float | None) -> FundingDays:
    """Book after a payment.

    Parameters
    ----------
    book : FundingDays
    paid : FundingPaid
    at : int
        Engine time of the payment, UtcNs.
    price : float or None
        USD per unit of its currency then.
    """
    with localcontext(precise()):
        amount = paid.amount.quantize(CASH_STEP)
        usd = None if price is None else float(amount) * price
        days = _added(book.days, paid, utc_day(at), amount, usd)
        earlier = book.earlier
        while len(days) > KEEP:
            oldest, days = days[0], days[1:]
            before = earlier.get(oldest.currency, ZERO)
            earlier = {**earlier, oldest.currency: before + oldest.amount}
    return FundingDays(days, earlier)


def _added(
    days: tuple[FundingDay, ...], paid: FundingPaid, day: int, amount: Decimal, usd: float | None
) -> tuple[FundingDay, ...]:
    """Days with one payment more: in its own line, which is among the last if it is there."""
    for place in range(len(days) - 1, -1, -1):
        line = days[place]
        if line.day != day:
            break
        if line.key == paid.key and line.currency == paid.currency:
            worth = None if line.usd is None or usd is None else line.usd + usd
            count = line.payments + 1
            more = replace(line, amount=line.amount + amount, usd=worth, payments=count)
            return (*days[:place], more, *days[place + 1 :])
    fresh = FundingDay(
        day=day, key=paid.key, currency=paid.currency, amount=amount, usd=usd, payments=1
    )
    return (*days, fresh)


def realised(book: FundingDays, ledger: Ledger) -> Realised:
    """What the book holds beside what the account's ledger says of the same payments."""
    with localcontext(precise()):
        sums = dict(book.earlier)
        for line in book.days:
            sums[line.currency] = sums.get(line.currency, ZERO) + line.amount
    return Realised(
        days=book.days[::-1],
        earlier=tuple(book.earlier.items()),
        booked=tuple(ledger.funding.items()),
        ties=sums == ledger.funding,
    )
