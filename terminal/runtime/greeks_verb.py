"""The greeks verb: sensitivities of legs from a file."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from terminal.core.commandline import Parser
from terminal.core.errors import ConfigError
from terminal.portfolio.legs import leg_greeks, read_legs
from terminal.pricing.engines import NAMES
from terminal.runtime.console import show
from terminal.runtime.kernels import ready_engine

COLUMNS = (
    "price_coin",
    "price_usd",
    "delta",
    "delta_net_of_premium",
    "delta_usd",
    "gamma",
    "gamma_1pct_usd",
    "vega_usd",
    "theta_usd_day",
)


def greeks(argv: Sequence[str]) -> int:
    """Price legs and print their sensitivities and total."""
    parser = Parser(prog="python -m terminal greeks", description=greeks.__doc__)
    parser.add_argument("legs", type=Path, help="JSON list of legs")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument(
        "--engine", choices=NAMES, default="numpy", help="what prices options (numpy needs nothing)"
    )
    given = parser.parse_args(argv)
    engine = ready_engine(given.engine)
    try:
        text = given.legs.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        msg = f"legs {given.legs}: {error}"
        raise ConfigError(msg) from error
    answer = leg_greeks(read_legs(text), engine)
    show(answer, _table(answer), as_json=given.json)
    return 0


def _table(answer: dict[str, Any]) -> str:
    head = f"{'leg':<8}" + "".join(f"{name:>22}" for name in COLUMNS)
    rows = [_row(str(number), leg) for number, leg in enumerate(answer["legs"], 1)]
    return "\n".join([head, *rows, _row("total", answer["total"])])


def _row(name: str, values: dict[str, float | None]) -> str:
    cells = (values.get(column) for column in COLUMNS)
    return f"{name:<8}" + "".join(f"{'-' if v is None else format(v, ',.6f'):>22}" for v in cells)
