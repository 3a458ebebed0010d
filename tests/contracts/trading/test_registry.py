"""What the registry says may be traded on is what the contract is held against."""

import pytest

from terminal.core.errors import ConfigError
from terminal.venues.dialects.registry import DIALECTS
from terminal.venues.gateway.catalogue import asks_of
from tests.contracts.trading.venues import VENUES


def test_a_venue_is_tradable_exactly_when_it_is_under_the_contract() -> None:
    held = {each.dialect.venue for each in VENUES}
    assert held == {each.venue for each in DIALECTS.values() if not each.why_read_only}


@pytest.mark.parametrize("name", sorted(DIALECTS))
def test_a_read_only_venue_has_no_order_client(name: str) -> None:
    spoken = DIALECTS[name]
    if spoken.why_read_only:
        with pytest.raises(ConfigError, match="cannot be traded on"):
            asks_of(spoken)
    else:
        assert asks_of(spoken).watches
