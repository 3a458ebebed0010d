"""The headless verb ``venues``: which exchanges there are, and what is particular about each."""

from collections.abc import Sequence

from terminal.core.commandline import Parser
from terminal.runtime.console import show
from terminal.venues.dialects.dialect import DeadMan, Dialect
from terminal.venues.dialects.registry import DIALECTS

_DEAD_MAN = {
    DeadMan.NONE: "none",
    DeadMan.ON_DISCONNECT: "cancels orders when the connection is lost",
    DeadMan.COUNTDOWN: "cancels orders unless a timer is wound up",
}


def venues(argv: Sequence[str]) -> int:
    """List exchanges: tradable or why read-only, key fields, conventions."""
    parser = Parser(prog="python -m terminal venues", description=venues.__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON list")
    given = parser.parse_args(argv)
    rows = [described(each) for each in DIALECTS.values()]
    show(rows, "\n\n".join(_words(each) for each in rows), as_json=given.json)
    return 0


def described(dialect: Dialect) -> dict[str, object]:
    """Everything a person or script may want to know of an exchange before connecting."""
    return {
        "venue": dialect.venue,
        "title": dialect.title,
        "tradable": not dialect.why_read_only,
        "why_read_only": dialect.why_read_only,
        "key_fields": list(dialect.key_fields),
        "test_network": bool(dialect.sandbox),
        "dead_man_switch": _DEAD_MAN[dialect.dead_man],
        "found_by_client_id_in": list(dialect.lookup),
        "greeks": dialect.greeks_convention,
        "funding": dialect.funding_note,
    }


def _words(row: dict[str, object]) -> str:
    state = "tradable" if row["tradable"] else f"read-only: {row['why_read_only']}"
    fields = row["key_fields"]
    keys = ", ".join(fields) if isinstance(fields, list) and fields else "none"
    lines = (
        f"{row['venue']:<14} {row['title']}, {state}",
        f"  key            {keys}",
        f"  test network   {'yes' if row['test_network'] else 'no'}",
        f"  dead man       {row['dead_man_switch']}",
        f"  Greeks         {row['greeks'] or '-'}",
        f"  funding        {row['funding'] or '-'}",
    )
    return "\n".join(lines)
