"""The thirty-day index: flat surfaces, the log contract of a mixture, and what it leaves out."""

import json
import math
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from terminal.core.units import DAY, MILLISECOND, YEAR
from terminal.market.vol_index import (
    HORIZON,
    ExpiryQuotes,
    LeftOut,
    expiry_quotes,
    expiry_variance,
    vol_index,
)
from terminal.pricing.black import price
from terminal.pricing.rows import FloatArray

NOW = 1_700_000_000_000_000_000
FORWARD = 60_000.0
# A mixture of two lognormals whose means balance: fat tails and a skew, with every price known.
MIXTURE = ((0.75, 1.03, 0.40), (0.25, 0.91, 0.95))


def strikes_over(reach: float, count: int, deviation: float) -> FloatArray:
    return np.asarray(FORWARD * np.exp(np.linspace(-reach, reach, count) * deviation))


def quoted(strike: FloatArray, mid_call: FloatArray, days: float) -> ExpiryQuotes:
    """Calls and puts of every strike, without a spread."""
    mids = np.concatenate((mid_call, mid_call - FORWARD + strike))
    sign = np.repeat([1.0, -1.0], strike.size)
    at = NOW + round(days * DAY)
    return expiry_quotes(at, FORWARD, np.tile(strike, 2), sign, np.stack((mids, mids)))


def flat(vol: float, days: float, reach: float = 6.0, count: int = 241) -> ExpiryQuotes:
    years = days / 365.0
    strike = strikes_over(reach, count, vol * math.sqrt(years))
    return quoted_flat(strike, vol, days)


def quoted_flat(strike: FloatArray, vol: float, days: float) -> ExpiryQuotes:
    years = days / 365.0
    sign = np.repeat([1.0, -1.0], strike.size)
    strike = np.tile(strike, 2)
    mids = price(FORWARD, strike, years, vol, sign)
    at = NOW + round(days * DAY)
    return expiry_quotes(at, FORWARD, strike, sign, np.stack((mids, mids)))


@given(st.floats(0.15, 2.5), st.floats(0.5, 365.0))
@settings(max_examples=60)
def test_a_flat_surface_gives_its_own_volatility(vol: float, days: float) -> None:
    found = expiry_variance(flat(vol, days), now=NOW)
    assert found.variance is not None
    # Second order in the step between strikes: 241 over twelve deviations.
    assert math.sqrt(found.variance) == pytest.approx(vol, rel=4e-3 * (1.0 + vol * days / 365.0))
    assert not found.truncated
    assert found.left_out == LeftOut()


def test_the_error_falls_with_the_square_of_the_step() -> None:
    errors = []
    for count in (61, 121, 241, 481):
        found = expiry_variance(flat(0.6, 30.0, reach=7.0, count=count), now=NOW)
        assert found.variance is not None
        errors.append(abs(math.sqrt(found.variance) - 0.6))
    assert errors[-1] < 5e-5
    assert all(3.0 < a / b < 5.0 for a, b in pairwise(errors))


def mixture_variance(years: float) -> float:
    """Fair variance ``-2/T E ln(S/F)`` of the mixture, by quadrature in 30 digits."""
    with mpmath.workdps(30):
        total = mpmath.mpf(0)
        for weight, level, vol in MIXTURE:
            deviation = vol * mpmath.sqrt(years)

            def log_price(z: Any, m: float = level, s: Any = deviation) -> Any:
                return (mpmath.log(m) - s * s / 2 + s * z) * mpmath.npdf(z)

            total += weight * mpmath.quad(log_price, [-12, -4, 0, 4, 12])
        return float(-2 * total / years)


@pytest.mark.parametrize("days", [7.0, 30.0, 90.0])
def test_a_mixture_gives_the_value_of_its_log_contract(days: float) -> None:
    years = days / 365.0
    assert sum(weight * level for weight, level, _ in MIXTURE) == pytest.approx(1.0)
    strike = strikes_over(7.0, 401, 0.95 * math.sqrt(years))
    calls = np.zeros(strike.size)
    for weight, level, vol in MIXTURE:
        calls += weight * price(FORWARD * level, strike, years, vol, 1.0)
    found = expiry_variance(quoted(strike, calls, days), now=NOW)
    assert found.variance is not None
    exact = mixture_variance(years)
    assert math.sqrt(found.variance) == pytest.approx(math.sqrt(exact), abs=2e-4)


