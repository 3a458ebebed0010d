"""Simulated worlds: laws of each kind, and draws that depend on their seed alone."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from terminal.core.errors import ConfigError
from terminal.lab import world_paths
from terminal.lab.dynamics import Dynamics, Kind, checked, fair_variance, usual
from terminal.lab.windows import Setup
from terminal.lab.worlds import Prices, Size, drawn, windows_in
from terminal.pricing.rows import FloatArray

SPOT = 60_000.0
SIZE = Size(200, 30.0 / 365.0, 8_000)
MARTINGALES = (Kind.GBM, Kind.HESTON, Kind.BATES, Kind.REGIME)


def logs(found: Prices) -> FloatArray:
    """Logarithm of each path's last price over its first."""
    ends: FloatArray = np.log(found.price[-1] / found.price[0])
    return ends


def near(values: FloatArray, wanted: float, errors: float = 4.0) -> bool:
    """Whether a mean is the wanted one within a few standard errors."""
    return bool(abs(values.mean() - wanted) < errors * values.std() / math.sqrt(values.size))


def integrated(speed: float, spread: float, years: float) -> tuple[float, float]:
    """Variance of the time integral of a stationary reverting number, and its mean decay."""
    x = speed * years
    return 2.0 * spread / speed**2 * (x + math.expm1(-x)), -math.expm1(-x) / x


