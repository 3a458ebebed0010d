"""What the screen says of a perps-only mode: the honest label, the sign, the curve."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from terminal.core.units import HOUR
from terminal.model.greeks import PositionRisk, Sensitivity
from terminal.model.market import Funding
from terminal.model.synthetic import Synthetic, SyntheticKind
from terminal.runtime.gammas import Gammas, Seen
from terminal.runtime.synthetics import synthetic_view
from tests.helpers.builders import INVERSE, NOW, PERP, SPOT, profile
from tests.helpers.trial import Trial, ready
from tests.unit.engine.test_synthetics import FADE, warm


def with_mode(terms: Synthetic) -> Trial:
    return ready(replace(profile(), synthetics={"BTC": terms}), held="0")


def perp(key: str, usd: float) -> PositionRisk:
    return PositionRisk(
        key=key,
        symbol=key.partition("@")[0],
        kind="perpetual",
        qty=Decimal(1),
        coins=1.0,
        entry=None,
        mark=SPOT,
        iv=None,
        upnl_usd=0.0,
        expiry=0,
        risk=Sensitivity(delta_usd=usd),
    )


def test_a_grid_is_called_what_it_is() -> None:
    trial = warm()
    trial.tick(1.0, SPOT * 1.004)
    view = synthetic_view(trial.state, "BTC", ())
    assert view is not None
    assert view.label == "Synthetic short gamma: sells rallies, buys dips, loses in trends."
    assert view.sign == -1
    assert view.gamma_1pct_usd == pytest.approx(-50_000.0, rel=0.01)
    assert view.target == pytest.approx(-0.4, abs=0.01)
    assert view.trend is not None
    assert (view.fault, view.blocked) == ("", "")
    assert view.centre == SPOT
    assert max(view.trend_pnl_usd) == 0.0
    assert min(view.trend_pnl_usd) < -5_000.0
    assert view.day_pnl_usd == ()  # ten minutes of prices are needed for a volatility
    assert "back and forth" not in view.says
    for minute in range(5):
        trial.tick(60.0, SPOT * (1.004 + 1e-4 * (-1) ** minute))
    later = synthetic_view(trial.state, "BTC", ())
    assert later is not None
    assert "back and forth at the realised volatility collects" in later.says
    pairs = zip(later.day_pnl_usd, later.trend_pnl_usd, strict=True)
    assert all(day > flat for day, flat in pairs)
    loss = -dict(zip(view.moves, view.trend_pnl_usd, strict=True))[0.1]
    assert f"A straight 10 % move loses {loss:,.0f} USD" in view.says


def test_a_replication_is_the_mirror_image() -> None:
    terms = replace(FADE, kind=SyntheticKind.STRADDLE)
    view = synthetic_view(with_mode(terms).state, "BTC", ())
    assert view is not None
    assert "pays realised variance" in view.label
    assert view.sign == 1
    assert "warms up" in view.blocked or view.target == 0.0
    assert min(view.trend_pnl_usd) == 0.0
    assert "premium" in view.says


def test_what_cannot_be_armed_still_shows_its_curve_and_why() -> None:
    view = synthetic_view(with_mode(replace(FADE, trend_limit=0.0)).state, "BTC", ())
    assert view is not None
    assert "no trend filter" in view.fault
    assert view.trend is None
    assert view.trend_pnl_usd
    unsized = synthetic_view(with_mode(replace(FADE, gamma_1pct_usd=0.0)).state, "BTC", ())
    assert unsized is not None
    assert (unsized.moves, unsized.centre) == ((), None)
    assert "needs a price and a size" in unsized.says


def test_carry_has_no_gamma_and_names_its_legs() -> None:
    trial = with_mode(Synthetic(kind=SyntheticKind.CARRY, max_inventory=5.0))
    alone = synthetic_view(trial.state, "BTC", (perp(PERP, 50_000.0),))
    assert alone is not None
    assert (alone.sign, alone.label.partition(":")[0]) == (0, "Funding carry, no gamma")
    assert "no carry until two legs" in alone.says
    assert not any(alone.trend_pnl_usd)
    legs = (perp(PERP, 50_000.0), perp("BTC-PERP@other", -50_000.0))
    unknown = synthetic_view(trial.state, "BTC", legs)
    assert unknown is not None
    assert "on 2 venues; funding of an unknown rate" in unknown.says
    for key, rate in ((PERP, 1e-4), ("BTC-PERP@other", 3e-4)):
        trial.tell(Funding(key, rate, 8 * HOUR, NOW + HOUR))
    known = synthetic_view(trial.state, "BTC", legs)
    assert known is not None
    assert "funding +10 USD per 8 h" in known.says
    same = synthetic_view(trial.state, "BTC", (legs[0], perp(INVERSE, -50_000.0)))
    assert same is not None
    assert "on one venue" in same.says


def test_the_gamma_view_carries_it() -> None:
    view = Gammas().of(with_mode(FADE).state, Seen({}, {}, {}))["BTC"]
    assert view.synthetic is not None
    assert Gammas().of(ready().state, Seen({}, {}, {}))["BTC"].synthetic is None
