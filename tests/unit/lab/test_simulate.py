"""Hedging whole arrays: accounts that close, no look ahead, and known answers."""

import numpy as np
import pytest
from msgspec.structs import replace

from terminal.lab.rule import Rule, lots_of
from terminal.lab.rules import IMPULSE, TIMER, rules
from terminal.lab.simulate import simulate, trades
from terminal.lab.straddles import straddles
from terminal.lab.windows import Setup, simulated
from tests.helpers import builders
from tests.unit.lab.walks import LOTS, few_windows

RULES = rules(order_cost=True)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_accounts_close(rule: Rule) -> None:
    windows, setup = few_windows(3)
    setup = replace(setup, order_cost=2.0)
    book = straddles(windows, setup)
    outcome = simulate(rule, book, setup, LOTS)
    traded = np.array(list(trades(rule, book, setup, LOTS)))
    spent = np.abs(traded) * book.price[:-1, None, :]
    assert outcome.turnover == pytest.approx(spent.sum(axis=0))
    assert outcome.orders == pytest.approx(np.count_nonzero(traded, axis=0))
    assert outcome.cost == pytest.approx(5e-4 * outcome.turnover + 2.0 * outcome.orders)
    held = traded.sum(axis=0)
    cash = -(traded * book.price[:-1, None, :]).sum(axis=0) + held * book.price[-1]
    assert outcome.net == pytest.approx(book.profit + cash - outcome.cost, abs=1e-6)
    assert outcome.error == pytest.approx(book.profit + cash - book.perfect, abs=1e-6)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_no_trade_knows_a_later_price(rule: Rule) -> None:
    windows, setup = few_windows(5)
    changed = windows.price.copy()
    changed[101:] *= 1.1
    before, after = (
        list(trades(rule, straddles(each, setup), setup, LOTS))
        for each in (windows, windows._replace(price=changed))
    )
    assert all((one == same).all() for one, same in zip(before[:101], after[:101], strict=True))
    assert any((one != same).any() for one, same in zip(before, after, strict=True))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_settings_run_from_the_tightest_to_the_widest(rule: Rule) -> None:
    windows, setup = few_windows(9, count=8)
    setup = replace(setup, order_cost=2.0)
    cost = simulate(rule, straddles(windows, setup), setup, LOTS).cost.mean(axis=1)
    assert cost[0] > 2.0 * cost[-1]
    assert (np.diff(cost) < 0.1 * cost[0]).all()


def test_hedging_at_every_bar_without_rounding_is_the_perfect_hedge() -> None:
    windows, setup = few_windows(11)
    book = straddles(windows, setup)
    rule = next(each for each in RULES if each.name == TIMER)
    outcome = simulate(rule, book, setup, LOTS._replace(lot=1e-9, least_coins=0.0, least_usd=0.0))
    assert outcome.error[0] == pytest.approx(np.zeros(3), abs=1e-2)


def test_straddles_held_to_expiry_earn_their_payoff() -> None:
    windows = simulated(Setup(), 2, 5, spot=60_000.0, vol=0.6)
    book = straddles(windows, Setup())
    paid = book.coins * 60_000.0 * 0.6 * (7 / 365) ** 0.5 * (2 / np.pi) ** 0.5
    payoff = book.coins * np.abs(windows.price[-1] - windows.price[0])
    assert book.profit == pytest.approx(payoff - paid, rel=1e-3, abs=1e-3 * paid[0])
    assert book.coins == pytest.approx(np.full(5, 10.0))
    assert book.gamma[0] * 60_000.0**2 / 100.0 == pytest.approx(
        np.full(5, 40_670.0 * 2.0**0.5), rel=1e-2
    )


def test_the_impulse_band_needs_an_order_cost() -> None:
    assert IMPULSE in {each.name for each in RULES}
    assert IMPULSE not in {each.name for each in rules(order_cost=False)}


def test_inverse_contracts_are_refused() -> None:
    with pytest.raises(ValueError, match="inverse"):
        lots_of(builders.inverse_contract())
