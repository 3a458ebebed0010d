"""The same backtest again: strained, on the first half of its tape alone, by other policies."""

import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from terminal.core.errors import TerminalError
from terminal.core.units import seconds
from terminal.engine.attributing import split_pnl
from terminal.engine.state import Drift
from terminal.runtime.opening import open_replay
from terminal.runtime.reporting.days import Scatter, scatter_of
from terminal.runtime.reporting.hours import drawdown
from terminal.runtime.reporting.listening import Listening
from terminal.runtime.reporting.lived import Lived
from terminal.runtime.reporting.policies import Compared, Ground, compared, grounds
from terminal.runtime.settings import Settings
from terminal.runtime.strains import Strain

STRAINS: tuple[tuple[str, Strain], ...] = (
    ("costs doubled", Strain(cost=2.0)),
    ("risk aversion halved", Strain(aversion=0.5)),
    ("risk aversion doubled", Strain(aversion=2.0)),
    ("1 s to the venue and back", Strain(latency_s=1.0)),
    ("5 s to the venue and back", Strain(latency_s=5.0)),
    ("30 s to the venue and back", Strain(latency_s=30.0)),
    ("a tenth of all orders fills nothing", Strain(missed=0.1)),
    ("volatility 5 points lower", Strain(vol_points=-5.0)),
    ("volatility 5 points higher", Strain(vol_points=5.0)),
)
"""What a run is held against: hedging.md 9."""

Trade: TypeAlias = tuple[int, str, str, Decimal, Decimal]
"""UtcNs, instrument, side, contracts, price."""


class Came(Struct, frozen=True, kw_only=True):
    """What a run came to; ``fault`` says why it came to nothing."""

    pnl: float | None = None  # USD
    cost: float = 0.0  # of hedging, USD
    orders: int = 0
    fills: int = 0
    scatter: Scatter | None = None
    fall: float | None = None  # deepest, USD
    outside_s: float = 0.0  # the coins' sum
    fault: str = ""


class Audit(Struct, frozen=True):
    """The first half of a tape played alone, against the same hours of the whole run."""

    until: int  # UtcNs
    trades: int
    differs: str  # the first trade that is not the same, or why it was not tried; empty: none


class Again(Struct, frozen=True):
    """What was tried besides: strains by their name, the first half alone, and other policies."""

    strained: dict[str, Came]
    audit: Audit
    compared: tuple[Compared, ...] = ()


def came(day: Lived) -> Came:
    """What a run came to."""
    result, counts = split_pnl(day.state), day.state.counts
    fall = drawdown(day.heard.walk.pnl)
    return Came(
        pnl=result.total if result else None,
        cost=counts.hedge_cost_usd,
        orders=counts.orders,
        fills=counts.fills,
        scatter=scatter_of(day),
        fall=fall[0] if fall else None,
        outside_s=sum(
            seconds(day.state.drifts.get(name, Drift()).outside_ns) for name in day.state.desks
        ),
    )


def trades_of(day: Lived, until: int) -> tuple[Trade, ...]:
    """Every fill up to a moment."""
    return tuple(
        (each.at, each.fill.key, each.fill.side.value, each.fill.qty, each.fill.price)
        for each in day.heard.fills
        if each.at <= until
    )


def again(
    settings: Settings, day: Lived, tell: Callable[[float, str], None], workers: int = 0
) -> Again:
    """Run a backtest again under every strain and its first half alone, and compare policies.

    Parameters
    ----------
    settings : Settings
        Of the run that was made.
    day : Lived
        That run.
    tell : callable
        Told the part that is done and what was done last.
    workers : int
        Processes; as many as there are cores where 0.
    """
    middle = (day.span.first + day.state.now) // 2
    strained: dict[str, Came] = {}
    policies: list[Compared] = []
    made = list(grounds(day))
    parts = 1 + len(STRAINS) + len(made)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers or os.cpu_count() or 1, mp_context=context) as pool:
        first = pool.submit(_half, settings, middle)
        runs = {
            name: pool.submit(_strained, replace(settings, strain=strain))
            for name, strain in STRAINS
        }
        others = [pool.submit(_compared, each) for each in made]
        try:
            half = half_of(first)
            tell(1 / parts, "the first half alone")
            for number, (name, run) in enumerate(runs.items(), 2):
                strained[name] = came_of(run)
                tell(number / parts, name)
            for number, (ground, other) in enumerate(zip(made, others, strict=True), 2 + len(runs)):
                policies.append(compared_of(ground.coin, other))
                tell(number / parts, f"policies on {ground.coin}")
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return Again(strained, audited(trades_of(day, middle), half, middle), tuple(policies))


def came_of(run: Future[Came]) -> Came:
    """What a run came to in its process, or that its process did not live to say."""
    try:
        return run.result()
    except BrokenExecutor as error:
        return Came(fault=f"its process ended: {error}")


def compared_of(coin: str, run: Future[Compared]) -> Compared:
    """What the policies came to, or that their process did not live to say."""
    try:
        return run.result()
    except BrokenExecutor as error:
        return Compared(coin, fault=f"its process ended: {error}")


def half_of(run: Future[tuple[Trade, ...] | str]) -> tuple[Trade, ...] | str:
    """Trades of the first half, or why there are none."""
    try:
        return run.result()
    except BrokenExecutor as error:
        return f"its process ended: {error}"


def played(settings: Settings, until: int | None = None) -> Lived:
    """Make a run on a tape without a journal and listen to it."""
    session = open_replay(settings, None)
    session.recorder = listening = Listening(session, draws=False)
    if until is None and settings.span is not None:
        until = session.opens_at + settings.span
    try:
        session.play(until)
    finally:
        session.close()
    return listening.lived(session, settings.tape or Path(), "")


def _strained(settings: Settings) -> Came:
    try:
        return came(played(settings))
    except TerminalError as error:
        return Came(fault=str(error))


def _compared(ground: Ground | Compared) -> Compared:
    return compared(ground) if isinstance(ground, Ground) else ground


def _half(settings: Settings, until: int) -> tuple[Trade, ...] | str:
    try:
        return trades_of(played(settings, until), until)
    except TerminalError as error:
        return str(error)


def audited(whole: tuple[Trade, ...], half: tuple[Trade, ...] | str, until: int) -> Audit:
    """Hold the trades of a first half played alone against those of the whole run.

    Parameters
    ----------
    whole, half : tuple of Trade
        Up to ``until``; a text in place of the half says why it was not played.
    until : int
        UtcNs.
    """
    if isinstance(half, str):
        return Audit(until, len(whole), f"the first half could not be played: {half}")
    for number, (one, other) in enumerate(zip(whole, half, strict=False), 1):
        if one != other:
            return Audit(until, len(whole), f"trade {number} is not the same")
    if len(whole) != len(half):
        return Audit(until, len(whole), f"{len(half)} trades alone, {len(whole)} in the whole run")
    return Audit(until, len(whole), "")
