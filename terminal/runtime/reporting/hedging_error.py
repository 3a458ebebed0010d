"""What hedging only so often cost or earned, beside what Derman and Kamal's law expects of it."""

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

from msgspec import Struct

from terminal.core.units import HOUR
from terminal.model.frame import Desk, Frame
from terminal.model.greeks import PositionRisk
from terminal.model.report import Cell, Chart, Column, Curve, Form, Table
from terminal.model.tca import HedgeCost
from terminal.pricing.gamma_rent import hedging_noise
from terminal.runtime.reporting.lived import Lived
from terminal.runtime.reporting.open_delta import OpenSum, Scatter, scatter
from terminal.runtime.reporting.writing import day_text, money

FEW = 30
"""Samples below which a ratio says little: its own error is then above an eighth."""


class Share(Struct, frozen=True, kw_only=True):
    """What the options of one expiry add to the expectation; USD, signed as their vega."""

    expiry: int
    vega_usd: float
    vol: float  # of its options, weighted by vega
    hedges: float  # to expiry, at the pace of the span
    to_expiry: float
    here: float  # within the span


class Error(Struct, frozen=True, kw_only=True):
    """Hedging error of one coin: found, and expected or why not."""

    underlying: str
    hedges: int  # filled
    found: Scatter
    expected: float | None  # standard deviation, USD
    shares: tuple[Share, ...]
    remark: str

    @property
    def ratio(self) -> float | None:
        """Deviation found over the one expected; None where either is unknown."""
        if not self.expected or not self.found.samples:
            return None
        return self.found.deviation / self.expected


def errors_of(day: Lived, start: Frame | None, end: Frame | None) -> tuple[Error, ...]:
    """Hedging error of every coin of the span.

    Parameters
    ----------
    day : Lived
    start, end : Frame or None
        At the first moment with prices and at the last; the expectation is of the options held at
        the start.
    """
    begins = {each.underlying: each for each in (start.desks if start else ())}
    ends = {each.underlying: each for each in (end.desks if end else ())}
    span = (day.opened.now, day.state.now)
    found = []
    for name, path in day.heard.walk.left_open.coins.items():
        options = _options(begins.get(name))
        hedges = filled_hedges(day.heard.hedges.values(), name, span[0])
        shares, why = expected_shares(options, hedges, span)
        if not why and _sizes(options) != _sizes(_options(ends.get(name))):
            why = "the options held changed since"
        found.append(
            Error(
                underlying=name,
                hedges=hedges,
                found=scatter(path.sums),
                expected=abs(math.fsum(each.here for each in shares)) if shares else None,
                shares=shares,
                remark=why,
            )
        )
    return tuple(found)


def filled_hedges(hedges: Iterable[HedgeCost], coin: str, since: int) -> int:
    """Hedges of a coin that filled; the parts of a divided one are one."""
    return len(
        {
            each.hedge_id.partition(".")[0]
            for each in hedges
            if each.underlying == coin and each.coins and each.decided_at >= since
        }
    )


def expected_shares(
    options: Sequence[PositionRisk], hedges: int, span: tuple[int, int]
) -> tuple[tuple[Share, ...], str]:
    """What each expiry adds to the expected deviation of a span; nothing, with the reason.

    Parameters
    ----------
    options : sequence of PositionRisk
        Of one coin, as the span began.
    hedges : int
        In the span, filled.
    span : (int, int)
        UtcNs of its start and end.

    Notes
    -----
    All expiries of a coin are hedged at the same moments against the same moves, so that their
    errors add up with the sign of their vega, not as squares.
    """
    first, last = span
    if not options:
        return (), "no option was held at the start"
    if not hedges:
        return (), "no hedge was filled: the law is about hedging, however seldom"
    if any(each.iv is None for each in options):
        return (), "the volatility of an option held is unknown"
    if last <= first:
        return (), "no time passed"
    found = []
    for expiry in sorted({each.expiry for each in options if each.expiry > first}):
        part = min((last - first) / (expiry - first), 1.0)
        here = [each for each in options if each.expiry == expiry]
        found.append(_share(here, hedges / part, part))
    return tuple(found), "" if found else "every option held had expired at the start"


def _share(options: Sequence[PositionRisk], hedges: float, part: float) -> Share:
    """Options of one expiry, hedged so often until then, over a part of their life."""
    vegas = [each.risk.vega_usd for each in options]
    vega, gross = math.fsum(vegas), math.fsum(abs(each) for each in vegas)
    weighted = math.fsum(
        abs(usd) * (each.iv or 0.0) for usd, each in zip(vegas, options, strict=True)
    )
    vol = weighted / gross if gross else 0.0
    return Share(
        expiry=options[0].expiry,
        vega_usd=vega,
        vol=vol,
        hedges=hedges,
        to_expiry=math.copysign(hedging_noise(vega, vol, hedges), vega),
        here=math.copysign(hedging_noise(vega, vol, hedges, part), vega),
    )


