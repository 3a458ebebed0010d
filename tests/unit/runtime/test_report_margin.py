"""Distance to liquidation in a report: none, begun and unknown are three things."""

from terminal.portfolio.liquidation import Distance, Liquidation
from terminal.runtime.reporting.margin import NONE, cells

NEAR = Distance(45_000.0, 0.1, 4.0)


def test_a_side_without_liquidation_says_none_and_the_other_its_distance() -> None:
    found = cells(Liquidation(NEAR, None, 10.0))
    assert found == (45_000.0, 0.1, 4.0, NONE, "", "", "")


def test_liquidation_that_has_begun_is_said() -> None:
    here = Distance(50_000.0, 0.0, 0.0)
    assert cells(Liquidation(here, here, -1.0))[-1] == "liquidation has begun"


def test_the_unknown_says_why() -> None:
    assert cells("rules unknown") == (None, None, None, None, None, None, "rules unknown")
