"""Smiles and realised-volatility cones as a screen draws them; unknown is None, with the reason."""

from msgspec import Struct


class SmileAt(Struct, frozen=True):
    """A wish to see the smile of one expiry first; an empty underlying wishes nothing."""

    underlying: str
    expiry: int  # UtcNs


class SmilePoint(Struct, frozen=True):
    """Volatilities of the option out of the money at one strike, annual fractions."""

    strike: float  # USD
    bid: float | None
    ask: float | None
    mark: float | None  # the venue's own


class SmileView(Struct, frozen=True, kw_only=True):
    """One expiry: what is quoted, and a curve without arbitrage through it."""

    underlying: str
    expiry: int  # UtcNs
    at: int  # UtcNs that the quotes were looked at
    forward: float  # USD
    points: tuple[SmilePoint, ...]  # by strike
    model: tuple[tuple[float, float], ...] = ()  # strike and volatility of the fitted curve
    model_error: float | None = None  # root mean square of fitted less given volatility
    model_note: str = ""  # what the curve was fitted to, or why there is none


class ConeBand(Struct, frozen=True, kw_only=True):
    """Realised volatility over one horizon through its history, with what it is now."""

    horizon: int  # ns
    quantiles: tuple[float, ...]  # annual fractions, at ``CONE_LEVELS``; empty with a reason
    latest: float | None
    implied: float | None  # at the horizon; None where no two expiries enclose it
    independent: float  # windows that do not overlap would fit this often into the history
    reason: str = ""


CONE_LEVELS = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)
"""Shares of the windows that were lower."""