def test_thirty_one_strikes_are_enough() -> None:
    # As in research: 31 strikes to 2.6 deviations, volatility in points within half a point.
    found = expiry_variance(flat(0.59459, 30.0, reach=2.6, count=31), now=NOW)
    assert found.variance is not None
    assert 100.0 * math.sqrt(found.variance) == pytest.approx(59.459, abs=0.5)
    assert not found.truncated


@given(st.floats(0.2, 1.5), st.floats(1.0, 2.4))
@settings(max_examples=30)
def test_short_wings_are_flagged_and_read_low(vol: float, reach: float) -> None:
    found = expiry_variance(flat(vol, 30.0, reach=reach, count=161), now=NOW)
    assert found.variance is not None
    assert found.truncated
    assert math.sqrt(found.variance) < vol
    assert found.lowest == pytest.approx(reach * vol / math.sqrt(found.variance), rel=0.02)
    assert found.highest == pytest.approx(found.lowest, rel=1e-6)


def test_one_short_wing_is_enough_to_flag() -> None:
    strike = strikes_over(5.0, 101, 0.6 * math.sqrt(30.0 / 365.0))
    found = expiry_variance(quoted_flat(strike[strike < 1.2 * FORWARD], 0.6, 30.0), now=NOW)
    assert found.truncated
    assert found.highest is not None
    assert found.lowest is not None
    assert found.highest < 2.5 < found.lowest


def broken(quotes: ExpiryQuotes, rows: list[int], bid: float, ask: float) -> ExpiryQuotes:
    bids, asks = quotes.bid.copy(), quotes.ask.copy()
    bids[rows], asks[rows] = bid, ask
    return quotes._replace(bid=bids, ask=asks)


@pytest.mark.parametrize(
    ("bid", "ask", "reason"),
    [
        (math.nan, 5.0, "missing"),
        (5.0, math.nan, "missing"),
        (0.0, 5.0, "missing"),
        (9.0, 5.0, "crossed"),
        (-1.0, 5.0, "impossible"),
        (5.0, math.inf, "impossible"),
        (5e4, 6e4, "arbitrage"),
    ],
)
def test_bad_quotes_are_left_out_counted_and_cost_little(
    bid: float, ask: float, reason: str
) -> None:
    clean = flat(0.6, 30.0)
    # Calls come first: these are out of the money, some deviations up.
    found = expiry_variance(broken(clean, [150, 170, 171, 200], bid, ask), now=NOW)
    assert found.variance is not None
    assert getattr(found.left_out, reason) == 4
    assert found.left_out != LeftOut()
    assert math.sqrt(found.variance) == pytest.approx(0.6, rel=2e-3)


def test_impossible_strikes_and_signs_are_left_out() -> None:
    clean = flat(0.6, 30.0)
    strike, sign = clean.strike.copy(), clean.sign.copy()
    strike[[150, 160]] = math.nan, -5.0
    sign[[170, 180]] = 0.0, math.nan
    found = expiry_variance(clean._replace(strike=strike, sign=sign), now=NOW)
    assert found.left_out.impossible == 4
    assert found.variance == pytest.approx(0.36, rel=4e-3)


def test_quotes_in_the_money_do_not_matter() -> None:
    clean = flat(0.6, 30.0)
    inside = clean.sign * (clean.strike - clean.forward) < -2_000.0
    wild = broken(clean, np.flatnonzero(inside).tolist(), 3.0, 1.0)
    before, after = expiry_variance(clean, now=NOW), expiry_variance(wild, now=NOW)
    assert (after.variance, after.left_out) == (before.variance, LeftOut())


@given(st.randoms(use_true_random=False))
@settings(max_examples=20)
def test_the_order_of_quotes_does_not_matter(random: Any) -> None:
    clean = flat(0.6, 30.0, count=41)
    order = list(range(clean.strike.size))
    random.shuffle(order)
    mixed = clean._replace(
        strike=clean.strike[order],
        sign=clean.sign[order],
        bid=clean.bid[order],
        ask=clean.ask[order],
    )
    assert expiry_variance(mixed, now=NOW) == expiry_variance(clean, now=NOW)


