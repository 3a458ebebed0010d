"""Whether a live run may send orders, and at what size, in the few words a header has room for."""

from terminal.core.units import DAY, HOUR
from terminal.model.frame import Frame
from terminal.model.live import LiveRow
from ui.format import date


def live_note(frame: Frame) -> str:
    """What stands beside LIVE: not armed, a quarter of the sizes, or nothing."""
    view = frame.live
    if view is None:
        return ""
    if not view.armed:
        return "NOT ARMED"
    small = [row for row in view.rows if row.factor < 1.0]
    if not small:
        return ""
    left = max(row.full_at for row in small) - frame.now
    span = f"{-(-left // DAY)} d" if left > DAY else f"{max(1, -(-left // HOUR))} h"
    return f"¼ SIZE {span}"


def live_lines(frame: Frame) -> str:
    """Every account of a live run, a line each."""
    rows = frame.live.rows if frame.live is not None else ()
    return "\n".join(f"{row.account.name}: {size_words(row)}" for row in rows)


def small_accounts(frame: Frame) -> list[str]:
    """Names of the armed accounts that trade a quarter of their sizes."""
    view = frame.live
    if view is None or not view.armed:
        return []
    return [row.account.name for row in view.rows if row.factor < 1.0]


def size_words(row: LiveRow) -> str:
    """At what size an account trades, and until when."""
    if not row.since:
        return "a quarter of the sizes for seven days from its first arming"
    if row.lifted:
        return f"whole sizes, the first days were lifted: {row.lifted}"
    if row.factor >= 1.0:
        return "whole sizes"
    return f"a quarter of the sizes until {date(row.full_at)}"
