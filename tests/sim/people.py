"""The people of a run: the limits they set, the worst advice they take and what they click."""

from random import Random

from msgspec.structs import replace

from terminal.engine.state import State
from terminal.model.messages import (
    Approve,
    CancelAll,
    CancelHedge,
    CrossHedge,
    Event,
    HedgeNow,
    Rearm,
    Reject,
    SetAutonomy,
    Stop,
    StopStage,
)
from terminal.model.risk import Autonomy, PolicyKind, RiskProfile
from tests.helpers.builders import profile, spec


def rules(draw: Random) -> RiskProfile:
    """A desk with narrow bands, so that it trades often, and the limits of a careful one."""
    kind = draw.choice((PolicyKind.BAND_TO_TARGET, PolicyKind.BAND_TO_HALF))
    band = draw.choice((0.01, 0.03))
    return profile(
        spec(kind, low=-band, high=band, cap=band),
        greeks_age_s=60.0,
        min_gap_s=5.0,
        orders_per_minute=20,
        max_order_usd=draw.choice((2_000.0, 50_000.0)),
        passive_wait_s=draw.choice((0.0, 5.0, 20.0)),
        unknown_halt_s=120.0,
        position_gap_lots=1.0,
        balance_gap_pct=0.5,
        snapshot_age_s=60.0,
    )


def advised(base: RiskProfile, draw: Random) -> RiskProfile:
    """The worst that advice may do: a band at either end of its box, the other end next time."""
    factor = draw.choice((0.6, 1.6))
    policies = {
        coin: replace(each, low=each.low * factor, high=each.high * factor)
        for coin, each in base.policies.items()
    }
    return replace(base, policies=policies)


def clicks(state: State, draw: Random) -> tuple[Event, ...]:
    """What a person might do at any moment, wisely or not."""
    desk = state.desks.get("BTC")
    offer = desk.proposal if desk else None
    hedge = desk.hedge if desk else None
    stage = draw.choice(tuple(StopStage))
    choices: list[tuple[Event, ...]] = [
        (HedgeNow("BTC"),),
        (CancelAll("to be sure"),),
        (Stop(stage, "a click"),),
        (Rearm("a click"),),
        (SetAutonomy("BTC", draw.choice(tuple(Autonomy))),),
        (Approve("BTC-1-gone", 1), Approve("BTC-1-gone", 1)),
    ]
    if offer is not None:
        twice = Approve(offer.proposal_id, offer.revision)
        choices += [(twice, twice), (Reject(offer.proposal_id, "no"),)] * 3
    if hedge is not None:
        choices += [(CrossHedge(hedge.hedge_id),), (CancelHedge(hedge.hedge_id),)] * 3
    return draw.choice(choices)