@given(st.floats(0.01, 100.0))
@settings(max_examples=20)
def test_the_unit_of_money_does_not_matter(unit: float) -> None:
    clean = flat(0.6, 30.0, count=61)
    scaled = ExpiryQuotes(
        clean.expiry,
        clean.forward * unit,
        clean.strike * unit,
        clean.sign,
        clean.bid * unit,
        clean.ask * unit,
    )
    before, after = expiry_variance(clean, now=NOW), expiry_variance(scaled, now=NOW)
    assert after.variance == pytest.approx(before.variance, rel=1e-9)


def test_a_call_missing_at_the_centre_is_taken_from_parity() -> None:
    strike = np.arange(20_500.0, 150_000.0, 1_000.0)  # the forward lies between two of them
    clean = quoted_flat(strike, 0.6, 30.0)
    below = np.flatnonzero((clean.sign > 0.0) & (clean.strike <= FORWARD))
    found = expiry_variance(broken(clean, below.tolist(), math.nan, math.nan), now=NOW)
    before = expiry_variance(clean, now=NOW)
    assert found.variance == pytest.approx(before.variance, rel=1e-9)


@pytest.mark.parametrize(
    ("keep", "words"),
    [
        (lambda q: q.sign > 0.0, "0 usable strikes"),
        (lambda q: q.sign < 0.0, "0 usable strikes"),
        (lambda q: np.abs(q.strike / FORWARD - 1.0) < 0.01, "usable strikes"),
        (lambda q: q.strike < 0.0, "0 usable strikes"),
    ],
)
def test_too_few_strikes_say_so(keep: Any, words: str) -> None:
    full = flat(0.6, 30.0, count=31)
    mask = keep(full)
    part = full._replace(
        strike=full.strike[mask], sign=full.sign[mask], bid=full.bid[mask], ask=full.ask[mask]
    )
    found = expiry_variance(part, now=NOW)
    assert found.variance is None
    assert words in found.reason


def test_an_expired_chain_has_no_variance() -> None:
    found = expiry_variance(flat(0.6, 30.0), now=NOW + 31 * DAY)
    assert (found.variance, found.reason) == (None, "expired")


def test_quotes_that_pay_for_nothing_have_no_variance() -> None:
    clean = flat(0.6, 30.0, count=31)
    apart = clean._replace(forward=FORWARD * 1.05)  # parity is broken: the correction eats it all
    tiny = np.full(clean.bid.size, 1e-9)
    found = expiry_variance(apart._replace(bid=tiny, ask=tiny), now=NOW)
    assert found.variance is None
    assert found.reason.startswith("the quotes pay for no variance")


@given(st.floats(0.2, 1.5), st.floats(1.0, 29.0), st.floats(31.0, 200.0))
@settings(max_examples=30)
def test_a_flat_surface_has_an_index_of_its_volatility(vol: float, near: float, far: float) -> None:
    found = vol_index([flat(vol, far), flat(vol, near)], now=NOW)
    assert found.vol == pytest.approx(vol, rel=6e-3)
    assert found.near is not None
    assert found.far is not None
    assert found.near.expiry < NOW + HORIZON < found.far.expiry


def test_total_variance_is_interpolated_not_volatility() -> None:
    chain = [flat(0.8, 20.0), flat(0.5, 50.0), flat(0.4, 80.0), flat(2.0, 3.0)]
    found = vol_index(chain, now=NOW)
    low, high = 0.64 * 20.0, 0.25 * 50.0
    expected = math.sqrt((low + (high - low) / 3.0) / 30.0)
    assert found.vol == pytest.approx(expected, abs=5e-4)


def test_an_expiry_on_the_horizon_is_the_index() -> None:
    chain = [flat(0.9, 10.0), flat(0.6, 30.0), flat(0.3, 60.0)]
    found = vol_index(chain, now=NOW)
    assert found.near == found.far
    assert found.near is not None
    assert found.vol == pytest.approx(math.sqrt(found.near.variance or 0.0), rel=1e-15)


def test_an_unusable_expiry_is_passed_over_and_named() -> None:
    dead = flat(0.6, 28.0)
    dead = broken(dead, list(range(dead.strike.size)), math.nan, math.nan)
    found = vol_index([flat(0.6, 14.0), dead, flat(0.6, 45.0)], now=NOW)
    assert found.vol == pytest.approx(0.6, abs=2e-3)
    assert [each.expiry for each in found.unusable] == [NOW + 28 * DAY]
    assert found.unusable[0].reason


