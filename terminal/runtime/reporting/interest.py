"""Open interest of the options that are listed, and max pain by expiry; untold is unknown."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from msgspec import Struct

from terminal.engine.state import State
from terminal.market.pain import Open, Pain, max_pain
from terminal.market.state import spot
from terminal.model.instrument import Option, Right
from terminal.model.report import Cell, Chart, Column, Curve, Form, Table
from terminal.runtime.reporting.writing import day_text


class Expiry(NamedTuple):
    """Options on one coin that expire together, wherever they are listed."""

    underlying: str
    at: int  # UtcNs


class Told(Struct, frozen=True, kw_only=True):
    """What is known of the open interest of one expiry."""

    venues: tuple[str, ...]
    listed: int  # options
    held: tuple[Open, ...]  # of those whose open interest was told
    pain: Pain | None

    def coins(self, right: Right) -> float | None:
        """Coins open in calls or puts; None where none was told."""
        known = [each.coins for each in self.held if each.right is right]
        return math.fsum(known) if known else None


def interest_of(state: State) -> dict[Expiry, Told]:
    """Open interest of every expiry to come, as last told, by coin and time."""
    listed: dict[Expiry, list[Option]] = {}
    for each in state.market.instruments.values():
        if isinstance(each, Option) and each.expiry > state.now:
            listed.setdefault(Expiry(each.contract.base, each.expiry), []).append(each)
    return {name: _told(state, listed[name]) for name in sorted(listed)}


def _told(state: State, options: Sequence[Option]) -> Told:
    interest = state.market.interest
    known = [each for each in options if each.contract.key in interest]
    held = tuple(
        Open(
            float(each.strike),
            each.right,
            interest[each.contract.key] * float(each.contract.multiplier),
        )
        for each in known
    )
    venues = dict.fromkeys(each.contract.venue for each in known)
    return Told(venues=tuple(venues), listed=len(options), held=held, pain=max_pain(held))


def pain_table(state: State, found: dict[Expiry, Told]) -> Table:
    """Max pain of every expiry with what it was made from."""
    return Table(
        name="max_pain",
        title="Max pain and open interest by expiry",
        columns=(
            Column("coin", "Coin"),
            Column("expiry", "Expiry"),
            Column("strike", "Max pain", "USD", Form.AMOUNT),
            Column("off", "From the price", "", Form.PERCENT),
            Column("payout", "Paid to holders there", "USD", Form.MONEY),
            Column("calls", "Calls open", "coin", Form.AMOUNT),
            Column("puts", "Puts open", "coin", Form.AMOUNT),
            Column("told", "Options told", "", Form.COUNT),
            Column("listed", "Options listed", "", Form.COUNT),
            Column("venues", "Told by"),
        ),
        rows=tuple(_row(state, name, each) for name, each in found.items()),
        note=(
            "The strike at which the options told would pay their holders least; without those of"
            " strikes that are listed and not told it may lie elsewhere. What no venue told is"
            " unknown, not zero."
        ),
        empty="No option is listed.",
    )


def _row(state: State, name: Expiry, told: Told) -> tuple[Cell, ...]:
    price, pain = spot(state.market, name.underlying), told.pain
    strike = pain.strike if pain else None
    return (
        name.underlying,
        day_text(name.at),
        strike,
        strike / price - 1.0 if strike is not None and price else None,
        pain.usd if pain else None,
        told.coins(Right.CALL),
        told.coins(Right.PUT),
        len(told.held),
        told.listed,
        ", ".join(told.venues) or "nobody",
    )


def strikes_table(found: dict[Expiry, Told], until: int) -> Table:
    """Open interest strike by strike of what expires before ``until`` (UtcNs)."""
    rows: list[tuple[Cell, ...]] = []
    for name, told in found.items():
        if name.at < until:
            rows += [
                (name.underlying, day_text(name.at), strike, calls, puts)
                for strike, calls, puts in _by_strike(told)
            ]
    return Table(
        name="open_interest",
        title="Open interest by strike of what expires within two days",
        columns=(
            Column("coin", "Coin"),
            Column("expiry", "Expiry"),
            Column("strike", "Strike", "USD", Form.AMOUNT),
            Column("calls", "Calls open", "coin", Form.AMOUNT),
            Column("puts", "Puts open", "coin", Form.AMOUNT),
        ),
        rows=tuple(rows),
        empty="No open interest of such options was told: it is unknown.",
    )


def _by_strike(told: Told) -> list[tuple[float, float | None, float | None]]:
    """Strike with the coins open in its calls and puts, over all venues."""
    sums: dict[tuple[float, Right], float] = {}
    for each in told.held:
        name = each.strike, each.right
        sums[name] = sums.get(name, 0.0) + each.coins
    strikes = sorted({strike for strike, _ in sums})
    return [(k, sums.get((k, Right.CALL)), sums.get((k, Right.PUT))) for k in strikes]


def interest_charts(found: dict[Expiry, Told]) -> tuple[Chart, ...]:
    """Open interest by strike of each coin's nearest expiry that was told of."""
    nearest: dict[str, tuple[Expiry, Told]] = {}
    for name, told in found.items():
        if told.held and name.underlying not in nearest:
            nearest[name.underlying] = name, told
    return tuple(_chart(name, told) for name, told in nearest.values())


def _chart(name: Expiry, told: Told) -> Chart:
    rows = _by_strike(told)
    return Chart(
        name=f"open_interest_{name.underlying.lower()}",
        title=f"{name.underlying}: open interest of {day_text(name.at)}",
        unit="coin",
        curves=(
            Curve("calls", tuple((strike, calls) for strike, calls, _ in rows)),
            Curve("puts", tuple((strike, puts) for strike, _, puts in rows)),
        ),
        x_unit="strike, USD",
    )
