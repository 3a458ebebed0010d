"""The carry that a screen shows: of what is held and listed, made once a second."""

from terminal.core.units import HOUR
from terminal.model.market import Funding
from terminal.portfolio.rows import itemised
from terminal.runtime.carries import Carries, Rows
from tests.helpers.builders import NOW, PERP
from tests.helpers.trial import Trial, ready


def rows(trial: Trial) -> Rows:
    return {name: itemised(view) for name, view in trial.state.views.items()}


def test_the_view_of_a_held_perpetual() -> None:
    trial = ready(positions={PERP: "-2"})
    trial.tell(Funding(PERP, 1e-4, 8 * HOUR, NOW + HOUR))
    carries = Carries()
    view = carries.of(trial.state, rows(trial))
    (row,) = view.rows
    assert row.due_usd is not None
    assert row.due_usd > 9.0
    assert view.columns == ("sim USDC",)
    assert view.coins[0].cells[0] is not None
    assert {each.what for each in view.stamps} >= {"funding", "daily settlement"}
    assert any(each.what.startswith("expiry") for each in view.stamps)
    trial.tick(0.25)
    assert carries.of(trial.state, rows(trial)) is view
    trial.tick(1.0)
    assert carries.of(trial.state, rows(trial)) is not view


def test_before_anything_is_known() -> None:
    view = Carries().of(Trial().state, {})
    assert (view.rows, view.coins) == ((), ())
