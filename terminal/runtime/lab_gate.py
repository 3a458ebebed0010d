"""The lab's gate: what a tuned policy proves, check by check, before it may leave."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from terminal.core.commandline import Parser
from terminal.core.errors import ConfigError
from terminal.core.units import BPS, DAY, iso_utc
from terminal.journal.tape_cli import Meter
from terminal.lab.calibrate import Calibration, calibrated
from terminal.lab.compare import Draws
from terminal.lab.gate import Check, gate
from terminal.lab.ground import Terms
from terminal.lab.guarded import guarded, plugged
from terminal.lab.rule import Rule, lots_of
from terminal.lab.shape import NUMBERS
from terminal.lab.stress import NAMES, stressed
from terminal.lab.walk_forward import rule_of, tested
from terminal.lab.windows import LONG_DAYS, Setup
from terminal.runtime.bar_files import Recorded
from terminal.runtime.console import complain, show
from terminal.runtime.lab_files import read_tuned
from terminal.runtime.lab_search import DEFAULT_DATA, FAMILIES, chosen
from terminal.runtime.shadow_file import days_in_shadow, file_of, read_kept


class Verdict(Struct, frozen=True):
    """Every check of a policy, and whether it may leave the lab."""

    policy: str
    promoted: bool
    checks: tuple[Check, ...]
    fields: dict[str, float]  # of the profile; empty where it stays, or no profile can hold it


class Candidate(NamedTuple):
    """A policy as the gate is given it."""

    name: str
    rule: Rule
    setup: Setup
    paths: int
    seed: int
    trained_until: int
    worlds: Calibration | None  # None: those of the bars given
    fields: dict[str, float]


def judge(argv: Sequence[str]) -> int:
    """Judge a policy by bars it never saw, six stress worlds and its days in shadow.

    POLICY is a file that ``lab search --out`` wrote, or MODULE:FUNCTION, a policy of one's own. The
    exit code is 0 only where every check is passed; what fails stays in the lab.
    """
    given = _parser().parse_args(argv)
    _check(given)
    candidate = candidate_of(given.policy, given.coin, given.paths)
    each = chosen(given.data, given.coin or _coin_of(given.policy))
    meter = Meter(sys.stderr, lines=given.progress)
    try:
        checks = _judged(candidate, each, given, meter)
    except KeyboardInterrupt:
        complain("stopped: nothing was judged")
        return 1
    finally:
        meter.close()
    passed = all(check.passed for check in checks)
    verdict = Verdict(candidate.name, passed, checks, candidate.fields if passed else {})
    show(verdict, gate_table(verdict, candidate), as_json=given.json)
    return 0 if passed else 1


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="python -m terminal lab gate", description=judge.__doc__)
    parser.add_argument("policy", help="file of lab search, or MODULE:FUNCTION")
    parser.add_argument(
        "data",
        nargs="*",
        type=Path,
        default=[DEFAULT_DATA],
        help=f"5-minute perpetual bars, those after the training too (default {DEFAULT_DATA})",
    )
    parser.add_argument("--coin", default="", help="of a policy that names none")
    parser.add_argument("--shadow-days", type=float, default=0.0, help="days on the live tape")
    parser.add_argument(
        "--shadow", type=Path, default=None, help="journal of a run: days of its shadow, if it has"
    )
    parser.add_argument("--paths", type=int, default=256, help="windows of each stress world")
    parser.add_argument("--draws", type=int, default=1_000, help="resamples")
    parser.add_argument("--cost-bp", type=float, default=5.0, help="of a policy that names none")
    parser.add_argument("--seed", type=int, default=1, help="of resamples")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--progress", action="store_true", help="percentages, a line each")
    return parser


def _check(given: argparse.Namespace) -> None:
    if not 0.0 <= given.shadow_days <= 3_650.0:
        raise ConfigError(f"--shadow-days {given.shadow_days:g}: give 0 to 3650")
    if given.shadow is not None and given.shadow_days:
        raise ConfigError("give --shadow or --shadow-days, not both")
    if not (100 <= given.draws <= 10_000 and 40 <= given.paths <= 4_096 and given.seed >= 0):
        raise ConfigError("--draws must be 100 to 10000, --paths 40 to 4096, --seed 0 or more")
    if not 0.1 <= given.cost_bp <= 100.0:
        raise ConfigError(f"--cost-bp {given.cost_bp:g}: give 0.1 to 100")


def _coin_of(policy: str) -> str:
    return "" if _plugin(policy) else read_tuned(Path(policy)).coin


def _plugin(policy: str) -> bool:
    return ":" in policy and not Path(policy).exists()


def candidate_of(policy: str, coin: str, paths: int) -> Candidate:
    """Policy of a file or of a function.

    Raises
    ------
    ConfigError
        The file is missing or is none of the lab's, or it is of another coin.
    DataError
        The function cannot be had.
    """
    if _plugin(policy):
        return Candidate(policy, plugged(policy), Setup(), paths, 1, 0, None, {})
    tuned = read_tuned(Path(policy))
    if coin and coin != tuned.coin:
        raise ConfigError(f"{policy} was tuned on {tuned.coin}, not on {coin}: name its bars")
    found = tuned.frozen.found
    return Candidate(
        name=f"{tuned.symbol} of {policy}",
        rule=guarded(rule_of(tuned.frozen, FAMILIES[tuned.policy])),
        setup=tuned.setup,
        paths=paths,
        seed=tuned.seed,
        trained_until=tuned.frozen.trained_until,
        worlds=tuned.worlds,
        fields=fields_of(found.point, found.risk_aversion) if tuned.policy == "band" else {},
    )


def fields_of(point: Sequence[float], aversion: float) -> dict[str, float]:
    """Fields of a profile that make a shape; none where a number is the lab's alone."""
    pairs = tuple(zip(NUMBERS, point, strict=True))
    if any(value != each.prior for each, value in pairs if not each.field):
        return {}
    found = {each.field: each.scale * value for each, value in pairs if each.field}
    return {"risk_aversion": aversion, **found}


