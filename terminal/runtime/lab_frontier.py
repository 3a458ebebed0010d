"""The lab's frontier: cost of every policy at many risks, with the band of chance around it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from terminal.core.commandline import Parser
from terminal.core.errors import ConfigError
from terminal.core.units import BPS
from terminal.journal.tape_cli import Meter
from terminal.lab.compare import Cell, Comparison, Draws, compare
from terminal.lab.ground import history
from terminal.lab.rule import lots_of
from terminal.lab.rules import AVERSIONS, REFERENCE
from terminal.lab.windows import Setup
from terminal.runtime.console import complain, show
from terminal.runtime.csv_tables import csv_text
from terminal.runtime.frontier_svg import frontier_svg
from terminal.runtime.lab_search import DEFAULT_DATA, chosen
from terminal.runtime.whole_file import write_whole

LEVELS: Final = tuple((f"{each:g}", each) for each in AVERSIONS[2:-3:3])
"""Risks that are equalled: the reference's, at these risk aversions."""

_WIDTH: Final = 27
_COLUMNS: Final = (
    *("policy", "risk_aversion_of_reference", "risk_usd", "reached", "setting", "unit", "cost_usd"),
    *("cost_low", "cost_high", "ratio", "ratio_low", "ratio_high", "orders_per_day"),
)


def frontier(argv: Sequence[str]) -> int:
    """Compare all policies at many equal risks, on every window of recorded bars.

    Risk is the standard deviation of net P&L, cost that of the hedges of a window; bands hold 95 %
    of the resamples. ``--out`` writes frontier.csv, .json and .svg into DIR.
    """
    given = _parser().parse_args(argv)
    if not 100 <= given.draws <= 2_000 or given.seed < 0 or not 0.1 <= given.cost_bp <= 100.0:
        raise ConfigError("--draws must be 100 to 2000, --seed 0 or more, --cost-bp 0.1 to 100")
    each = chosen(given.data, given.coin)
    setup = Setup(cost=given.cost_bp * BPS)
    windows = history(each.bars, setup)
    draws = Draws(given.draws, 2 * setup.days, given.seed)  # neighbours share six days
    meter = Meter(sys.stderr, lines=given.progress)
    lots, coin = lots_of(each.contract), each.contract.base
    try:
        found = compare(coin, windows, setup, lots, draws, tell=meter.tell, targets=LEVELS)
    except KeyboardInterrupt:
        complain("stopped: nothing was compared")
        return 1
    finally:
        meter.close()
    if given.out:
        write_whole(given.out / "frontier.csv", frontier_csv(found), "frontier")
        picture = frontier_svg(f"{coin}: cost over {REFERENCE} at equal risk", _net(found))
        write_whole(given.out / "frontier.svg", picture, "frontier")
        text = msgspec.json.format(msgspec.json.encode(found), indent=2).decode()
        write_whole(given.out / "frontier.json", text + "\n", "frontier")
    show(found, frontier_table(found), as_json=given.json)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="python -m terminal lab frontier", description=frontier.__doc__)
    parser.add_argument(
        "data",
        nargs="*",
        type=Path,
        default=[DEFAULT_DATA],
        help=f"files or folders of 5-minute perpetual bars (default {DEFAULT_DATA})",
    )
    parser.add_argument("--coin", default="", help="which, where the bars are of several")
    parser.add_argument("--cost-bp", type=float, default=5.0, help="one-way cost, basis points")
    parser.add_argument("--draws", type=int, default=1_000, help="resamples")
    parser.add_argument("--seed", type=int, default=1, help="of resamples")
    parser.add_argument("--out", type=Path, metavar="DIR", help="folder for CSV, JSON, SVG")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--progress", action="store_true", help="percentages, a line each")
    return parser


def _net(found: Comparison) -> list[Cell]:
    return [cell for cell in found.cells if cell.measure == "net"]


def frontier_csv(found: Comparison) -> str:
    """Every policy at every risk, a line each; costs in USD a window."""
    rows: list[tuple[str, ...]] = [_COLUMNS]
    for cell in _net(found):
        bands = (*cell.cost_band, cell.ratio, *cell.ratio_band)
        about = (cell.policy, cell.target, f"{cell.risk:.2f}", f"{cell.reached:d}")
        setting = (f"{cell.setting:.6g}", cell.unit, f"{cell.cost:.4f}")
        rest = (*(f"{each:.4f}" for each in bands), f"{cell.orders_per_day:.3f}")
        rows.append((*about, *setting, *rest))
    return csv_text(rows)


def frontier_table(found: Comparison) -> str:
    """Cost of each policy over the reference's, with its band, from the tightest risk on."""
    cells = _net(found)
    by = {(cell.policy, cell.target): cell for cell in cells}
    at = [name for name, _ in LEVELS]
    policies = list(dict.fromkeys(cell.policy for cell in cells))
    risks = "".join(f"{by[REFERENCE, each].risk:>18,.0f}" for each in at)
    costs = "".join(f"{by[REFERENCE, each].cost:>18,.0f}" for each in at)
    lines = [
        f"{found.name}: {found.windows:,} windows ({found.left_out} days left out for gaps);",
        "cost over that of Whalley-Wilmott to the edge at equal risk, [95 % of the resamples];",
        "* no setting tried carries that risk.",
        "",
        f"{'risk, USD':<{_WIDTH}}{risks}",
        f"{'cost of the reference, USD':<{_WIDTH}}{costs}",
    ]
    for policy in policies:
        row = "".join(f"{_ratio(by[policy, each]):>18}" for each in at)
        lines.append(f"{policy:<{_WIDTH}}{row}")
    return "\n".join(lines)


def _ratio(cell: Cell) -> str:
    low, high = cell.ratio_band
    return f"{cell.ratio:.2f}{'' if cell.reached else '*'} [{low:.2f} {high:.2f}]"
