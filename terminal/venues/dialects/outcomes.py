"""Whether a failed request proves that its order does not exist: nearly always it does not."""

from types import MappingProxyType
from typing import Final

from terminal.venues.dialects.dialect import Outcome

_CLASSES: Final = MappingProxyType(
    {
        # The exchange answered, and its answer is a refusal.
        "InsufficientFunds": Outcome.REFUSED,
        "InvalidOrder": Outcome.REFUSED,
        "BadRequest": Outcome.REFUSED,
        "AuthenticationError": Outcome.REFUSED,
        "RateLimitExceeded": Outcome.REFUSED,  # although it is a NetworkError to ccxt
        "MarketClosed": Outcome.REFUSED,
        # Children of a refusal that prove nothing about the order, or prove that it is there.
        "DuplicateOrderId": Outcome.UNKNOWN,
        "OrderNotFound": Outcome.UNKNOWN,
        "OrderNotCached": Outcome.UNKNOWN,
    }
)

_ALREADY_THERE: Final = ("duplicat", "already exist", "-4116", "110072", "51016")
"""Words and codes of "this client id is taken", which ccxt raises as InvalidOrder (Binance, Bybit
and OKX in this order): an order under our id is there, so it is anything but refused."""

_AT_THE_DOOR: Final = ('"code":10028', '"code": 10028')
"""Refusals that ccxt takes for a failure of the network: Deribit's too_many_requests. It answers
this very request, which met no credits, and ends the session (Deribit, "Rate limits"): it is the
429 of an exchange that answers by socket, and nothing of the request was carried out."""

_OUT_OF_SERVICE: Final = ("-1016",)
"""Codes of maintenance, which ccxt raises as a bad request (Binance): said of the moment of the
answer, and not of what was done before it."""


def outcome_of(error: BaseException) -> Outcome:
    """Say what an error, raised by a request to place an order, proves of that order.

    Parameters
    ----------
    error : BaseException
        What ccxt or anything below it raised.

    Returns
    -------
    Outcome
        REFUSED only for a short list of answers that an exchange gives instead of taking the
        order; UNKNOWN for everything else: time-outs, cut connections, 5xx, unreadable bodies,
        cancellation, bare ``ExchangeError``, Python's own errors, classes never heard of.

    Notes
    -----
    The class never tells whether a request went out: a refused connection and a connection cut
    after the order was taken raise the same ``ExchangeNotAvailable`` (measured on ccxt 4.5.90).
    The nearest listed class in the line of descent decides. Classes are known by their names,
    because importing ccxt takes more than a second and this floor must not pay for it at start.
    An error of a cancel is none of this: a cancel that fails may have met a fill.
    """
    if type(error).__name__ == "DDoSProtection" and _at_the_door(error):
        return Outcome.REFUSED
    for kind in type(error).__mro__:
        if kind.__module__.partition(".")[0] != "ccxt":
            continue
        outcome = _CLASSES.get(kind.__name__)
        if outcome is not None:
            return Outcome.UNKNOWN if _open(error) else outcome
    return Outcome.UNKNOWN


def _at_the_door(error: BaseException) -> bool:
    said = str(error)
    return any(word in said for word in _AT_THE_DOOR)


def _open(error: BaseException) -> bool:
    said = str(error).lower()
    return any(word in said for word in (*_ALREADY_THERE, *_OUT_OF_SERVICE))
