"""Pricing engines: one contract, loaded by name, or an error that names the remedy."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from terminal.core.errors import ConfigError
from terminal.pricing.engines import FIELDS, NAMES, NUMPY, Engine, load
from tests.unit.pricing.book_cases import SPOT, book, outputs

ROOT = Path(__file__).resolve().parents[3]
NEEDS = {"numpy": "numpy", "compiled": "numba", "vollib": "vollib"}


@pytest.fixture(params=NAMES)
def engine(request: pytest.FixtureRequest) -> Engine:
    name = str(request.param)
    pytest.importorskip(NEEDS[name], reason=f"the engine {name} is not installed")
    return load(name)


@pytest.fixture
def fresh_load() -> Iterator[None]:
    """Forget engines that are loaded, before and after."""
    load.cache_clear()
    yield
    load.cache_clear()


def test_an_engine_is_loaded_once(engine: Engine) -> None:
    assert load(engine.name) is engine


def test_greeks_agree(engine: Engine) -> None:
    strikes = np.linspace(70.0, 140.0, 15)
    found = np.array(engine.greeks(100.0, strikes, 0.3, 0.6, -1.0))
    expected = np.array(NUMPY.greeks(100.0, strikes, 0.3, 0.6, -1.0))
    assert found == pytest.approx(expected, rel=1e-9)


def test_implied_volatilities_agree(engine: Engine) -> None:
    quotes = np.array([3.0, 5.0, 25.0, 1.0, 200.0])
    strikes = np.array([120.0, 100.0, 90.0, 90.0, 100.0])
    vol, status = engine.implied_vol(quotes, 100.0, strikes, 0.3, 1.0)
    expected, reasons = NUMPY.implied_vol(quotes, 100.0, strikes, 0.3, 1.0)
    assert status.tolist() == reasons.tolist()
    assert vol == pytest.approx(expected, rel=1e-10, nan_ok=True)


def test_books_agree(engine: Engine) -> None:
    columns = book(12)
    columns[7, 3] = np.nan
    out, total = outputs(columns)
    engine.price_book(SPOT, columns, out, total)
    expected, sums = outputs(columns)
    NUMPY.price_book(SPOT, columns, expected, sums)
    assert out == pytest.approx(expected, rel=1e-9, abs=1e-7)
    assert total == pytest.approx(sums, rel=1e-9, abs=1e-6)


def test_totals_of_a_folded_book_agree(engine: Engine) -> None:
    columns = book(30)
    columns[7, 3] = np.nan
    found = engine.total_at(1.01 * SPOT, engine.fold(SPOT, columns))
    expected, sums = outputs(columns)
    NUMPY.price_book(1.01 * SPOT, columns, expected, sums)
    assert found == pytest.approx(sums[:FIELDS].tolist(), rel=1e-9, abs=1e-6)


def test_an_unknown_name_is_answered_with_those_there_are() -> None:
    with pytest.raises(ConfigError, match="numpy, compiled, vollib"):
        load("fortran")


@pytest.mark.usefixtures("fresh_load")
@pytest.mark.parametrize(
    ("name", "module", "remedy"),
    [
        ("compiled", "terminal.pricing.compiled.black_kernel", r"gammadesk\[fast\]"),
        ("vollib", "terminal.pricing.vollib_engine", "install it"),
    ],
)
def test_what_is_not_installed_is_named_with_its_remedy(
    name: str, module: str, remedy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ConfigError, match=remedy):
        load(name)


def test_nothing_but_numpy_is_imported_before_an_engine_is_asked_for() -> None:
    code = (
        "import sys; from terminal.pricing.engines import load; load('numpy');"
        "print([n for n in ('numba', 'llvmlite', 'scipy', 'pandas', 'vollib') if n in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_no_call_of_the_compiled_engine_compiles_or_warns() -> None:
    pytest.importorskip("numba", reason="the compiled kernels need the extra 'fast'")
    code = (
        "from terminal.pricing.engines import load; engine = load('compiled');"
        "import numpy as np; from numba.core import event;"
        "recorder = event.RecordingListener();"
        "event.register('numba:compile', recorder);"
        "nan = np.array([np.nan, 0.0, -1.0, np.inf, 1.0]);"
        "engine.greeks(nan, 1, nan[::-1], 0.5, nan); engine.implied_vol(nan, nan, 1, nan, 1);"
        "engine.price_book(1, np.full((9, 5), nan), np.empty((11, 5)), np.empty(11));"
        "engine.total_at(1.0, engine.fold(1.0, np.full((9, 5), nan)));"
        "print(len(recorder.buffer))"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "0"
    assert done.stderr == ""
