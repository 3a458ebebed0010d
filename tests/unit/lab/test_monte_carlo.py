"""Simulated hedges: path by path those of plain arithmetic, whatever the number of threads."""

from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from scipy.special import ndtr

from terminal.lab.monte_carlo import Paths, World, hedged
from terminal.pricing.compiled.hedged_paths import BLOCK, normals
from terminal.pricing.rows import FloatArray

WORLD = World(steps=60)


def by_hand(world: World, draws: FloatArray) -> Paths:
    """The same walk on the same draws (steps, n), a formula at a time."""
    step, strike = world.years / world.steps, world.spot
    count = draws.shape[1]
    spot, held = np.full(count, strike), np.zeros(count)
    gained, paid, trades = np.zeros(count), np.zeros(count), np.zeros(count)
    for number, z in enumerate(draws):
        deviation = world.hedge_vol * np.sqrt(world.years - number * step)
        d1 = np.log(spot / strike) / deviation + 0.5 * deviation
        gamma = 2.0 * np.exp(-0.5 * d1 * d1) / np.sqrt(2.0 * np.pi) / (spot * deviation)
        band = np.cbrt(1.5 * world.cost * spot * gamma**2 / world.risk_aversion)
        net = 2.0 * ndtr(d1) - 1.0 + held
        traded = np.clip(net, -band, band) - net
        held += traded
        paid += world.cost * spot * np.abs(traded)
        trades += traded != 0.0
        drift = (world.drift - 0.5 * world.vol**2) * step
        after = spot * np.exp(drift + world.vol * np.sqrt(step) * z)
        gained += held * (after - spot)
        spot = after
    deviation = world.hedge_vol * np.sqrt(world.years)
    premium = 2.0 * strike * (2.0 * ndtr(0.5 * deviation) - 1.0)
    return Paths(np.abs(spot - strike) - premium + gained - paid, paid, trades)


@pytest.mark.parametrize(
    "world",
    [
        WORLD,
        replace(WORLD, vol=1.2, hedge_vol=0.4, drift=2.0),
        replace(WORLD, cost=0.0),
        replace(WORLD, cost=0.02, risk_aversion=1e-7, years=1.0),
    ],
)
def test_every_path_is_that_of_plain_arithmetic(world: World) -> None:
    found = hedged(world, 2 * BLOCK, seed=7)
    for block in range(2):
        part = slice(block * BLOCK, (block + 1) * BLOCK)
        wanted = by_hand(world, normals(7, block, world.steps))
        np.testing.assert_allclose(found.net[part], wanted.net, rtol=0.0, atol=1e-6)
        np.testing.assert_allclose(found.cost[part], wanted.cost, rtol=1e-9, atol=1e-9)
        if world.cost:  # a band of no width is left by rounding alone
            np.testing.assert_array_equal(found.trades[part], wanted.trades)


def test_threads_and_length_change_no_path() -> None:
    whole = hedged(WORLD, 5_000, seed=3)
    for threads in (2, 3, 8):
        again = hedged(WORLD, 5_000, seed=3, threads=threads)
        assert all(np.array_equal(a, b) for a, b in zip(whole, again, strict=True))
    short = hedged(WORLD, 700, seed=3)
    assert np.array_equal(short.net, whole.net[:700])
    assert not np.array_equal(hedged(WORLD, 700, seed=4).net, short.net)


def test_draws_are_normal_and_independent() -> None:
    draws = normals(1, 0, 2_000)
    error = 1.0 / np.sqrt(draws.size)
    assert abs(draws.mean()) < 4.0 * error
    assert abs(draws.var() - 1.0) < 4.0 * np.sqrt(2.0) * error
    assert abs((draws**4).mean() - 3.0) < 4.0 * np.sqrt(96.0) * error
    for first, second in ((draws[1:], draws[:-1]), (draws[:, 1:], draws[:, :-1])):
        assert abs((first * second).mean()) < 4.0 * error
    assert abs((draws[:, :256] * draws[:, 256:]).mean()) < 4.0 * np.sqrt(2.0) * error
    assert not np.array_equal(draws, normals(1, 1, 2_000))


def test_without_an_edge_the_mean_is_the_cost() -> None:
    found = hedged(replace(WORLD, steps=200), 40_000)
    error = found.net.std() / np.sqrt(found.net.size)
    assert abs(found.net.mean() + found.cost.mean()) < 4.0 * error


@pytest.mark.parametrize(
    "wrong",
    [
        {"vol": 0.0},
        {"spot": float("nan")},
        {"years": -1.0},
        {"steps": 0},
        {"cost": -1e-4},
        {"drift": float("inf")},
        {"risk_aversion": 0.0},
    ],
)
def test_a_world_that_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"above 0|cost must be"):
        hedged(replace(WORLD, **wrong), 10)


@pytest.mark.parametrize("wrong", [{"count": 0}, {"threads": 0}, {"seed": -1}, {"seed": 1 << 24}])
def test_counts_are_checked(wrong: dict[str, Any]) -> None:
    given = {"count": 10} | wrong
    with pytest.raises(ValueError, match="1 or more"):
        hedged(WORLD, given.pop("count"), **given)
