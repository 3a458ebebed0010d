"""``python -m terminal profiles``: presets, and files of the older program made into profiles."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from terminal.core.commandline import Parser
from terminal.core.errors import ConfigError
from terminal.runtime.console import show
from terminal.runtime.profiles import import_legacy, presets, save_file


def profiles(argv: Sequence[str]) -> int:
    """List the presets, or import a strategy or persona of the older program."""
    parser = Parser(prog="python -m terminal profiles", description=profiles.__doc__)
    parser.add_argument("action", choices=["list", "import"])
    parser.add_argument("file", type=Path, nargs="?", default=None, help="JSON to import")
    parser.add_argument("--name", default="", help="strategy or persona of the file; the first")
    parser.add_argument("--to", type=Path, default=None, help="profile file to write (.toml)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    given = parser.parse_args(argv)
    if given.action == "list":
        found = presets()
        text = "\n".join(f"{each.name:<10} {each.about}" for each in found.values())
        show({name: each.about for name, each in found.items()}, text, as_json=given.json)
        return 0
    if given.file is None:
        raise ConfigError("name the file to import: profiles import FILE.json")
    made = import_legacy(given.file, given.name)
    if given.to is not None:
        save_file(made.profile, given.to)
    badge = " (legacy, deprecated)" if made.deprecated else ""
    lines = [f"{made.profile.name}{badge}: {made.profile.about}"]
    lines += [f"  {each}" for each in made.assumptions]
    if given.to is None:
        lines.append("Not kept: name a file with --to PROFILE.toml, then use it with --profile")
    result = {
        "profile": msgspec.to_builtins(made.profile),
        "assumptions": list(made.assumptions),
        "deprecated": made.deprecated,
    }
    show(result, "\n".join(lines), as_json=given.json)
    return 0
