"""The lab verb: sweeps, searches and what they must prove, each a word after it."""

import sys
from collections.abc import Sequence
from importlib import import_module

from terminal.core.errors import ConfigError

WORDS = {
    "sweep": ("terminal.runtime.lab_sweep", "lab", "settings of a policy over a tape"),
    "search": ("terminal.runtime.lab_search", "search", "tune a band on worlds and history"),
    "walk-forward": ("terminal.runtime.lab_search", "walk_forward", "train, then test"),
    "frontier": ("terminal.runtime.lab_frontier", "frontier", "all policies at many equal risks"),
    "volatility": ("terminal.runtime.lab_volatility", "volatility", "train a recurrent forecast"),
    "gate": ("terminal.runtime.lab_gate", "judge", "what a policy must prove to leave the lab"),
}


def lab(argv: Sequence[str]) -> int:
    """Run one experiment of the lab.

    Raises
    ------
    ConfigError
        The word is none of the lab's.
    """
    if argv and argv[0] in ("-h", "--help"):
        lines = ["usage: python -m terminal lab WORD [options]", ""]
        lines += [f"  {name:<13} {about}" for name, (_, _, about) in WORDS.items()]
        sys.stdout.write("\n".join([*lines, ""]))
        return 0
    if not argv or argv[0] not in WORDS:
        said = repr(argv[0]) if argv else "nothing"
        raise ConfigError(f"lab does not know {said}: use one of {', '.join(WORDS)}")
    module, function, _ = WORDS[argv[0]]
    # The sweep's own parser takes the word as well, as it did when it stood alone.
    rest = argv if argv[0] == "sweep" else argv[1:]
    return int(getattr(import_module(module), function)(rest))