def _options(desk: Desk | None) -> tuple[PositionRisk, ...]:
    return tuple(each for each in (desk.rows if desk else ()) if each.kind == "option")


def _sizes(options: Sequence[PositionRisk]) -> set[tuple[str, object]]:
    return {(each.key, each.qty) for each in options}


def error_words(errors: Sequence[Error]) -> Iterator[str]:
    """Each coin's ratio in plain words."""
    for each in errors:
        if each.ratio is None or each.expected is None:
            continue
        line = (
            f"{each.underlying}: {each.hedges} hedges left delta open that made"
            f" {money(each.found.usd)} USD and swung by {money(each.found.deviation)} USD, against"
            f" {money(each.expected)} USD that Derman and Kamal expect of so many hedges: a ratio"
            f" of {each.ratio:.2f}, from {each.found.samples} stretches of five minutes."
        )
        few = " So few say little." if each.found.samples < FEW else ""
        yield line + few


def error_tables(errors: Sequence[Error]) -> tuple[Table, Table]:
    """Errors found beside those expected, and what the expectation is made of."""
    return _found(errors), _expected(errors)


def _found(errors: Sequence[Error]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for each in errors:
        found = each.found
        known = found.samples > 0
        numbers = (found.usd if known else None, found.deviation if known else None)
        counts = (found.samples, found.unknown)
        law = (each.expected, each.ratio, each.remark)
        rows.append((each.underlying, each.hedges, *numbers, *counts, *law))
    return Table(
        name="hedging_error",
        title="What delta left open between hedges made",
        columns=(
            Column("coin", "Coin"),
            Column("hedges", "Hedges filled", "", Form.COUNT),
            Column("usd", "P&L of it", "USD", Form.MONEY),
            Column("deviation", "Its deviation", "USD", Form.MONEY),
            Column("samples", "Stretches of 5 min", "", Form.COUNT),
            Column("unknown", "Looks unknown", "", Form.COUNT),
            Column("expected", "Deviation expected", "USD", Form.MONEY),
            Column("ratio", "Found over expected", "", Form.AMOUNT),
            Column("remark", "Remark"),
        ),
        rows=tuple(rows),
        note=(
            "Delta beside the middle of its band times the move of the price, every ten seconds;"
            " the deviation is the root of the sum of squares of the stretches. Expected is the law"
            " of Derman and Kamal for hedges at even times to the middle, of options at the money,"
            " at their implied volatility: a band that lets delta stand, or a price that moves more"
            " than implied, goes beyond 1, and that alone is no fault."
        ),
        empty="Nothing is watched.",
    )


def _expected(errors: Sequence[Error]) -> Table:
    return Table(
        name="hedging_error_expected",
        title="The deviation expected, by expiry",
        columns=(
            Column("coin", "Coin"),
            Column("expiry", "Expiry"),
            Column("vega", "Vega", "USD per vol point", Form.MONEY),
            Column("vol", "Volatility", "", Form.PERCENT),
            Column("hedges", "Hedges to expiry", "", Form.AMOUNT),
            Column("to_expiry", "Deviation to expiry", "USD", Form.MONEY),
            Column("here", "Within the span", "USD", Form.MONEY),
        ),
        rows=tuple(
            (
                each.underlying,
                day_text(share.expiry),
                share.vega_usd,
                share.vol,
                share.hedges,
                share.to_expiry,
                share.here,
            )
            for each in errors
            for share in each.shares
        ),
        note=(
            "To expiry: the root of pi/4, times vega and volatility, over the root of the hedges at"
            " the pace of the span. Signed as vega: expiries of a coin err together, and add up."
        ),
        empty="No option was hedged from the start of the span on.",
    )


def error_chart(day: Lived) -> Chart:
    """P&L of the delta left open, a line a coin."""
    curves = []
    for name, path in day.heard.walk.left_open.coins.items():
        curves.append(Curve(name, _line(path.sums, day.span.first)))
    return Chart(
        name="hedging_error",
        title="P&L of delta left open between hedges",
        unit="USD",
        curves=tuple(curves),
    )


def _line(sums: Sequence[OpenSum], first: int) -> tuple[tuple[float, float | None], ...]:
    """Running sum at the end of each stretch; a stretch of which nothing is known breaks it."""
    running = accumulate(each.usd for each in sums)
    return tuple(
        ((each.at - first) / HOUR, usd if each.known else None)
        for each, usd in zip(sums, running, strict=True)
    )
