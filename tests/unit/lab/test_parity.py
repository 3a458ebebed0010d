"""The lab trades exactly as the product proposes, decision by decision."""

from decimal import Decimal

import numpy as np
import pytest
from msgspec.structs import replace

from terminal.hedging.decide import decide
from terminal.hedging.inputs import HedgeInputs
from terminal.lab.rule import Rule, lots_of
from terminal.lab.rules import (
    DEFAULT,
    FIXED_CENTRE,
    FIXED_EDGE,
    TIMER,
    rules,
)
from terminal.lab.simulate import trades
from terminal.lab.straddles import Straddles, straddles
from terminal.model.hedge import Propose
from terminal.model.order import Side
from terminal.model.risk import PolicyKind, PolicySpec
from tests.helpers import builders
from tests.unit.lab.walks import SPAN, few_windows

FAR = 1e6
CONTRACT = builders.contract(taker_bps=0.0, min_notional=Decimal(100))


def spec_of(name: str, setting: float, coins: float) -> PolicySpec:
    """The product's policy with the rule's one number."""
    match name:
        case _ if name == TIMER:
            return builders.spec(PolicyKind.TIMER, low=-FAR, high=FAR, every_s=300.0 * setting)
        case _ if name == FIXED_CENTRE:
            kind = PolicyKind.BAND_TO_TARGET
        case _ if name == FIXED_EDGE:
            kind = PolicyKind.BAND_TO_EDGE
        case _:
            return builders.spec(PolicyKind.WHALLEY_WILMOTT, cap=FAR)
    return builders.spec(kind, low=-setting * coins, high=setting * coins)


def seen_by_product(
    book: Straddles, rule: Rule, at: tuple[int, int, int], cost: float
) -> HedgeInputs:
    """Inputs of the product for one setting and window, delta still to be filled in."""
    number, window, step = at
    setting, spot = float(rule.settings[number]), float(book.price[step, window])
    spec = spec_of(rule.name, setting, float(book.coins[window]))
    quote = builders.quote(CONTRACT.key, bid=spot - 0.5, ask=spot + 0.5)
    return builders.inputs(
        0.0,
        spec,
        contract=CONTRACT,
        book=builders.seen(quote),
        gamma=float(book.gamma[step, window]),
        spot=spot,
        one_way_cost=cost,
        profile=builders.profile(spec, risk_aversion=setting, delta_cap_usd=1e12),
    )


def proposed(book: Straddles, rule: Rule, number: int, window: int, cost: float) -> list[float]:
    """Coins that the product trades at every decision, filled at once."""
    held, last, traded = 0.0, 0, []
    for step in range(book.delta.shape[0]):
        now = builders.NOW + step * SPAN
        inputs = replace(
            seen_by_product(book, rule, (number, window, step), cost),
            net_delta=float(book.delta[step, window]) + held,
            now=now,
            last_hedge_at=last,
        )
        decision = decide(inputs, "p")
        coins = 0.0
        if isinstance(decision, Propose):
            size = decision.proposal.coins
            coins = size if decision.proposal.side is Side.BUY else -size
            last = now
        held += coins
        traded.append(coins)
    return traded


@pytest.mark.parametrize("name", [TIMER, FIXED_CENTRE, FIXED_EDGE, DEFAULT])
def test_every_trade_is_the_one_the_product_would_propose(name: str) -> None:
    windows, setup = few_windows(7, count=2)
    book = straddles(windows, setup)
    rule = next(each for each in rules(order_cost=False) if each.name == name)
    some = Rule(rule.name, rule.unit, rule.settings[[2, 8, 14]], rule.answer)
    mine = np.array(list(trades(some, book, setup, lots_of(CONTRACT))))
    assert np.count_nonzero(mine) > 10
    for number in range(some.settings.size):
        for window in range(book.coins.size):
            theirs = proposed(book, some, number, window, setup.cost)
            assert mine[:, number, window] == pytest.approx(theirs, abs=1e-9)
