"""Lines of the volatility table: expiries, the index of the chain, and what price really did."""

from collections.abc import Iterator

from msgspec import Struct

from terminal.core.units import DAY, HOUR
from terminal.model.frame import ExpiryVol, RealisedVol, VolView
from ui.format import count, number, percent, vol_points
from ui.panels.book_cells import expiry_text
from ui.widgets.table import Column


class VolLine(Struct, frozen=True, kw_only=True):
    """One expiry of a coin, or a number of the whole coin if ``expiry`` is None."""

    underlying: str
    name: str
    expiry: ExpiryVol | None
    vol: float | None
    premium: float | None  # over the realised volatility of the longest window known
    note: str
    now: int


def vol_lines(view: VolView, now: int) -> Iterator[VolLine]:
    """Expiries of one coin, then its index and its realised volatility."""
    known = [each for each in view.realised if each.vol is not None]
    longest = max(known, key=lambda each: each.window, default=None)
    did = longest.vol if longest else None
    for each in view.expiries:
        yield VolLine(
            underlying=view.underlying,
            name=str(each.expiry),
            expiry=each,
            vol=each.vol,
            premium=_premium(each.vol, did),
            note="" if each.vol is not None else "no two-sided quotes at the money",
            now=now,
        )
    if view.expiries:
        note = ", ".join(filter(None, (view.shape, view.index_note)))
        yield _whole(view, "30-day index", view.index, did, note, now=now)
    for found in view.realised:
        yield _whole(view, _window(found), found.vol, None, found.reason, now=now)


def _whole(
    view: VolView, name: str, vol: float | None, did: float | None, note: str, *, now: int
) -> VolLine:
    return VolLine(
        underlying=view.underlying,
        name=name,
        expiry=None,
        vol=vol,
        premium=_premium(vol, did),
        note=note,
        now=now,
    )


def _window(found: RealisedVol) -> str:
    length = found.window
    return f"Realised {length // DAY} d" if length >= DAY else f"Realised {length // HOUR} h"


def _premium(vol: float | None, realised: float | None) -> float | None:
    return None if vol is None or realised is None else vol - realised


def _name(line: VolLine) -> str:
    return expiry_text(line.expiry.expiry, line.now, "") if line.expiry else line.name


COLUMNS = (
    Column(
        title="Coin",
        get=lambda line: line.underlying,
        show=lambda line: line.underlying,
        align="left",
        width=64,
    ),
    Column(
        title="Expiry UTC",
        get=lambda line: line.expiry.expiry if line.expiry else 0,
        show=_name,
        align="left",
        width=144,
        tooltip="Date and days left; below: of the whole coin",
    ),
    Column(
        title="Forward $",
        get=lambda line: line.expiry.forward if line.expiry else None,
        show=lambda line: number(line.expiry.forward, 2) if line.expiry else "",
        width=104,
    ),
    Column(
        title="Vol",
        get=lambda line: line.vol,
        show=lambda line: percent(line.vol, 1),
        width=76,
        tooltip="Annual: at the money of the expiry, 30-day index of the chain, or realised",
    ),
    Column(
        title="Forward vol",
        get=lambda line: line.expiry.forward_vol if line.expiry else None,
        show=lambda line: percent(line.expiry.forward_vol, 1) if line.expiry else "",
        width=96,
        tooltip="Annual, between the expiry before and this one",
    ),
    Column(
        title="Over realised",
        get=lambda line: line.premium,
        show=lambda line: "" if line.premium is None else vol_points(line.premium),
        width=128,
        role=lambda line: "mut" if line.premium is None else "text",
        tooltip="Above what price did over the longest window known: what a seller hopes to keep",
    ),
    Column(
        title="Strikes",
        get=lambda line: line.expiry.strikes if line.expiry else None,
        show=lambda line: count(line.expiry.strikes) if line.expiry else "",
        width=72,
        tooltip="Options quoted on both sides",
    ),
    Column(
        title="",
        get=lambda line: line.note,
        show=lambda line: line.note,
        align="left",
        width=240,
        role=lambda _line: "mut",
    ),
)
