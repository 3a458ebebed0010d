"""The lab trades exactly as the product proposes, decision by decision, with every policy."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from terminal.hedging.decide import decide
from terminal.hedging.inputs import HedgeInputs
from terminal.hedging.memory import Anchor, Memory
from terminal.lab.rule import Rule, lots_of
from terminal.lab.rules import rules
from terminal.lab.simulate import trades
from terminal.lab.straddles import Straddles, straddles
from terminal.lab.windows import Setup
from terminal.model.greeks import Sensitivity
from terminal.model.hedge import Propose
from terminal.model.order import Side
from terminal.model.risk import PolicyKind, PolicySpec
from tests.helpers import builders
from tests.unit.lab.walks import SPAN, few_windows

FAR = 1e6
ORDER_COST = 3.0
CONTRACT = builders.contract(taker_bps=0.0, min_notional=Decimal(100))
RULES = rules(order_cost=True)
SETTINGS = [2, 8, 14]

LEAVES = {"to centre": 0.0, "half-way": 0.5, "to edge": 1.0}
KINDS = {
    "time-based, to centre": PolicyKind.TIMER,
    "fixed band, to centre": PolicyKind.BAND_TO_TARGET,
    "fixed band, half-way": PolicyKind.BAND_TO_HALF,
    "fixed band, to edge": PolicyKind.BAND_TO_EDGE,
    "price step, to centre": PolicyKind.PRICE_STEP,
    "gamma band": PolicyKind.GAMMA_BAND,
    "Whalley-Wilmott": PolicyKind.WHALLEY_WILMOTT,
    "Zakamouline": PolicyKind.ZAKAMOULINE,
    "impulse band": PolicyKind.IMPULSE,
}


def spec_of(rule: Rule, setting: float, coins: float) -> PolicySpec:
    """The product's policy with the rule's one number."""
    name, _, stop = rule.name.partition(", ")
    kind = KINDS.get(rule.name) or KINDS[name]
    fixed = setting * coins if name == "fixed band" else FAR
    numbers: dict[str, Any] = {"leave": LEAVES.get(stop, 0.5)}
    if kind is PolicyKind.TIMER:
        numbers["every_s"] = 300.0 * setting
    if kind in (PolicyKind.GAMMA_BAND, PolicyKind.PRICE_STEP):
        numbers["sigmas"] = setting
    if kind is PolicyKind.IMPULSE:
        numbers["order_cost_usd"] = ORDER_COST
    return builders.spec(kind, low=-fixed, high=fixed, cap=FAR, **numbers)


class Desk:
    """The product's decisions about one window at one setting, each hedge filled at once."""

    def __init__(self, book: Straddles, rule: Rule, number: int, window: int) -> None:
        self.book, self.window = book, window
        setting = float(rule.settings[number])
        self.spec = spec_of(rule, setting, float(book.coins[window]))
        self.profile = builders.profile(self.spec, risk_aversion=setting, delta_cap_usd=1e12)
        self.held, self.last, self.anchor = 0.0, 0, float(book.price[0, window])

    def inputs(self, step: int, cost: float) -> HedgeInputs:
        """What the engine would know at this bar's close."""
        book, window = self.book, self.window
        spot, vol = float(book.price[step, window]), float(book.vol[window])
        gamma, net = float(book.gamma[step, window]), float(book.delta[step, window]) + self.held
        square = gamma * spot * spot * vol
        total = Sensitivity(
            delta=net,
            gamma=gamma,
            vega_usd=square * float(book.years[step]) / 100.0,
            theta_usd_day=-0.5 * square * vol / 365.0,
        )
        quote = builders.quote(CONTRACT.key, bid=spot - 0.5, ask=spot + 0.5)
        made = builders.inputs(
            net,
            self.spec,
            contract=CONTRACT,
            book=builders.seen(quote),
            spot=spot,
            one_way_cost=cost,
            annual_vol=vol,
            profile=self.profile,
            now=builders.NOW + step * SPAN,
            last_hedge_at=self.last,
        )
        return replace(
            made,
            exposure=replace(made.exposure, total=total),
            memory=Memory(anchor=Anchor(net, self.anchor, gamma, vol)),
            calm_gamma=float(book.calm[step, window]),
            vanna=float(book.vanna[step, window]),
        )

    def trades(self, setup: Setup) -> Iterator[float]:
        """Coins traded at every decision."""
        for step in range(self.book.delta.shape[0]):
            inputs = self.inputs(step, setup.cost)
            decision = decide(inputs, "p")
            coins = 0.0
            if isinstance(decision, Propose):
                size = decision.proposal.coins
                coins = size if decision.proposal.side is Side.BUY else -size
                self.last, self.anchor = inputs.now, inputs.spot
            self.held += coins
            yield coins


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_trade_is_the_one_the_product_would_propose(rule: Rule) -> None:
    windows, setup = few_windows(7, count=2)
    setup = replace(setup, order_cost=ORDER_COST)
    book = straddles(windows, setup)
    some = rule._replace(settings=rule.settings[SETTINGS])
    mine = np.array(list(trades(some, book, setup, lots_of(CONTRACT))))
    assert np.count_nonzero(mine) > 10
    for number in range(len(SETTINGS)):
        for window in range(book.coins.size):
            theirs = list(Desk(book, some, number, window).trades(setup))
            assert mine[:, number, window] == pytest.approx(theirs, abs=1e-9)


def test_every_policy_of_a_book_of_options_is_compared() -> None:
    """The hybrid is Whalley-Wilmott where a bar is a look; a flow band is of perpetuals alone."""
    assert {*KINDS.values(), PolicyKind.HYBRID, PolicyKind.FLOW} == set(PolicyKind)
