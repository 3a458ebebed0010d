"""What hedging cost, beside what Whalley and Wilmott's band would cost on the same path."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from msgspec import Struct

from terminal.core.units import BPS, YEAR
from terminal.model.frame import Frame
from terminal.model.report import Column, Form, Table
from terminal.model.tca import HedgeCost
from terminal.pricing.bands import edge_cost_a_year
from terminal.runtime.reporting.lived import Lived
from terminal.runtime.reporting.walk import Mark


class Terms(Struct, frozen=True):
    """What the model is told of one coin."""

    cost: float  # one way, fraction of notional
    vol: float  # realised in the span, annual fraction
    aversion: float  # 1/USD


def expected_cost(marks: Sequence[Mark], coin: str, terms: Terms) -> float | None:
    """Cost of hedging to the edges of the band over a span.

    Parameters
    ----------
    marks : sequence of Mark
        An hour apart or less; gamma stands from each to the next.
    coin : str
    terms : Terms

    Returns
    -------
    float or None
        USD; None where a gamma was unknown.
    """
    total = 0.0
    for first, last in pairwise(marks):
        bend = first.gammas.get(coin)
        if bend is None:
            return None
        rate = edge_cost_a_year(terms.cost, bend.spot, bend.gamma, terms.vol, terms.aversion)
        total += rate * (last.at - first.at) / YEAR
    return total


def model_table(
    day: Lived,
    hedges: Sequence[HedgeCost],
    end: Frame | None,
    realised: Mapping[str, float | None],
) -> Table:
    """Cost paid and cost expected by the model, a row a coin that has a gamma or hedges.

    Parameters
    ----------
    day : Lived
    hedges : sequence of HedgeCost
        Of the span.
    end : Frame or None
    realised : mapping
        Volatility of the span by coin, annual fraction.
    """
    costs = {each.underlying: each.quoted for each in (end.tca.beliefs if end else ())}
    rows = []
    for name in day.state.desks:
        here = [each for each in hedges if each.underlying == name and each.coins]
        cost, vol = costs.get(name), realised.get(name)
        expected, why = _expected(day, name, cost, vol)
        if here or expected:
            found = _paid(here)
            ratio = found / expected if found is not None and expected else None
            one_way = None if cost is None else cost / BPS
            rows.append((name, len(here), found, expected, ratio, one_way, vol, why))
    return Table(
        name="cost_against_model",
        title="Cost against Whalley and Wilmott's band",
        columns=(
            Column("coin", "Coin"),
            Column("hedges", "Hedges filled", "", Form.COUNT),
            Column("paid", "Paid", "USD", Form.MONEY),
            Column("expected", "Expected of the band", "USD", Form.MONEY),
            Column("ratio", "Paid over expected", "", Form.AMOUNT),
            Column("cost", "One-way cost quoted", "bp", Form.AMOUNT),
            Column("vol", "Realised volatility", "", Form.PERCENT),
            Column("remark", "Remark"),
        ),
        rows=tuple(rows),
        note=(
            "The band of 1997 at the profile's risk aversion, hedged to its edge without delay by"
            " taking at the quoted cost, with gamma as it was every hour. Below 1 is cheaper:"
            " orders that rested, or a wider band; it says nothing of the risk that was left."
        ),
        empty="No option was held, and nothing was hedged.",
    )


def _paid(hedges: Sequence[HedgeCost]) -> float | None:
    """What hedges cost together, USD; None where a part of one is unknown."""
    paid = [each.paid.total for each in hedges]
    known = [usd for usd in paid if usd is not None]
    return sum(known) if len(known) == len(paid) else None


def _expected(
    day: Lived, coin: str, cost: float | None, vol: float | None
) -> tuple[float | None, str]:
    """Expected cost of a coin, or why it is unknown."""
    profile = day.state.profile
    if profile is None or cost is None:
        return None, "the cost of its hedge instrument is unknown"
    if vol is None:
        return None, "too little was seen of its price"
    terms = Terms(cost, vol, profile.risk_aversion)
    found = expected_cost(_priced(day.heard.walk.marks, coin), coin, terms)
    return found, "" if found is not None else "a gamma was unknown on the way"


def _priced(marks: Sequence[Mark], coin: str) -> Sequence[Mark]:
    """Marks from the first on at which the coin's gamma is known."""
    for number, mark in enumerate(marks):
        if mark.gammas.get(coin) is not None:
            return marks[number:]
    return marks
