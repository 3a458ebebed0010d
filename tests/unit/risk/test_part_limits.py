"""The next part of an approved hedge: never more than was approved, and only while it may go."""

from decimal import Decimal

import pytest

from terminal.core.units import SECOND
from terminal.model.hedge import Approved
from terminal.model.messages import StopStage
from terminal.model.risk import Style
from terminal.risk.limits import Context
from terminal.risk.option_limits import for_options
from terminal.risk.part_limits import renewed
from tests.helpers.builders import NOW, context, profile, proposal, quote, seen

PART = Approved(proposal(), Decimal(1), "user", NOW)


def test_a_part_is_renewed_for_what_is_wanted_and_no_more() -> None:
    for wanted, expected in (("0.4", "0.4"), ("7", "1")):
        found = renewed(PART, Decimal(wanted), context(net_delta=0.3))
        assert isinstance(found, Approved)
        assert found.qty == Decimal(expected)
        assert (found.by, found.at) == ("user", NOW + SECOND)


@pytest.mark.parametrize(
    ("moment", "why"),
    [
        (context(unknown=True), "no proven outcome"),
        (context(working=True), "no proven outcome"),
        (context(net_delta=None), "net delta is unknown"),
        (context(book=seen(quote(bid=50_499.5, ask=50_500.5), NOW)), "price moved"),
        (context(stop=StopStage.FREEZE), "stopped"),
        (context(size_factor=0.0), "not armed"),
        (context(profile=profile(turnover_day_usd=10.0)), "turnover"),
        (context(book=seen(quote(bid=49_910.0, ask=50_090.0), NOW + SECOND)), "spread"),
    ],
)
def test_a_part_waits_for_proof_and_a_market_it_was_meant_for(moment: Context, why: str) -> None:
    found = renewed(PART, Decimal(1), moment)
    assert isinstance(found, str)
    assert why in found


def test_an_option_is_held_to_per_cents_of_its_own_price() -> None:
    rules = profile(option_slip_pct=2.0, option_spread_pct=10.0)
    found = for_options(rules)
    assert (found.slippage_cap_bps, found.spread_cap_bps) == (200.0, 1_000.0)
    assert found.collar_bps == 1_000.0
    assert found.book_age_s == rules.greeks_age_s
    assert found.style is Style.POST_ONLY
