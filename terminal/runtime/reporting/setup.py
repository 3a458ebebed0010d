"""What a run on a tape was made of: its data, what trading was taken to cost, and the program."""

import hashlib
import platform
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from terminal.core.units import SECOND, iso_utc, seconds
from terminal.journal.tape import Header
from terminal.model.instrument import Perpetual
from terminal.model.market import Gap
from terminal.model.report import Cell, Column, Form, Section, Table
from terminal.runtime.reporting.lived import Lived
from terminal.runtime.settings import Settings
from terminal.venues.matching import IMPACT_BPS_PER_COIN
from terminal.venues.message_queue import USUAL_LATENCY

PROGRAM = Path(__file__).parents[2]
"""The floors below the window."""

LISTED = 200
"""Gaps that are listed one by one."""

PACKAGES = ("numpy", "msgspec", "vollib", "numba")
"""Whose versions may change a result."""


def setup_section(day: Lived, header: Header, settings: Settings) -> Section:
    """Data with their gaps and hash, cost model, settings and versions."""
    return Section(
        name="setup",
        title="What was run",
        words=tuple(_words(header)),
        tables=(
            _data(day, header, settings),
            _origins(header),
            _gaps(header),
            _costs(header),
            _versions(),
        ),
    )


def _words(header: Header) -> Iterator[str]:
    yield from (f"Assumed: {each}." for each in header.assumptions)
    yield from (f"Noted: {each}." for each in header.notes)


def _data(day: Lived, header: Header, settings: Settings) -> Table:
    profile = day.state.profile
    rows: tuple[tuple[Cell, ...], ...] = (
        ("tape", settings.tape.name if settings.tape else ""),
        ("title", header.title),
        ("SHA-256 of the tape", day.origin.link),
        ("first event", iso_utc(header.first)),
        ("last event", iso_utc(header.last)),
        ("events", f"{header.count:,}"),
        ("events played", f"{day.state.seq:,} records, to {iso_utc(day.state.now)}"),
        ("profile", profile.name if profile else ""),
        ("who approves", settings.autonomy.value),
        ("book", settings.book.name if settings.book else "a straddle a coin near the money"),
        ("volatility where none is quoted", f"{100.0 * settings.vol:g} %"),
        ("pricing engine", settings.pricing),
        ("seed", str(settings.seed)),
    )
    return Table(
        name="data",
        title="Data and settings",
        columns=(Column("what", "What"), Column("value", "Value")),
        rows=rows,
    )


def _origins(header: Header) -> Table:
    return Table(
        name="origins",
        title="Files that the tape was made from",
        columns=(
            Column("file", "File"),
            Column("rows", "Rows", "", Form.COUNT),
            Column("sha256", "SHA-256"),
        ),
        rows=tuple((each.name, each.rows, each.sha256) for each in header.origins),
        empty="The tape names none.",
    )


def _gaps(header: Header) -> Table:
    gaps = header.gaps
    missing = sum(seconds(each.end - each.start) for each in gaps)
    part = missing / max(seconds(header.last - header.first), 1.0)
    share = f"{missing / 3600.0:,.1f} hours, {100.0 * part:.2f} % of the tape"
    note = f"{len(gaps)} gaps, together {share}"
    more = f"; the longest {LISTED} of them" if len(gaps) > LISTED else ""
    longest = sorted(gaps, key=lambda each: each.start - each.end)[:LISTED]
    return Table(
        name="gaps",
        title="Gaps in the data",
        columns=(
            Column("what", "What"),
            Column("from", "From, UTC"),
            Column("to", "To, UTC"),
            Column("minutes", "Length", "min", Form.AMOUNT),
            Column("why", "Why"),
        ),
        rows=tuple(_gap(each) for each in sorted(longest, key=lambda each: each.start)),
        note=f"{note}{more}. Nothing is filled in.",
        empty="The tape has none.",
    )


def _gap(gap: Gap) -> tuple[Cell, ...]:
    minutes = (gap.end - gap.start) / (60 * SECOND)
    return gap.key or "everything", iso_utc(gap.start), iso_utc(gap.end), minutes, gap.why


def _costs(header: Header) -> Table:
    """What trading a perpetual was taken to cost."""
    rows: list[tuple[Cell, ...]] = []
    for each in header.instruments:
        if isinstance(each, Perpetual):
            contract = each.contract
            impact = IMPACT_BPS_PER_COIN.get(contract.base)
            rows.append((contract.key, contract.taker_bps, contract.maker_bps, impact))
    low, high = (1000.0 * seconds(each) for each in (USUAL_LATENCY.low, USUAL_LATENCY.high))
    return Table(
        name="cost_model",
        title="What trading was taken to cost",
        columns=(
            Column("instrument", "Instrument"),
            Column("taker", "Taker's fee", "bp", Form.AMOUNT),
            Column("maker", "Maker's fee", "bp", Form.AMOUNT),
            Column("impact", "Impact", "bp per coin", Form.AMOUNT),
        ),
        rows=tuple(rows),
        note=(
            f"Besides: the half spread that the tape says; {low:g} to {high:g} ms to the venue and"
            " as long back; impact where no depth is told; a resting order waits behind what is"
            " shown at its price, and on bars fills only once a price goes through it. Funding is"
            " paid at the stamps that the tape tells."
        ),
        empty="No perpetual is listed.",
    )


def _versions() -> Table:
    rows = [
        ("the program, SHA-256 of its sources", sources_digest()),
        ("Python", platform.python_version()),
        ("machine", platform.machine()),
    ]
    for name in PACKAGES:
        try:
            rows.append((name, version(name)))
        except PackageNotFoundError:
            rows.append((name, "not installed"))
    return Table(
        name="versions",
        title="Versions",
        columns=(Column("what", "What"), Column("version", "Version")),
        rows=tuple(rows),
    )


def sources_digest() -> str:
    """SHA-256 over the program's own files: another digest is another program."""
    found = hashlib.sha256()
    for path in sorted(PROGRAM.rglob("*.py")):
        found.update(f"{path.relative_to(PROGRAM).as_posix()}\0".encode())
        found.update(path.read_bytes())
    return found.hexdigest()
