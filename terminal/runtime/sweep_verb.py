"""The sweep verb: what every hedging policy costs at equal risk, on real or simulated windows."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec.structs import replace

from terminal.core.commandline import Parser
from terminal.core.errors import ConfigError, DataError
from terminal.core.units import BPS
from terminal.journal.tape_cli import Meter
from terminal.lab.compare import Comparison, Draws, Progress, compare
from terminal.lab.goals import goals_of
from terminal.lab.rule import Lots, lots_of
from terminal.lab.windows import LONG_DAYS, Setup, cut, simulated
from terminal.runtime.bar_files import read_perpetuals
from terminal.runtime.console import complain, show
from terminal.runtime.sweep_report import report, table

DEFAULT_DATA = Path("../shared/data/ohlcv_5m")
LEAST_WINDOWS = 14
"""Fewer windows have no standard deviation worth comparing."""

_READING = 0.05  # part of the time that the files take

SIM_SPOT, SIM_VOL = 60_000.0, 0.6
SIM_SETUP = Setup(days=14, tenor_days=14, cost=5.8e-4)
SIM_LOTS = Lots(0.001, 0.001, 5.0)


def sweep(argv: Sequence[str]) -> int:
    """Compare the cost of all hedging policies at equal risk.

    Real bars: a long straddle in every seven-day window, one a day and coin. Simulated: the
    reference book, ten 14-day straddles at 60,000 USD and 60 % volatility.
    """
    given = _parser().parse_args(argv)
    setup = _setup(given)
    meter = Meter(sys.stderr, lines=given.progress)
    try:
        compared = (_simulated if given.simulated else _real)(given, setup, meter.tell)
    except KeyboardInterrupt:
        complain("stopped: nothing was compared")
        return 1
    finally:
        meter.close()
    goals = goals_of(compared, setup, simulated=given.simulated)
    show(report(compared, setup, goals), table(compared, setup, goals), as_json=given.json)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="python -m terminal sweep", description=sweep.__doc__)
    parser.add_argument(
        "data",
        nargs="*",
        type=Path,
        default=[DEFAULT_DATA],
        help=f"files or folders of 5-minute perpetual bars (default {DEFAULT_DATA})",
    )
    parser.add_argument("--simulated", action="store_true", help="random walks instead of bars")
    parser.add_argument("--cost-bp", type=_number(0.1, 100.0), help="one-way cost, basis points")
    parser.add_argument(
        "--fixed-cost", type=_number(0.0, 1e4), default=0.0, help="USD an order, beside that"
    )
    parser.add_argument(
        "--tenor", type=_whole(7, 365), help="days the straddle lives, the window's at least"
    )
    parser.add_argument("--paths", type=_whole(100, 10_000), default=4_000, help="simulated")
    parser.add_argument("--draws", type=_whole(100, 2_000), default=1_000, help="resamples")
    parser.add_argument("--seed", type=_whole(0, 2**31), default=1, help="of paths and resamples")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--progress", action="store_true", help="percentages, a line each")
    return parser


def _number(low: float, high: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = low - 1.0
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{text!r} is not {low:g} to {high:g}")
        return value

    return read


def _whole(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not (text.isdecimal() and low <= int(text) <= high):
            raise argparse.ArgumentTypeError(f"{text!r} is no whole number from {low} to {high}")
        return int(text)

    return read


def _setup(given: argparse.Namespace) -> Setup:
    setup = SIM_SETUP if given.simulated else Setup()
    if given.tenor is not None and given.tenor < setup.days:
        raise ConfigError(f"--tenor {given.tenor}: a straddle lives {setup.days} days at least")
    return replace(
        setup,
        cost=setup.cost if given.cost_bp is None else given.cost_bp * BPS,
        order_cost=given.fixed_cost,
        tenor_days=given.tenor or setup.tenor_days,
    )


def _simulated(given: argparse.Namespace, setup: Setup, tell: Progress) -> list[Comparison]:
    windows = simulated(setup, given.seed, given.paths, spot=SIM_SPOT, vol=SIM_VOL)
    draws = Draws(given.draws, 1, given.seed)  # paths are independent
    return [compare("simulated", windows, setup, SIM_LOTS, draws, tell=tell)]


def _real(given: argparse.Namespace, setup: Setup, tell: Progress) -> list[Comparison]:
    found = read_perpetuals(given.data, lambda part, name: tell(_READING * part, name))
    compared = []
    for number, each in enumerate(found):
        coin = each.contract.base
        windows = cut(each.bars, setup)
        if windows.start.size < LEAST_WINDOWS:
            raise DataError(
                f"{', '.join(each.names)}: {windows.start.size} windows of {coin} have their "
                f"{setup.days} days and the {LONG_DAYS} before ({windows.left_out} have gaps), "
                f"{LEAST_WINDOWS} are needed: give more bars"
            )

        def part_of(part: float, what: str, done: int = number) -> None:
            tell(_READING + (1.0 - _READING) * (done + part) / len(found), what)

        draws = Draws(given.draws, 2 * setup.days, given.seed)  # neighbours share six days
        lots = lots_of(each.contract)
        compared.append(compare(coin, windows, setup, lots, draws, tell=part_of))
    return compared