class TestLaws:
    @pytest.mark.parametrize("kind", MARTINGALES)
    @pytest.mark.parametrize("drift", [0.0, 0.8])
    def test_the_mean_price_grows_by_the_drift(self, kind: Kind, drift: float) -> None:
        law = replace(usual(kind), drift=drift)
        found = drawn(law, SIZE, spot=SPOT, seed=3)
        assert near(found.price[-1] / SPOT, math.exp(drift * SIZE.years))

    @settings(max_examples=8, deadline=None)
    @given(
        st.floats(0.2, 1.5),
        st.floats(1.0, 60.0),
        st.floats(0.3, 5.0),
        st.floats(-0.9, 0.9),
        st.integers(0, 2**40),
    )
    def test_a_moving_variance_makes_no_money(
        self, vol: float, pull: float, noise: float, lean: float, seed: int
    ) -> None:
        law = Dynamics(kind=Kind.HESTON, vol=vol, pull=pull, noise=noise, lean=lean)
        found = drawn(law, Size(60, 20.0 / 365.0, 4_000), spot=1.0, seed=seed)
        assert near(found.price[-1], 1.0, 5.0)

    def test_heston_has_the_variance_of_its_closed_form(self) -> None:
        law = usual(Kind.HESTON)
        pull, noise, home, years = law.pull, law.noise, law.vol**2, SIZE.years
        x = pull * years
        spread = home * noise**2 / pull**3 * (x - 1.5 + 2.0 * math.exp(-x) - 0.5 * math.exp(-2 * x))
        cross = law.lean * noise * home / pull * (years + math.expm1(-x) / pull)
        wanted = home * years + 0.25 * spread - cross
        found = logs(drawn(law, SIZE, spot=SPOT, seed=5))
        assert near((found + 0.5 * home * years) ** 2, wanted)

    def test_the_variance_itself_has_its_mean_and_its_spread(self) -> None:
        law = usual(Kind.HESTON)
        step = SIZE.years / SIZE.steps
        draw = np.random.default_rng(7)
        shape = (SIZE.steps, 20_000)
        terms = world_paths.variance_terms(law, step)
        paths, _ = world_paths.stepped(terms, draw.standard_normal(shape), draw.random(shape))
        wanted = (
            law.vol**2 * law.noise**2 / (2 * law.pull) * -math.expm1(-2 * law.pull * SIZE.years)
        )
        assert near(paths[-1], law.vol**2)
        assert near((paths[-1] - law.vol**2) ** 2, wanted)
        assert paths.min() >= 0.0

    def test_bates_jumps_as_often_and_as_far_as_it_says(self) -> None:
        law = replace(usual(Kind.BATES), vol=0.05, noise=0.1, jumps=40.0)
        found = drawn(law, SIZE, spot=SPOT, seed=9)
        moves = np.diff(np.log(found.price), axis=0)
        leaps = np.abs(moves) > 6.0 * law.vol * math.sqrt(SIZE.years / SIZE.steps)
        far = 6.0 * law.vol * math.sqrt(SIZE.years / SIZE.steps)
        low, high = (
            math.erfc((far + sign * law.jump_mean) / (law.jump_vol * math.sqrt(2.0))) / 2.0
            for sign in (1.0, -1.0)
        )
        assert leaps.sum() / SIZE.paths == pytest.approx(
            law.jumps * SIZE.years * (low + high), rel=0.02
        )
        wanted = fair_variance(law, law.vol**2, SIZE.years) * SIZE.years
        assert logs(found).var() == pytest.approx(wanted, rel=0.04)

    def test_jumps_make_fat_tails_and_a_plain_walk_none(self) -> None:
        def excess(kind: Kind) -> float:
            moves = np.diff(np.log(drawn(usual(kind), SIZE, spot=SPOT, seed=2).price), axis=0)
            return float(np.mean(moves**4) / np.mean(moves**2) ** 2 - 3.0)

        assert abs(excess(Kind.GBM)) < 0.02
        law = usual(Kind.BATES)
        total = fair_variance(law, law.vol**2, 1.0)
        spread = 3.0 * law.vol**2 * law.noise**2 / (2 * law.pull)  # of a variance at rest
        most = (law.jumps * 3.0 * law.jump_vol**4 * 1.1 * SIZE.steps / SIZE.years) / total**2
        assert 0.7 * most < excess(Kind.BATES) < most + 3.0 * spread / total**2 + 1.0

    def test_two_states_share_the_time_and_the_variance(self) -> None:
        law = usual(Kind.REGIME)
        found = drawn(law, SIZE, spot=SPOT, seed=4)
        share = law.to_wild / (law.to_wild + law.to_calm)
        assert near((found.variance == law.wild**2).astype(float), share)
        mean = (1 - share) * law.vol**2 + share * law.wild**2
        assert mean == pytest.approx(0.36)
        speed = law.to_wild + law.to_calm
        both = share * (1 - share) * (law.wild**2 - law.vol**2) ** 2
        spread, _ = integrated(speed, both, SIZE.years)
        squares = (logs(found) + 0.5 * mean * SIZE.years) ** 2
        assert near(squares, mean * SIZE.years + 0.25 * spread)

    def test_a_state_lasts_as_long_as_it_says(self) -> None:
        law = usual(Kind.REGIME)
        draw = np.random.default_rng(3)
        step = 1.0 / 5_256
        wild = world_paths._wild(law, step, (20_000, 64), draw)
        left = (wild[:-1] & ~wild[1:]).sum() / wild[:-1].sum()
        speed = law.to_wild + law.to_calm
        assert left == pytest.approx(law.to_calm / speed * -math.expm1(-speed * step), rel=0.05)

    def test_a_price_that_returns_has_the_spread_of_its_closed_form(self) -> None:
        law = usual(Kind.REVERTING)
        found = np.log(drawn(law, SIZE, spot=SPOT, seed=6).price / SPOT)
        for at in (20, 200):
            years = SIZE.years * at / SIZE.steps
            wanted = law.vol**2 / (2 * law.revert) * -math.expm1(-2 * law.revert * years)
            assert near(found[at] ** 2, wanted)
            assert near(found[at], 0.0)
        lag = found[100:101] * found[200:201]
        early = law.vol**2 / (2 * law.revert) * -math.expm1(-2 * law.revert * SIZE.years / 2)
        assert near(lag, early * math.exp(-law.revert * SIZE.years / 2))

    def test_a_trend_adds_what_its_closed_form_says(self) -> None:
        law = usual(Kind.TRENDING)
        price = drawn(law, Size(400, SIZE.years, 8_000), spot=SPOT, seed=8).price
        half = 0.5 * SIZE.years
        spread, _ = integrated(law.forget, law.trend**2, SIZE.years)
        first, second = np.diff(np.log(price[[0, 200, 400]]), axis=0) + 0.5 * law.vol**2 * half
        assert near((first + second) ** 2, law.vol**2 * SIZE.years + spread)
        kept = (law.trend / law.forget * -math.expm1(-law.forget * half)) ** 2
        assert near(first * second, kept)
        assert kept > 0.0005


