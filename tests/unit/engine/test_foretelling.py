"""An outlook in the engine: kept, told of when it changes, and replayed to the same bytes."""

from terminal.engine.state import State, restored, saved
from terminal.engine.step import step
from terminal.model.forecast import Foretold, Outlook
from terminal.model.messages import Alert
from tests.helpers.builders import profile, spec
from tests.helpers.trial import Trial

OFF = Foretold(name="spike 1 h", value=0.02, reason="turned off by drift: worse than EWMA")
ON = Foretold(name="spike 1 h", value=0.02, on=True)
DAY = Foretold(name="volatility 1 d", value=0.8, usual=0.5, on=True)
WEEK_OFF = Foretold(name="volatility 7 d", value=0.8, reason="no better")
SEASON = Foretold(name="season 1 h", value=1.0, usual=1.0, on=True)


def outlook(at: int, spike: Foretold, week: Foretold = DAY) -> Outlook:
    return Outlook("BTC", at, DAY, week, SEASON, spike)


def said(trial: Trial, event: Outlook) -> list[tuple[str, str]]:
    effects = trial.tell(event)
    return [(each.level, each.text) for each in effects if isinstance(each, Alert)]


def test_a_forecast_that_goes_off_or_comes_back_is_told_of_once() -> None:
    trial = Trial(profile(spec(foresight_pct=30.0)))
    assert said(trial, outlook(trial.now, ON)) == []  # the first is no change
    assert said(trial, outlook(trial.now, ON, WEEK_OFF)) == []  # the week is only shown
    ((level, text),) = said(trial, outlook(trial.now, OFF))
    assert level == "warn"
    assert text.startswith("spike 1 h of BTC is off, and nothing is made of it: turned off by")
    assert said(trial, outlook(trial.now, OFF)) == []
    assert said(trial, outlook(trial.now, ON)) == [("info", "spike 1 h of BTC is on")]


def test_it_scales_the_band_of_the_next_decision_and_replays_alike() -> None:
    trial = Trial(profile(spec(foresight_pct=30.0)))
    trial.tick()
    before = trial.state.desks["BTC"].target
    trial.tell(outlook(trial.now, ON))
    trial.tick()
    after = trial.state.desks["BTC"].target
    assert before is not None
    assert after is not None
    assert after.high < before.high
    state = State()
    for record in trial.records:
        state, _ = step(state, record)
    assert saved(state) == saved(trial.state)
    assert restored(saved(state)).market.outlooks["BTC"] == outlook(
        state.market.outlooks["BTC"].at, ON
    )


def test_a_default_policy_decides_as_if_there_were_none() -> None:
    plain, told = Trial(), Trial()
    told.tell(outlook(told.now, ON))
    plain.tick()
    told.tick()
    assert told.state.desks["BTC"].target == plain.state.desks["BTC"].target
    assert told.offer.reasons == plain.offer.reasons
