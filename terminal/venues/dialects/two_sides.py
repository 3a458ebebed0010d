"""Accounts that hold longs and shorts of an instrument side by side: refused wherever they show."""

from terminal.core.errors import DataError


class TwoSidesError(DataError):
    """The account is in hedge mode: an order of ours would open where it should close."""


def hedge_mode(where: str, what: str, venue: str, *, one_way: str = "one-way") -> TwoSidesError:
    """Error of an account in hedge mode.

    Parameters
    ----------
    where : str
        Field that tells it, with its value.
    what : str
        What is in hedge mode: an instrument, or the account.
    venue : str
        Title of the exchange, where its owner can switch it.
    one_way : str
        What the exchange calls the other mode.
    """
    remedy = f"switch it to {one_way} mode at {venue}"
    return TwoSidesError(f"{where}: {what} is in hedge mode; {remedy}")
