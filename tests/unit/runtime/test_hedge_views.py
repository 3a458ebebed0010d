"""Rankings of a running engine for the screen: their size, their pace, and why there are none."""

from msgspec.structs import replace

from terminal.core.units import HOUR
from terminal.engine.state import State
from terminal.model.market import Funding
from terminal.model.messages import Reject
from terminal.model.order import Side
from terminal.runtime.hedge_views import HedgeViews, hedge_with
from tests.helpers.builders import NOW, PERP
from tests.helpers.trial import Trial, ready


def test_they_are_renewed_every_two_seconds() -> None:
    trial = ready()
    views = HedgeViews()
    assert not views.of(State())
    first = views.of(trial.state)
    assert set(first) == {"BTC"}
    trial.tick(0.25)
    assert views.of(trial.state) is first
    trial.tick(2.0)
    assert views.of(trial.state)["BTC"] is not first["BTC"]


def test_the_size_is_that_of_the_proposal_or_half_a_band() -> None:
    trial = ready()
    trial.tell(Funding(PERP, 1e-4, 8 * HOUR, NOW + HOUR))
    view = hedge_with(trial.state, "BTC")
    assert (view.side, view.coins, view.occasion) == (Side.SELL, 1.0, "the proposal")
    assert [(row.symbol, row.rank) for row in view.rows] == [("BTC_USDC-PERP", 1), ("BTC-FUT", 2)]
    assert view.rows[0].carry_bp is not None
    assert view.split is None  # one perpetual alone
    trial.tell(Reject(trial.offer.proposal_id, "not now"))
    view = hedge_with(trial.state, "BTC")
    assert (view.side, view.coins, view.occasion) == (Side.SELL, 0.1, "half a band")


def test_without_markets_the_reason_is_given() -> None:
    view = hedge_with(Trial().state, "BTC")
    assert view.side is None
    assert view.occasion == "no index price of BTC yet"
    assert view.rows == ()


def test_a_band_without_width_has_no_size() -> None:
    trial = ready()
    trial.tell(Reject(trial.offer.proposal_id, "not now"))
    desk = trial.state.desks["BTC"]
    assert desk.target is not None
    closed = replace(desk, target=replace(desk.target, low=0.0, high=0.0))
    state = replace(trial.state, desks={"BTC": closed})
    assert "no width" in hedge_with(state, "BTC").occasion
    silent = replace(trial.state, desks={"BTC": replace(desk, target=None, verdict="paused")})
    assert hedge_with(silent, "BTC").occasion == "paused"
