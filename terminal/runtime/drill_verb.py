"""The verb ``drill``: rehearse the stop on the simulated venue, and see how it went before."""

from collections.abc import Sequence
from pathlib import Path

from terminal.core.commandline import Parser
from terminal.model.messages import StopStage
from terminal.runtime.console import show
from terminal.runtime.drill import drilled, line, past
from terminal.runtime.settings import default_data_dir


def drill(argv: Sequence[str]) -> int:
    """Rehearse the stop: how long until orders are barred, cancels sent, everything safe."""
    parser = Parser(prog="python -m terminal drill", description=drill.__doc__)
    parser.add_argument("--data", type=Path, default=None, help="data directory of the history")
    parser.add_argument(
        "--stage",
        choices=[each.value for each in StopStage],
        default=None,
        help="rehearse this one only; all three by default",
    )
    parser.add_argument("--list", action="store_true", help="rehearse nothing, show the history")
    parser.add_argument("--json", action="store_true", help="print one JSON list")
    given = parser.parse_args(argv)
    directory = given.data or default_data_dir()
    if given.list:
        found = past(directory)
    else:
        stages = tuple(StopStage) if given.stage is None else (StopStage(given.stage),)
        found = drilled(directory, stages)
    show(found, "\n".join(map(line, found)) or "no drill yet", as_json=given.json)
    return 0 if given.list or all(each.safe_ms is not None for each in found) else 1
