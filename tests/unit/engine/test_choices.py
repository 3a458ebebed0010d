"""The instrument of a proposal: the cheapest perpetual for its size, and the one in use."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from terminal.core.units import HOUR
from terminal.engine.choices import choices_of
from terminal.model.hedge import Proposal
from terminal.model.instrument import CarryKind, Instrument, Perpetual, Spot
from terminal.model.market import Depth, Funding
from terminal.model.messages import HedgeNow, Listing, Requote
from tests.helpers.builders import EXPIRY, FUTURE, NOW, PERP, contract, depth, instruments, quote
from tests.helpers.trial import Trial, submits

OTHER = "BTC-OTHER@sim"
MORE: tuple[Instrument, ...] = (*instruments(), Perpetual(contract("BTC-OTHER"), 8 * HOUR))


def trial(*events: Depth | Funding, half: float = 0.5) -> Trial:
    """An engine with a second perpetual, before its first proposal."""
    made = Trial()
    made.tell(Listing("sim", MORE))
    made.tell(quote(OTHER, 50_000.0 - half, 50_000.0 + half, mark=50_000.0))
    for key in (PERP, OTHER):
        made.tell(Funding(key, 0.0, 8 * HOUR, NOW + HOUR))
    for event in events:
        made.tell(event)
    made.tick()
    return made


def offer(*events: Depth | Funding, half: float = 0.5) -> Proposal:
    return trial(*events, half=half).offer


def test_the_impact_of_the_size_decides() -> None:
    thin, thick = depth(PERP, step_usd=50.0, size=0.2), depth(OTHER, size=5.0)
    proposed = offer(thin, thick)
    assert proposed.key == OTHER
    assert proposed.reasons[-1].startswith("BTC-OTHER: cheapest by ")
    assert offer(thick, depth(OTHER, step_usd=50.0, size=0.2)).key == PERP


def test_less_than_a_point_changes_nothing() -> None:
    proposed = offer(depth(PERP, step_usd=4.0, size=0.5), depth(OTHER, size=5.0))
    assert proposed.key == PERP
    assert proposed.reasons[-1] == "BTC_USDC-PERP: in use: none is cheaper enough to change."


def test_funding_decides_by_the_side_that_is_traded() -> None:
    """A sale receives a positive rate: the hedge goes where it is paid."""
    assert offer(Funding(OTHER, 1e-3, 8 * HOUR, NOW + HOUR)).key == OTHER
    assert offer(Funding(OTHER, -1e-3, 8 * HOUR, NOW + HOUR)).key == PERP


def test_a_borrow_fee_is_a_cost_for_a_sale_too() -> None:
    made = trial()
    borrows = Perpetual(contract("BTC-OTHER"), HOUR, CarryKind.BORROW)
    made.tell(Listing("sim", (*instruments(), borrows)))
    made.tell(Funding(OTHER, 1e-3, HOUR, NOW + HOUR))
    (choice,) = (each for each in choices_of(made.state, "BTC") if each.contract.key == OTHER)
    assert choice.borrow_hour == 1e-3
    assert choice.funding is not None
    assert choice.funding.rate == 0.0
    made.tell(Requote(made.offer.proposal_id))
    assert made.offer.key == PERP


def test_what_is_said_of_funding_is_about_the_instrument_chosen() -> None:
    proposed = offer(Funding(OTHER, 1e-3, 8 * HOUR, NOW + HOUR))
    assert proposed.key == OTHER
    assert any("Funding: selling now receives 50.00 USD" in each for each in proposed.reasons)


def test_the_order_goes_to_the_proposed_instrument() -> None:
    made = trial(depth(PERP, step_usd=50.0, size=0.2), depth(OTHER, size=5.0))
    sent = submits(made.approve())
    assert [each.key for each in sent] == [OTHER]


def test_what_was_traded_stays_in_use() -> None:
    made = trial(depth(PERP, step_usd=50.0, size=0.2), depth(OTHER, size=5.0))
    assert made.state.desks["BTC"].hedge_key == PERP
    made.obey(made.approve())
    assert made.state.desks["BTC"].hedge_key == OTHER
    made.tick()
    assert made.state.desks["BTC"].hedge_key == OTHER


def test_a_requote_chooses_anew() -> None:
    made = trial()
    assert made.offer.key == PERP
    made.tell(depth(PERP, step_usd=50.0, size=0.2))
    made.tell(depth(OTHER, size=5.0))
    made.tell(quote(OTHER, mark=50_000.0))
    made.tell(Requote(made.offer.proposal_id))
    assert made.offer.key == OTHER
    assert made.offer.revision == 2


@pytest.mark.parametrize("key", [PERP, OTHER])
def test_one_perpetual_alone_is_not_ranked(key: str) -> None:
    listed = tuple(each for each in MORE if each.contract.key in (key, FUTURE))
    made = Trial()
    made.tell(Listing("sim", listed))
    made.tell(quote(key, mark=50_000.0))
    made.tick()
    assert made.offer.key == key
    assert "cheapest" not in " ".join(made.offer.reasons)


def test_a_lot_too_coarse_on_the_other_keeps_the_instrument() -> None:
    made = Trial()
    coarse = Perpetual(contract("BTC-OTHER", lot=Decimal(5), min_qty=Decimal(5)), 8 * HOUR)
    made.tell(Listing("sim", (*instruments(), coarse)))
    made.tell(quote(OTHER, mark=50_000.0))
    made.tell(Funding(OTHER, 1e-3, 8 * HOUR, NOW + HOUR))
    made.tick()
    made.tell(HedgeNow("BTC"))
    assert made.offer.key == PERP


def test_choices_are_everything_listed_but_options() -> None:
    made = Trial()
    pair = Spot(contract("BTC-USDC"))
    accruing = Perpetual(contract("BTC-CONT"), 0)
    made.tell(Listing("sim", (*instruments(), pair, accruing)))
    cash = {**made.state.ledger.cash, "BTC": Decimal(3)}
    state = replace(made.state, ledger=replace(made.state.ledger, cash=cash))
    found = {each.contract.symbol: each for each in choices_of(state, "BTC")}
    assert list(found) == ["BTC_USDC-PERP", "BTC-FUT", "BTC-USDC", "BTC-CONT"]
    assert found["BTC-FUT"].expiry == EXPIRY
    assert found["BTC-FUT"].position == 1
    assert found["BTC-USDC"].free_coins == 3.0
    assert [name for name, each in found.items() if each.shown_only] == ["BTC-FUT", "BTC-USDC"]
    assert found["BTC-CONT"].accrues
    assert not found["BTC_USDC-PERP"].accrues
    assert choices_of(state, "ETH") == ()
