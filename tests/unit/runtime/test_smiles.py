"""Smiles of a chain: laws of the quotes, the curve through them, and whose turn it is."""

from collections.abc import Mapping
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from terminal.core.units import DAY, SECOND, YEAR
from terminal.engine.state import State
from terminal.model.instrument import Option, Right, coin_settled
from terminal.model.market import Quote
from terminal.model.smile import SmileAt, SmileView
from terminal.pricing.black import price
from terminal.runtime.smiles import Smiles, smile_view
from terminal.runtime.vols import Quoted
from tests.helpers.builders import OPTION, instruments
from tests.helpers.trial import ready

NOW = 1_767_614_400 * SECOND
EXPIRY = NOW + 14 * DAY
FORWARD = 60_000.0
LISTED = next(each for each in instruments() if isinstance(each, Option))


def quoted_option(
    strike: float, right: Right, bid: float | None, ask: float | None, settle: str = "USDC"
) -> Quoted:
    """An option whose bid and ask are stated as volatilities, in its own currency."""
    sign = 1.0 if right is Right.CALL else -1.0
    name = f"{strike:.0f}-{right.value}"
    contract = replace(LISTED.contract, symbol=name, settle=settle)
    option = Option(contract, EXPIRY, Decimal(str(strike)), right)

    def premium(vol: float | None) -> float | None:
        if vol is None:
            return None
        usd = float(price(FORWARD, strike, (EXPIRY - NOW) / YEAR, vol, sign))
        return usd / FORWARD if coin_settled(contract) else usd

    known = [vol for vol in (bid, ask) if vol is not None]
    mark = sum(known) / len(known) if known else None
    quote = Quote(contract.key, premium(bid), premium(ask), iv=mark, forward=FORWARD)
    return Quoted(option, quote, FORWARD)


def chain(level: float = 0.55, half: float = 0.01, settle: str = "USDC") -> list[Quoted]:
    found = []
    for strike in (48_000.0, 52_000.0, 56_000.0, 60_000.0, 64_000.0, 68_000.0, 74_000.0):
        vol = level + 0.3 * float(np.log(strike / FORWARD)) ** 2
        found += [
            quoted_option(strike, right, vol - half, vol + half, settle)
            for right in (Right.CALL, Right.PUT)
        ]
    return found


@settings(deadline=None, max_examples=20)
@given(
    level=st.floats(0.3, 1.2),
    half=st.floats(0.001, 0.05),
    settle=st.sampled_from(("USDC", "BTC")),
)
def test_premiums_come_back_as_the_volatilities_they_were_made_of(
    level: float, half: float, settle: str
) -> None:
    view = smile_view("BTC", EXPIRY, chain(level, half, settle), NOW)
    for point in view.points:
        vol = level + 0.3 * float(np.log(point.strike / FORWARD)) ** 2
        assert point.bid == pytest.approx(vol - half, abs=1e-7)
        assert point.ask == pytest.approx(vol + half, abs=1e-7)
        assert point.mark == pytest.approx(vol)
    assert view.forward == FORWARD


def test_the_curve_runs_through_a_smooth_smile() -> None:
    view = smile_view("BTC", EXPIRY, chain(), NOW)
    strikes, vols = np.array(view.model).T
    here = np.interp([each.strike for each in view.points], strikes, vols)
    assert here == pytest.approx([each.mark for each in view.points], abs=2e-3)
    assert view.model_error is not None
    assert view.model_error < 2e-3
    assert view.model_note.startswith("SVI through marks")


def test_without_marks_the_curve_runs_through_the_middle() -> None:
    bare = [replace(each, quote=replace(each.quote, iv=None)) for each in chain()]
    view = smile_view("BTC", EXPIRY, bare, NOW)
    assert all(each.mark is None for each in view.points)
    assert view.model_note.startswith("SVI through marks and mids")
    at_the_money = next(vol for strike, vol in view.model if strike >= FORWARD)
    assert at_the_money == pytest.approx(0.55, abs=3e-3)


def test_one_sided_crossed_and_few_quotes_are_what_they_are() -> None:
    options = [
        quoted_option(56_000.0, Right.PUT, None, 0.6),
        quoted_option(64_000.0, Right.CALL, None, None),
    ]
    view = smile_view("BTC", EXPIRY, options, NOW)
    assert [(each.bid is None, each.ask is None) for each in view.points] == [
        (True, False),
        (True, True),
    ]
    assert view.model == ()
    assert "fewer than 5 strikes" in view.model_note


def test_an_option_in_the_money_speaks_only_where_it_is_alone() -> None:
    both = [
        quoted_option(64_000.0, Right.PUT, 0.9, 0.9),
        quoted_option(64_000.0, Right.CALL, 0.5, 0.5),
    ]
    for order in (both, both[::-1]):
        assert smile_view("BTC", EXPIRY, order, NOW).points[0].mark == 0.5
    assert smile_view("BTC", EXPIRY, both[:1], NOW).points[0].mark == 0.9
    below = [
        quoted_option(56_000.0, Right.PUT, 0.5, 0.5),
        quoted_option(56_000.0, Right.CALL, 0.9, 0.9),
    ]
    for order in (below, below[::-1]):
        assert smile_view("BTC", EXPIRY, order, NOW).points[0].mark == 0.5


def made(smiles: Smiles, state: State) -> Mapping[str, Mapping[int, SmileView]]:
    """Smiles once the fit that was due, if any, is done."""
    smiles.of(state)
    smiles.close()
    return smiles.of(state)


def test_a_fault_of_a_fit_is_said_on_the_chart(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> SmileView:
        raise ValueError("no such number")

    monkeypatch.setattr("terminal.runtime.smiles.smile_view", broken)
    (view,) = made(Smiles(), ready(positions={OPTION: "1"}).state)["BTC"].values()
    assert (view.points, view.model_note) == ((), "no smile: ValueError: no such number")


def test_the_one_looked_at_comes_first_and_lost_quotes_end_a_smile() -> None:
    trial = ready(positions={OPTION: "1"})
    smiles = Smiles()
    first = made(smiles, trial.state)
    (expiry,) = first["BTC"]
    assert smiles.of(trial.state) is first
    trial.tick(3.0)
    assert made(smiles, trial.state) is first  # not watched: only after fifteen seconds
    smiles.ask(SmileAt("BTC", expiry))
    again = made(smiles, trial.state)
    assert again["BTC"][expiry].at > first["BTC"][expiry].at
    market = replace(trial.state.market, quotes={})
    assert not any(smiles.of(replace(trial.state, market=market)).values())
