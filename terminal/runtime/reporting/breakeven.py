"""Which realised volatility would have paid for the gamma held, beside the one that came."""

import math
from collections.abc import Mapping

from terminal.model.attribution import Bucket
from terminal.model.frame import Frame
from terminal.model.report import Cell, Column, Form, Table
from terminal.runtime.reporting.cents import ledger_of
from terminal.runtime.reporting.lived import Lived


def paying_vol(realised: float | None, gamma_usd: float, theta_usd: float) -> float | None:
    """Realised volatility at which what gamma earned would have been what theta took.

    Parameters
    ----------
    realised : float or None
        Of the span, annual fraction.
    gamma_usd, theta_usd : float
        P&L of gamma and of theta in the span, USD.

    Returns
    -------
    float or None
        None where the two are not of opposite signs, or nothing was realised.

    Notes
    -----
    P&L of gamma is 1/2 Gamma S^2 times realised variance, so that the variance which pays is
    larger by the quotient of the two P&Ls. It is exact where dollar gamma does not depend on how
    large a move is.
    """
    if realised is None or gamma_usd * theta_usd >= 0.0:
        return None
    return realised * math.sqrt(-theta_usd / gamma_usd)


def breakeven_table(day: Lived, end: Frame | None, realised: Mapping[str, float | None]) -> Table:
    """Break-even of the span and of what is held at its end, by coin.

    Parameters
    ----------
    day : Lived
    end : Frame or None
    realised : mapping
        Volatility of the span by coin, annual fraction.
    """
    sums = ledger_of(day.start, day.end).by(lambda each: (each.underlying, each.cause))

    def usd(name: str, *causes: Bucket) -> float:
        return sum(float(sums.get((name, cause), 0)) for cause in causes)

    rows: list[tuple[Cell, ...]] = []
    for name in day.state.desks:
        gamma, theta = usd(name, Bucket.GAMMA, Bucket.SPEED), usd(name, Bucket.THETA)
        view = end.gammas.get(name) if end else None
        rent = view.rent if view else None
        if not gamma and not theta and rent is None:
            continue
        seen = realised.get(name)
        ahead = (rent.vol_theta, rent.vol_rent, rent.vol_band) if rent else (None,) * 3
        rows.append((name, seen, paying_vol(seen, gamma, theta), *ahead))
    return Table(
        name="breakeven",
        title="Volatility that pays for gamma",
        columns=(
            Column("coin", "Coin"),
            Column("realised", "Realised in the span", "", Form.PERCENT),
            Column("paid", "Would have paid the span's theta", "", Form.PERCENT),
            Column("theta", "Pays theta from here on", "", Form.PERCENT),
            Column("rent", "With funding and fees", "", Form.PERCENT),
            Column("band", "With hedging at the band", "", Form.PERCENT),
        ),
        rows=tuple(rows),
        note=(
            "Long gamma earns above, short gamma below. Unknown where gamma and theta did not"
            " work against each other, or a rate is not known."
        ),
        empty="No option is held.",
    )
