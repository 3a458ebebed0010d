"""``python -m terminal shadows``: the leaderboard of a journal's shadows, without a window."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from terminal.core.commandline import Parser
from terminal.core.errors import ConfigError
from terminal.core.units import DAY, iso_utc
from terminal.lab.gate import SHADOW_DAYS
from terminal.model.shadow import ShadowRow
from terminal.oracle.shadow_rows import LIVE, Entrant, board
from terminal.runtime.console import show
from terminal.runtime.shadow_file import Kept, file_of, read_kept

HEAD = (
    f"{'rank':>4}  {'coin':<5} {'policy':<24} {'cost at risk':>14} {'cost $/d':>9}"
    f" {'risk $':>8} {'hedges':>6} {'days':>6}  notes"
)


def shadows(argv: Sequence[str]) -> int:
    """Show how the policies that hedge on paper beside a run do."""
    parser = Parser(prog="python -m terminal shadows", description=shadows.__doc__)
    parser.add_argument("--data", type=Path, required=True, help="directory of the journal")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    given = parser.parse_args(argv)
    path = file_of(given.data)
    kept = read_kept(path)
    if kept is None:
        raise ConfigError(f"{path} does not exist: add shadows in the window's page Shadows")
    rows = standing(kept)
    result = {"at": iso_utc(kept.at), "rows": msgspec.to_builtins(rows)}
    show(result, told(kept, rows), as_json=given.json)
    return 0


def standing(kept: Kept) -> tuple[ShadowRow, ...]:
    """Leaderboard of what a file keeps, its live profile that of the last writing."""
    entrants = [Entrant(each.name, each.profile, kept.runs[each.name]) for each in kept.shadows]
    return board(Entrant(LIVE, kept.profile, kept.live), entrants)


def told(kept: Kept, rows: Sequence[ShadowRow]) -> str:
    """The leaderboard as text."""
    lines = [
        f"As of {iso_utc(kept.at)}; cost at the risk of the live profile, which is 100 %.",
        "",
        HEAD,
    ]
    lines += [_line(each) for each in rows]
    lines += ["", f"The gate of the lab asks for {SHADOW_DAYS} days in shadow."]
    return "\n".join(lines)


def _line(row: ShadowRow) -> str:
    ratio = "–"
    if row.ratio is not None and row.error is not None:
        ratio = f"{100.0 * row.ratio:.0f} ± {100.0 * row.error:.0f} %"
    return (
        f"{row.rank or '–':>4}  {row.underlying:<5} {row.name:<24} {ratio:>14}"
        f" {_number(row.cost_day_usd, 2):>9} {_number(row.risk_usd, 0):>8} {row.hedges:>6}"
        f" {row.span / DAY:>6.2f}  {row.note}"
    )


def _number(value: float | None, decimals: int) -> str:
    return "–" if value is None else f"{value:,.{decimals}f}"
