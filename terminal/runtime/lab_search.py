"""The lab's search and walk-forward: tune a band, and see what that is worth out of sample."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from terminal.core.commandline import Parser
from terminal.core.errors import ConfigError
from terminal.core.units import BPS, DAY, iso_utc
from terminal.journal.tape_cli import Meter
from terminal.lab.calibrate import Calibration
from terminal.lab.compare import Draws
from terminal.lab.ground import Terms
from terminal.lab.network import FAMILY
from terminal.lab.rule import lots_of
from terminal.lab.search import Plan, checked
from terminal.lab.shape import BANDS, IN_PROFILE, NAMES, NUMBERS, numbers_of
from terminal.lab.walk_forward import Course, Shop, WalkForward, trained, walked_forward
from terminal.lab.windows import Setup
from terminal.market.bars import between
from terminal.runtime.bar_files import Recorded, read_perpetuals
from terminal.runtime.console import complain, show
from terminal.runtime.lab_files import TunedFile, digest_of, keeper, kept, write_tuned

DEFAULT_DATA = Path("../shared/data/ohlcv_5m")
AVERSIONS = (1e-7, 1e-2)
FAMILIES = {"band": BANDS, "network": FAMILY}


def search(argv: Sequence[str]) -> int:
    """Tune the band of a policy on simulated worlds calibrated to bars, and on those bars.

    The search begins at Whalley-Wilmott to the edge and is drawn back to it; what it finds stays in
    the lab until ``lab gate`` has judged it.
    """
    parser = _parser("search", search.__doc__)
    parser.add_argument("--out", type=Path, help="file for what is found, which lab gate judges")
    parser.add_argument(
        "--train-days", type=int, default=0, help="days of bars to see, the first (default all)"
    )
    given = parser.parse_args(argv)
    return _with_shop(given, lambda each, shop: _searched(given, each, shop))


def walk_forward(argv: Sequence[str]) -> int:
    """Tune on a window of bars, test on the next, and so on: results out of sample."""
    parser = _parser("walk-forward", walk_forward.__doc__)
    parser.add_argument("--train-days", type=int, default=120, help="days of each training")
    parser.add_argument("--test-days", type=int, default=30, help="days of each test")
    parser.add_argument("--growing", action="store_true", help="train from the first bar on")
    parser.add_argument("--draws", type=int, default=1_000, help="resamples")
    given = parser.parse_args(argv)
    if not 100 <= given.draws <= 10_000:
        raise ConfigError(f"--draws {given.draws}: give 100 to 10000")
    return _with_shop(given, lambda each, shop: _walked(given, each, shop))


def _parser(word: str, about: str | None) -> argparse.ArgumentParser:
    parser = Parser(prog=f"python -m terminal lab {word}", description=about)
    parser.add_argument(
        "data",
        nargs="*",
        type=Path,
        default=[DEFAULT_DATA],
        help=f"files or folders of 5-minute perpetual bars (default {DEFAULT_DATA})",
    )
    parser.add_argument("--coin", default="", help="which, where the bars are of several")
    parser.add_argument(
        "--policy", choices=tuple(FAMILIES), default="band", help="a band, or a small network"
    )
    parser.add_argument(
        "--over",
        default=", ".join(IN_PROFILE),
        help=f"of a band: numbers to search, of {', '.join(NAMES)}",
    )
    parser.add_argument("--aversion", type=float, default=2e-5, help="risk to match, 1/USD")
    parser.add_argument("--cost-bp", type=float, default=5.0, help="one-way cost, basis points")
    parser.add_argument("--paths", type=int, default=256, help="windows of each world")
    parser.add_argument("--samples", type=int, default=32, help="shapes a round")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--ridge", type=float, default=Plan(numbers=()).ridge)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="threads")
    parser.add_argument("--keep", type=Path, help="file of what is done, to go on from")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--progress", action="store_true", help="percentages, a line each")
    return parser


def _with_shop(given: argparse.Namespace, work: Callable[[Recorded, Shop], int]) -> int:
    """Read the bars, then work with threads, a meter, and what was kept before."""
    _check(given)
    each = chosen(given.data, given.coin)
    digest = digest_of(each.bars, {k: str(v) for k, v in vars(given).items() if k in _TERMS})
    done = kept(given.keep, digest) if given.keep else {}
    meter = Meter(sys.stderr, lines=given.progress)
    pool = ThreadPoolExecutor(given.workers, "lab")
    try:
        return work(each, Shop(pool, done, keeper(given.keep, digest), _telling(meter)))
    except KeyboardInterrupt:
        note = f"; go on with --keep {given.keep}" if given.keep else "; --keep would have kept it"
        complain(f"stopped before its end{note}")
        return 1
    finally:
        pool.shutdown(cancel_futures=True)
        meter.close()


_TERMS = (
    *("policy", "over", "aversion", "cost_bp", "paths", "samples", "rounds", "ridge", "seed"),
    *("train_days", "test_days", "growing"),
)


def _check(given: argparse.Namespace) -> None:
    low, high = AVERSIONS
    if not low <= given.aversion <= high:
        raise ConfigError(f"--aversion {given.aversion:g}: give {low:g} to {high:g} 1/USD")
    if not 0.1 <= given.cost_bp <= 100.0:
        raise ConfigError(f"--cost-bp {given.cost_bp:g}: give 0.1 to 100")
    if not 40 <= given.paths <= 4_096:
        raise ConfigError(f"--paths {given.paths}: give 40 to 4096")
    if given.workers < 1 or given.seed < 0 or given.train_days < 0:
        raise ConfigError("--workers must be 1 or more, --seed and --train-days 0 or more")
    checked(plan_of(given), FAMILIES[given.policy])


def plan_of(given: argparse.Namespace) -> Plan:
    """Plan of a command line."""
    family = FAMILIES[given.policy]
    numbers = tuple(range(len(family.names)))
    if family is BANDS:
        numbers = numbers_of(given.over.replace(",", " ").split())
    return Plan(numbers=numbers, samples=given.samples, rounds=given.rounds, ridge=given.ridge)


def chosen(data: Sequence[Path], coin: str) -> Recorded:
    """Bars of one coin.

    Raises
    ------
    ConfigError
        There are several and none is named, or the one that is named is not there.
    DataError
        The files cannot be used.
    """
    found = {each.contract.base: each for each in read_perpetuals(data, lambda *_: None)}
    if coin not in found and (coin or len(found) != 1):
        raise ConfigError(f"bars of {', '.join(found)}: name one of them with --coin")
    return found[coin] if coin else next(iter(found.values()))


def _telling(meter: Meter) -> Callable[[float, str], None]:
    begun: list[tuple[float, float]] = []  # time and part of the first word: some was kept before

    def tell(part: float, what: str) -> None:
        now = time.monotonic()
        if not begun:
            begun.append((now, part))
        since, first = begun[0]
        left = (now - since) * (1.0 - part) / (part - first) if part > first else None
        meter.tell(part, what if left is None else f"{what}, {left:,.0f} s left")

    return tell


def _terms(given: argparse.Namespace, each: Recorded) -> Terms:
    setup = Setup(cost=given.cost_bp * BPS)
    return Terms(
        setup,
        lots_of(each.contract),
        given.aversion,
        given.paths,
        given.seed,
        FAMILIES[given.policy],
    )


def _searched(given: argparse.Namespace, each: Recorded, shop: Shop) -> int:
    bars, terms = each.bars, _terms(given, each)
    if given.train_days:
        begin = int(bars.start[0])
        bars = between(bars, begin, begin + given.train_days * DAY)
    frozen, worlds = trained(bars, plan_of(given), terms, 0, shop)
    tuned = TunedFile(
        coin=each.contract.base,
        symbol=each.contract.symbol,
        policy=given.policy,
        numbers=terms.family.names,
        setup=terms.setup,
        aversion=terms.aversion,
        paths=terms.paths,
        seed=terms.seed,
        frozen=frozen,
        worlds=worlds,
    )
    if given.out:
        write_tuned(given.out, tuned)
    show(tuned, search_table(tuned, worlds), as_json=given.json)
    return 0


def search_table(tuned: TunedFile, worlds: Calibration) -> str:
    """What was found, and what it was calibrated to."""
    frozen, found = tuned.frozen, tuned.frozen.found
    head = (
        f"{tuned.symbol}: {worlds.days} days to {iso_utc(frozen.trained_until)[:10]}"
        f" ({worlds.left_out} left out for gaps), volatility {worlds.vol:.0%}"
    )
    lines = [
        head,
        *(f"  {each}" for each in worlds.assumed),
        "",
        *_numbers_of(tuned),
        f"  risk_aversion = {found.risk_aversion:.4g} 1/USD",
        "",
        "  Cost over Whalley-Wilmott to the edge at equal risk, in sample:",
        *(f"  {name:<12}{ratio:>9.3f}" for name, ratio in found.ratios),
    ]
    if found.score >= found.prior_score:
        lines += ["", "  Nothing beats where the search began."]
    return "\n".join([*lines, "", "In sample only: lab gate tells whether it may leave the lab."])


def _numbers_of(tuned: TunedFile) -> list[str]:
    point = tuned.frozen.found.point
    if tuned.policy != "band":
        largest = max(abs(value) for value in point)
        return [f"  network of {len(point)} weights, the largest {largest:.3f}"]
    return [
        f"  {'number':<12}{'prior':>9}{'found':>9}   {'field of the profile':<22}",
        *(
            f"  {each.name:<12}{each.prior:>9.3f}{value:>9.3f}   "
            + (f"{each.field} = {each.scale * value:.4g}" if each.field else "the lab's alone")
            for each, value in zip(NUMBERS, point, strict=True)
        ),
    ]


def _walked(given: argparse.Namespace, each: Recorded, shop: Shop) -> int:
    terms = _terms(given, each)
    course = Course(
        train_days=given.train_days,
        test_days=given.test_days,
        growing=given.growing,
        plan=plan_of(given),
        terms=terms,
        draws=Draws(given.draws, 2 * terms.setup.days, given.seed),
    )
    found = walked_forward(each.bars, course, shop)
    show(found, walk_table(each.contract.symbol, found), as_json=given.json)
    return 0


def walk_table(symbol: str, found: WalkForward) -> str:
    """Each fold's result out of sample, and that of all test windows."""
    lines = [
        f"{symbol}: cost over Whalley-Wilmott to the edge at equal risk, out of sample;",
        "brackets hold 95 % of the resamples; * the reference was never tried at that risk.",
        "",
        f"  {'trained until':<15}{'tested until':<14}{'windows':>8}{'in sample':>11}{'tested':>9}",
    ]
    for fold in found.folds:
        seen = dict(fold.frozen.found.ratios)["history"]
        lines.append(
            f"  {iso_utc(fold.frozen.trained_until)[:10]:<15}{iso_utc(fold.tested_until)[:10]:<14}"
            f"{fold.windows:>8}{seen:>11.3f}{fold.edge.ratio:>9.3f}"
            f"{'' if fold.edge.reached else '*'} [{fold.edge.low:.3f} {fold.edge.high:.3f}]"
        )
    whole = found.whole
    count = sum(fold.windows for fold in found.folds)
    lines.append(
        f"  {'all':<29}{count:>8}{'':>11}{whole.ratio:>9.3f}"
        f"{'' if whole.reached else '*'} [{whole.low:.3f} {whole.high:.3f}]"
    )
    return "\n".join(lines)
