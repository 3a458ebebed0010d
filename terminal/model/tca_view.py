"""Execution costs as a screen shows them: hedges, totals by cell, costs learned, delays."""

import math
from collections.abc import Iterable

from msgspec import Struct

from terminal.model.tca import HedgeCost
from terminal.model.tca_tally import Tally


class CostBelief(Struct, frozen=True, kw_only=True):
    """One-way cost of the instrument that a desk hedges with: quoted, learned and used."""

    underlying: str
    key: str
    quoted: float  # taker fee and half spread now, fraction of notional
    factor: float  # paid over quoted, as learned
    hedges: int  # that it was learned from
    used: float  # what the bands of this profile take
    rested: float | None = None  # part of those hedges that resting orders filled


class TcaView(Struct, frozen=True, kw_only=True):
    """What executing has cost in this run; newest hedge first."""

    hedges: tuple[HedgeCost, ...] = ()
    tallies: tuple[Tally, ...] = ()  # by coin, venue, policy, hour, liquidity and profile
    beliefs: tuple[CostBelief, ...] = ()


class Delays(Struct, frozen=True):
    """A stage of hedges: median and 95th percentile of its time, ns, over so many hedges."""

    stage: str
    median: int
    high: int
    count: int


def delays(hedges: Iterable[HedgeCost]) -> tuple[Delays, ...]:
    """Time that hedges spent in each stage, in engine time.

    Stages that no hedge has passed are left out. The last one is from the decision to the last
    fill, a person's approval and the rest of passive orders included.
    """
    spans: dict[str, list[int]] = {}
    for each in hedges:
        stages = (
            ("decision to approval", each.decided_at, each.approved_at),
            ("approval to sent", each.approved_at, each.sent_at),
            ("sent to ack", each.sent_at, each.acked_at),
            ("ack to first fill", each.acked_at, each.first_fill_at),
            ("decision to last fill", each.decided_at, each.last_fill_at),
        )
        for stage, start, end in stages:
            if start and end:
                spans.setdefault(stage, []).append(end - start)
    return tuple(
        Delays(stage, _rank(found, 0.5), _rank(found, 0.95), len(found))
        for stage, found in spans.items()
    )


def _rank(values: list[int], share: float) -> int:
    """Least value that ``share`` of them do not exceed (nearest rank)."""
    return sorted(values)[math.ceil(share * len(values)) - 1]