class TestDraws:
    @pytest.mark.parametrize("kind", list(Kind))
    def test_threads_and_more_paths_change_nothing(self, kind: Kind) -> None:
        size = Size(30, 0.02, 700)
        one = drawn(usual(kind), size, spot=SPOT, seed=1)
        for threads in (2, 3):
            again = drawn(usual(kind), size, spot=SPOT, seed=1, threads=threads)
            assert again.price.tobytes() == one.price.tobytes()
        more = drawn(usual(kind), size._replace(paths=900), spot=SPOT, seed=1)
        assert np.array_equal(more.price[:, :700], one.price)
        other = drawn(usual(kind), size, spot=SPOT, seed=2)
        assert not np.allclose(other.price[-1], one.price[-1])

    @pytest.mark.parametrize("lean", [-0.9, 0.0, 0.9])
    def test_compiled_steps_are_those_of_numpy(self, lean: float) -> None:
        compiled = pytest.importorskip("terminal.pricing.compiled.variance_paths")
        draw = np.random.default_rng(1)
        normal, even = draw.standard_normal((300, 50)), draw.random((300, 50))
        for noise in (0.2, 2.0, 9.0):
            law = Dynamics(kind=Kind.HESTON, vol=0.6, pull=14.0, noise=noise, lean=lean)
            terms = world_paths.variance_terms(law, 1e-3)._replace(tilt=0.3 * lean)
            for ours, theirs in zip(
                compiled.stepped(terms, normal, even),
                world_paths.stepped(terms, normal, even),
                strict=True,
            ):
                assert np.allclose(ours, theirs, rtol=1e-9, atol=1e-13)

    def test_without_the_compiler_the_prices_are_the_same(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        size = Size(50, 0.02, 40)
        compiled = drawn(usual(Kind.BATES), size, spot=SPOT, seed=1)

        def missing(name: str) -> None:
            raise ImportError(name)

        monkeypatch.setattr(world_paths, "import_module", missing)
        plain = drawn(usual(Kind.BATES), size, spot=SPOT, seed=1)
        assert np.allclose(plain.price, compiled.price, rtol=1e-10)

    @pytest.mark.parametrize("kind", list(Kind))
    def test_windows_open_at_their_fair_volatility(self, kind: Kind) -> None:
        setup = Setup(days=2, tenor_days=4)
        found = windows_in(usual(kind), setup, 300, spot=SPOT, seed=1)
        assert found.price.shape == (289, 300)
        assert (found.price[0] == SPOT).all()
        assert (found.price > 0.0).all()
        assert found.vol.mean() == pytest.approx(0.6, abs=0.04)
        assert len(set(found.vol.tolist())) == (2 if kind is Kind.REGIME else 1)


class TestBadInput:
    @pytest.mark.parametrize(
        ("law", "word"),
        [
            (Dynamics(kind=Kind.GBM, vol=0.0), "vol"),
            (Dynamics(kind=Kind.GBM, vol=math.nan), "vol"),
            (Dynamics(kind=Kind.HESTON, vol=0.5, pull=3.0), "noise"),
            (replace(usual(Kind.HESTON), lean=1.0), "lean"),
            (replace(usual(Kind.BATES), jumps=-1.0), "jumps"),
            (replace(usual(Kind.REGIME), wild=0.0), "wild"),
            (replace(usual(Kind.BATES), jumps=1e6), "jumps is too fast"),
        ],
    )
    def test_an_impossible_law_is_refused_by_its_number(self, law: Dynamics, word: str) -> None:
        with pytest.raises(ConfigError, match=word):
            checked(law, 0.001)

    @pytest.mark.parametrize("size", [Size(0, 1.0, 1), Size(1, 0.0, 1), Size(1, 1.0, 0)])
    def test_nothing_to_draw_is_refused(self, size: Size) -> None:
        with pytest.raises(ConfigError, match="above 0"):
            drawn(usual(Kind.GBM), size, spot=SPOT, seed=1)
        with pytest.raises(ConfigError, match="seed 0 or more"):
            drawn(usual(Kind.GBM), Size(1, 1.0, 1), spot=SPOT, seed=-1)
