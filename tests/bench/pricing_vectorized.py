"""py_vollib_vectorized as an opponent: its pins do not fit ours, so it lives in its own process.

The environment is made once, in the cache folder of the user, and found again by the next run.
Jobs are timed inside the other process: what crosses the border is a number of seconds.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from tests.bench.pricing_cases import Floats, Options
from tests.bench.pricing_timing import Timer
from tests.bench.rival_python import Unavailable, python_with

PINS = (
    "py_vollib_vectorized==0.1.1",
    "py_vollib==1.0.1",
    "py_lets_be_rational==1.0.1",
    "numba==0.60.0",
    "llvmlite==0.43.0",
    "numpy==1.26.4",
    "scipy==1.13.1",
    "pandas==2.2.3",
    "simplejson==3.19.3",
    "python-dateutil==2.9.0.post0",
    "pytz==2024.2",
    "six==1.17.0",
    "tzdata==2024.2",
)
CHILD = Path(__file__).with_name("pricing_vectorized_child.py")
ANSWER_SECONDS = 5


class Vectorized:
    """The process of the old environment, asked over its standard input and output."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self._process = process
        self._folder = folder
        self._cases = 0

    def case(self, options: Options, price: Floats | None = None) -> str:
        """Hand over the terms of options; the answer names them in later requests."""
        self._cases += 1
        path = self._folder / f"case-{self._cases}.npz"
        known = np.full(options.strike.shape, np.nan) if price is None else price
        np.savez(path, allow_pickle=False, **options._asdict(), price=known)
        return str(path)

    def timer(self, case: str, job: str) -> Timer:
        """Timer of ``greeks`` or ``implied`` on a case."""

        def run(calls: int) -> float:
            return float(self._ask({"case": case, "job": job, "calls": calls})["seconds"])

        return run

    def result(self, case: str, job: str) -> Floats:
        """What a job answers: the implied volatilities, or price and Greeks row by row."""
        path = self._folder / "result.npy"
        self._ask({"case": case, "job": job, "save": str(path)})
        found: Floats = np.load(path, allow_pickle=False)
        return found

    def _ask(self, request: dict[str, object]) -> dict[str, Any]:
        into, out = self._process.stdin, self._process.stdout
        if into is None or out is None:
            raise Unavailable("its process has no pipes")
        try:
            into.write(json.dumps(request) + "\n")
            into.flush()
            line = out.readline()
        except OSError as error:
            raise Unavailable(f"its process ended: {error}") from error
        if not line:
            raise Unavailable(f"its process ended with {self._process.wait()}")
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextlib.contextmanager
def vectorized() -> Iterator[Vectorized]:
    """Environment and process for the length of a block.

    Raises
    ------
    Unavailable
        It cannot be made here: no `venv`, no network, no wheels for this Python.
    """
    python = python_with(PINS)
    with tempfile.TemporaryDirectory(prefix="pricing-bench-") as folder:
        process = subprocess.Popen(
            [str(python), "-I", str(CHILD)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            yield Vectorized(process, Path(folder))
        finally:
            with contextlib.suppress(OSError):
                process.communicate(timeout=ANSWER_SECONDS)  # end of input ends it
            process.kill()
            process.wait()