def _judged(
    candidate: Candidate, each: Recorded, given: argparse.Namespace, meter: Meter
) -> tuple[Check, ...]:
    in_shadow = _shadow_days(candidate, each.contract.base, given)
    setup = candidate.setup
    if candidate.worlds is None:
        setup = replace(setup, cost=given.cost_bp * BPS)
    worlds = candidate.worlds or calibrated(each.bars)
    terms = Terms(setup, lots_of(each.contract), 0.0, candidate.paths, candidate.seed)
    after = candidate.trained_until or int(each.bars.start[0]) + LONG_DAYS * DAY
    end = int(each.bars.start[-1]) + each.bars.span
    test = tested(candidate.rule, each.bars, after, end, terms)
    stress = {}
    for number, name in enumerate(NAMES):
        meter.tell((number + 1) / (len(NAMES) + 2), f"stress: {name}")
        stress[name] = stressed(candidate.rule, worlds, terms, name)
    draws = Draws(given.draws, 2 * setup.days, given.seed)  # neighbours share days
    meter.tell(1.0, "resamples")
    return gate(
        test,
        stress,
        draws,
        trained_until=candidate.trained_until,
        shadow_days=in_shadow,
    )


def _shadow_days(candidate: Candidate, coin: str, given: argparse.Namespace) -> float:
    """Days on the live tape: those said, or those of the shadow that has the policy's numbers."""
    if given.shadow is None:
        return float(given.shadow_days)
    path = file_of(given.shadow)
    kept = read_kept(path)
    if kept is None:
        raise ConfigError(f"{path} does not exist: name the journal of a run with shadows")
    return days_in_shadow(kept, coin, candidate.fields)


def gate_table(verdict: Verdict, candidate: Candidate) -> str:
    """Each check with its numbers, and what follows."""
    until = candidate.trained_until
    trained = f"trained until {iso_utc(until)[:10]}" if until else "not trained"
    lines = [f"{verdict.policy}, {trained}:", ""]
    lines += [
        f"  {'passed' if check.passed else 'FAILED'}  {check.name:<16}{check.why}"
        for check in verdict.checks
    ]
    failed = [check.name for check in verdict.checks if not check.passed]
    if failed:
        return "\n".join([*lines, "", f"It stays in the lab: {', '.join(failed)}."])
    lines += ["", "It may leave the lab."]
    if not verdict.fields:
        return "\n".join([*lines, "No profile can hold it: it has numbers of the lab alone."])
    fields = ", ".join(f"{name} = {value:.4g}" for name, value in verdict.fields.items())
    return "\n".join([*lines, f"In a profile: kind = whalley_wilmott, {fields}."])