@pytest.mark.parametrize(
    ("days", "words"), [((), "before"), ((5.0, 20.0), "after"), ((40.0,), "before")]
)
def test_there_is_no_extrapolation(days: tuple[float, ...], words: str) -> None:
    found = vol_index([flat(0.6, each) for each in days], now=NOW)
    assert found.vol is None
    assert words in found.reason


def test_a_short_wing_of_either_expiry_flags_the_index() -> None:
    found = vol_index([flat(0.6, 20.0), flat(0.6, 40.0, reach=2.0)], now=NOW)
    assert found.truncated
    assert not vol_index([flat(0.6, 20.0), flat(0.6, 40.0)], now=NOW).truncated


@pytest.mark.parametrize(
    ("forward", "strike", "sign", "quotes", "error"),
    [
        (0.0, [1.0], [1.0], [[1.0], [1.0]], ValueError),
        (math.nan, [1.0], [1.0], [[1.0], [1.0]], ValueError),
        ("x", [1.0], [1.0], [[1.0], [1.0]], TypeError),
        (1.0, ["a"], [1.0], [[1.0], [1.0]], TypeError),
        (1.0, [1.0], ["C"], [[1.0], [1.0]], TypeError),
        (1.0, [1.0, 2.0], [1.0], [[1.0], [1.0]], ValueError),
        (1.0, [1.0], [1.0], [[1.0]], ValueError),
        (1.0, [1.0], [1.0], [1.0, 1.0], ValueError),
        (1.0, [1.0], [1.0], [[None], [1.0]], TypeError),
    ],
)
def test_what_is_not_quotes_is_refused(
    forward: Any, strike: Any, sign: Any, quotes: Any, error: type[Exception]
) -> None:
    with pytest.raises(error, match=r"forward|strike|sign|quotes"):
        expiry_quotes(NOW + YEAR, forward, strike, sign, quotes)


def test_a_horizon_is_ahead() -> None:
    with pytest.raises(ValueError, match="horizon"):
        vol_index([], now=NOW, horizon=0)


def published(evidence: Any, date: str, forward: str) -> ExpiryQuotes:
    """Quotes of one expiry of the published evidence, at the spot price it converts them with."""
    expiry = evidence["params"][date]
    options = [each for each in evidence["params"]["options"] if each["expirationDate"] == expiry]
    strike = [each["strikePrice"] for each in options]
    sign = [1.0 if each["optionType"] == "call" else -1.0 for each in options]
    sides = ("bestBidPrice", "bestAskPrice")
    coin = [[each.get(side, math.nan) for each in options] for side in sides]
    quotes = np.array(coin) * evidence["params"]["underlyingPrice"]
    level = evidence["result"]["intermediates"][forward]
    return expiry_quotes(instant(expiry), level, strike, sign, quotes)


def instant(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000.0) * MILLISECOND


def test_the_published_evidence_of_another_index_is_reproduced(shared: Path) -> None:
    path = shared / "fixtures" / "options" / "mfiv_eth_14d_20211001T070200Z.json"
    if not path.exists():
        pytest.skip(f"no published evidence: {path.name} is not in the folder 'shared'")
    evidence = json.loads(path.read_text("utf-8"))
    steps, now = evidence["result"]["intermediates"], instant(evidence["params"]["at"])
    near, far = published(evidence, "nearDate", "F1"), published(evidence, "nextDate", "F2")
    for quotes, expected in ((near, "nearContribution"), (far, "nextContribution")):
        found = expiry_variance(quotes, now=now)
        assert found.variance is not None
        paid = found.variance * found.years + (quotes.forward / 3000.0 - 1.0) ** 2
        assert paid == pytest.approx(2.0 * steps[expected], rel=1e-9)
    # 103.6804 as published: its centre term takes the spot price for the forward, as shown below.
    index = vol_index([near, far], now=now, horizon=14 * DAY)
    assert index.vol is not None
    assert 100.0 * index.vol == pytest.approx(evidence["result"]["value"], abs=0.02)
    spot = evidence["params"]["underlyingPrice"]
    assert index.near is not None
    assert index.near.strikes == len(steps["finalNearBook"])
    shift = (near.forward / 3000.0 - 1.0) ** 2 - (spot / 3000.0 - 1.0) ** 2
    theirs = (index.near.variance or 0.0) * index.near.years + shift
    assert theirs == pytest.approx(steps["nearModSigmaSquared"], rel=1e-5)
