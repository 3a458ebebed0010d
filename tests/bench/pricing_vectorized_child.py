"""The other end of `pricing_vectorized`: a program of the old environment, run by its python.

It imports nothing of ours. A line of JSON on standard input asks for a job and how often to run
it; a line on standard output answers with the seconds of one run. The last answer of a job can be
asked for too, so that its error is measured on what was timed.
"""

from __future__ import annotations

import gc
import importlib
import json
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

Job = Callable[[], Any]


def jobs_of(case: str, library: Any) -> dict[str, Job]:
    """Jobs on one recorded case: terms of options, their rate of interest and their prices."""
    with np.load(case, allow_pickle=False) as file:
        terms = {name: file[name] for name in file.files}
    flags = np.where(terms["sign"] > 0.0, "c", "p")
    forward, strike, years, vol = (terms[name] for name in ("forward", "strike", "years", "vol"))

    def greeks() -> list[Any]:
        price = library.vectorized_black(flags, forward, strike, years, 0.0, vol, return_as="numpy")
        found = library.get_all_greeks(
            flags, forward, strike, years, 0.0, vol, model="black", return_as="dict"
        )
        return [price, *(found[name] for name in ("delta", "gamma", "vega", "theta", "rho"))]

    def implied() -> Any:
        return library.vectorized_implied_volatility_black(
            terms["price"], forward, strike, 0.0, years, flags, return_as="numpy"
        )

    return {"greeks": greeks, "implied": implied}


def seconds_of(job: Job, calls: int) -> float:
    """Seconds of one run, the collector kept out of it."""
    gc.collect()
    gc.disable()
    try:
        begin = time.perf_counter()
        for _ in range(calls):
            job()
        return (time.perf_counter() - begin) / calls
    finally:
        gc.enable()


def main() -> None:
    """Answer requests until standard input ends."""
    warnings.simplefilter("ignore")
    library = importlib.import_module("py_vollib_vectorized")
    known: dict[str, dict[str, Job]] = {}
    for line in sys.stdin:
        request = json.loads(line)
        case = request["case"]
        if case not in known:
            known[case] = jobs_of(case, library)
        job = known[case][request["job"]]
        answer: dict[str, Any] = {}
        if "save" in request:
            np.save(request["save"], np.asarray(job(), dtype=np.float64))
        else:
            answer["seconds"] = seconds_of(job, request["calls"])
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
