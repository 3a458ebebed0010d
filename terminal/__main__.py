"""Headless Gammadesk: ``python -m terminal VERB``. Never imports Qt."""

import importlib
import sys
from collections.abc import Sequence

from terminal.core.errors import ConfigError, DataError, JournalError, TerminalError
from terminal.runtime.console import complain
from terminal.runtime.private import keep_files_private

VERBS = {
    "run": ("terminal.runtime.verbs", "run", "the engine without a window: simulated or paper"),
    "replay": ("terminal.runtime.verbs", "replay", "a tape, at a speed"),
    "backtest": ("terminal.runtime.verbs", "backtest", "a tape, as fast as it goes"),
    "tape": ("terminal.journal.tape_cli", "main", "import, describe and cut tapes"),
    "greeks": ("terminal.runtime.greeks_verb", "greeks", "sensitivities of legs in a file"),
    "sweep": ("terminal.runtime.sweep_verb", "sweep", "cost of the policies at equal risk"),
    "lab": ("terminal.runtime.lab_verb", "lab", "sweep, search and prove policies"),
    "stop": ("terminal.runtime.stop_verb", "stop", "stop a running desk from another terminal"),
    "profiles": ("terminal.runtime.profiles_verb", "profiles", "presets, and imports of old ones"),
    "guard": ("terminal.runtime.guard_verb", "guard", "watch a desk from outside, and stop it"),
    "drill": ("terminal.runtime.drill_verb", "drill", "rehearse the stop, and time it"),
    "keys": ("terminal.runtime.keys_verb", "keys", "keep, list, check and forget API keys"),
    "venues": ("terminal.runtime.venues_verb", "venues", "exchanges and how each is special"),
    "why": ("terminal.runtime.why_verb", "why", "what the engine decided, when and why"),
    "shadows": ("terminal.runtime.shadows_verb", "shadows", "policies on paper beside a run"),
    "report": ("terminal.runtime.report_verb", "report", "a day as HTML, CSV and JSON"),
    "advisor": ("terminal.runtime.advisor_verb", "advisor", "words of a language model, or none"),
    "jupiter": ("terminal.runtime.jupiter_verb", "jupiter", "a wallet's Jupiter perpetuals, read"),
    "jupiter-hedge": (
        "terminal.runtime.jupiter_hedge_verb",
        "jupiter_hedge",
        "ask for a change of a Jupiter position (off by default, unproven)",
    ),
    "doctor": ("terminal.runtime.doctor", "doctor", "whether this machine is fit"),
}

DONE, FAILED, BAD_INPUT = 0, 1, 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb.

    Returns
    -------
    int
        0 done, 1 the run failed, 2 bad input (one line says what and how to put it right).
    """
    keep_files_private()
    given = list(sys.argv[1:] if argv is None else argv)
    if not given or given[0] in ("-h", "--help", "help"):
        sys.stdout.write(_usage())
        return DONE if given else BAD_INPUT
    if given[0] not in VERBS:
        complain(f"no verb {given[0]!r}: use one of {', '.join(VERBS)}")
        return BAD_INPUT
    module, function, _ = VERBS[given[0]]
    verb = getattr(importlib.import_module(module), function)
    try:
        return int(verb(given[1:]))
    except (ConfigError, DataError, JournalError) as error:
        complain(str(error))
        return BAD_INPUT
    except TerminalError as error:
        complain(str(error))
        return FAILED


def _usage() -> str:
    lines = ["usage: python -m terminal VERB [options]", ""]
    lines += [f"  {name:<10} {about}" for name, (_, _, about) in VERBS.items()]
    return "\n".join([*lines, "", "python -m terminal VERB --help tells more.", ""])


if __name__ == "__main__":
    sys.exit(main())
