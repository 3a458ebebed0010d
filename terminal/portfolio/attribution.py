"""P&L by its causes, step by step: what it sums to is the change of equity, whatever happens.

A step ends when the hour does, and before anything changes what is held. In a step positions stand
still and the market moves, which the Greeks at its start explain; at its end the market stands
still and a fill, a payment, a settlement or a snapshot moves positions and cash.
"""

from msgspec import Struct
from msgspec.structs import replace

from terminal.core.units import HOUR, utc_day
from terminal.model.attribution import Bucket, Why
from terminal.portfolio.attribution_legs import CASH, Leg, Look
from terminal.portfolio.attribution_steps import explained
from terminal.portfolio.attribution_store import (
    Entry,
    Row,
    Store,
    begin_episode,
    booked,
    tidied,
)


class Anchor(Struct, frozen=True):
    """A holding at the start of its step.

    ``blind``: it was traded while its value was unknown; ``carried`` is the cash that this moved,
    USD, and the whole change is a residual once the value is known again.
    """

    leg: Leg
    carried: float = 0.0
    blind: bool = False


class Attribution(Struct, frozen=True):
    """Closed steps, and the start of the one under way."""

    due: int  # UtcNs at which the step ends at the latest
    anchors: dict[str, Anchor] = {}
    store: Store = Store()


class Change(Struct, frozen=True, kw_only=True):
    """Something that moved positions or cash while the market stood still.

    ``bucket`` takes what fee and slippage leave: EDGE of a fill, FUNDING, BORROW, SETTLEMENT, and
    CORRECTIONS of a snapshot, which go to what they corrected and not to ``row``.
    """

    bucket: Bucket
    row: Row
    at: int  # UtcNs
    fee_usd: float = 0.0  # positive when paid
    slippage_usd: float = 0.0  # negative when it cost


def begun(look: Look, now: int) -> Attribution:
    """Attribution that starts from everything held at this look."""
    store = Store()
    for underlying in _followed(look):
        store = begin_episode(store, underlying, now, "the run's opening")
    anchors = {key: Anchor(leg) for key, leg in look.legs.items() if leg.value is not None}
    return Attribution(_next_hour(now), anchors, store)


def stepped(attribution: Attribution, look: Look, now: int) -> Attribution:
    """Attribution with the step under way closed.

    Parameters
    ----------
    attribution : Attribution
    look : Look
        At what was held all through the step, as the market is now.
    now : int
        UtcNs.

    Returns
    -------
    Attribution
        What has no value goes on with its step; the Greeks then explain a longer one.
    """
    anchors = dict(attribution.anchors)
    pairs: list[tuple[Leg, Leg]] = []
    entries: list[Entry] = []
    for key, leg in look.legs.items():
        anchor = anchors.get(key)
        if leg.value is None:
            continue
        if anchor is not None and not anchor.blind and _same(anchor.leg, leg):
            pairs.append((anchor.leg, leg))
        else:
            entries.append(_unexplained(anchor, leg, now))
        anchors[key] = Anchor(leg)
    for (before, leg), found in zip(pairs, explained(pairs), strict=True):
        day = utc_day(before.at or now)
        entries.append(Entry(row_of(leg), found.usd, day, leg.at, found.why))
    store = _new_days(booked(attribution.store, entries), look, now)
    after = Attribution(_next_hour(now), anchors, store)
    is_new_day = utc_day(now) != utc_day(attribution.due - HOUR)
    return replace(after, store=tidied(store, now, anchors)) if is_new_day else after


def moved(attribution: Attribution, before: Look, after: Look, change: Change) -> Attribution:
    """Attribution with a change of positions or cash, its step closed at ``before``.

    Parameters
    ----------
    attribution : Attribution
        From `stepped` with ``before``.
    before, after : Look
        At one moment of the market, on either side of the change.
    change : Change

    Returns
    -------
    Attribution
        The next step starts at ``after``.
    """
    store, key = attribution.store, change.row.key
    turned = _turned(before, after)
    closing = change.bucket is Bucket.SETTLEMENT
    if not closing:
        store = _new_episodes(store, turned, change)
    jumps, blind = _jumps(before, after)
    anchors = {
        name: anchor
        for name, anchor in attribution.anchors.items()
        if name in after.legs or name not in before.legs or name in blind
    }
    for name, leg in after.legs.items():
        if leg.value is not None and name not in blind:
            anchors[name] = Anchor(leg)
    if change.bucket is Bucket.CORRECTIONS:
        store = booked(store, _corrections(before, after, jumps, change))
    else:
        left = sum(jumps.values()) + change.fee_usd
        usd = {Bucket.FEES: -change.fee_usd, Bucket.SLIPPAGE: change.slippage_usd}
        usd[change.bucket] = 0.0 if key in blind else left - change.slippage_usd
        if key in blind:
            usd[Bucket.SLIPPAGE] = 0.0
            blind[key] = left
        usd = {bucket: amount for bucket, amount in usd.items() if amount}
        store = booked(store, [Entry(change.row, usd, utc_day(change.at), change.at)])
    after_blind = _blinded(anchors, after, blind)
    store = booked(store, _gone(attribution.anchors, after, blind, change))
    if closing:
        store = _new_episodes(store, turned, change)
    return replace(attribution, anchors=after_blind, store=store)


def jumped(before: Look, after: Look) -> float:
    """Change of worth between two looks at one moment of the market, USD, of what has a value."""
    return sum(_jumps(before, after)[0].values())


def row_of(leg: Leg) -> Row:
    """Where the amounts of a leg belong."""
    return Row(leg.key, leg.name, leg.underlying, leg.expiry, leg.venue)


def _jumps(before: Look, after: Look) -> tuple[dict[str, float], dict[str, float]]:
    """Change of value by key, and what changed while its value is unknown (with no cash yet)."""
    jumps: dict[str, float] = {}
    blind: dict[str, float] = {}
    for key in dict.fromkeys((*before.legs, *after.legs)):
        old, new = before.legs.get(key), after.legs.get(key)
        if old is not None and new is not None and _same(old, new) and old.value == new.value:
            continue
        first = old.value if old is not None else 0.0
        last = new.value if new is not None else 0.0
        if first is None or last is None:
            blind[key] = 0.0
        else:
            jumps[key] = last - first
    return jumps, blind


def _corrections(
    before: Look, after: Look, jumps: dict[str, float], change: Change
) -> list[Entry]:
    day = utc_day(change.at)
    return [
        Entry(
            row_of(after.legs.get(key) or before.legs[key]),
            {Bucket.CORRECTIONS: amount},
            day,
            change.at,
        )
        for key, amount in jumps.items()
        if amount
    ]


def _blinded(
    anchors: dict[str, Anchor], after: Look, blind: dict[str, float]
) -> dict[str, Anchor]:
    """Anchors with what was traded while its value is unknown; without what is gone."""
    found = dict(anchors)
    for key, cash in blind.items():
        leg = after.legs.get(key)
        if leg is None:
            found.pop(key, None)
            continue
        anchor = found.get(key) or Anchor(replace(leg, value=0.0))
        found[key] = replace(anchor, carried=anchor.carried + cash, blind=True)
    return found


def _gone(
    anchors: dict[str, Anchor], after: Look, blind: dict[str, float], change: Change
) -> list[Entry]:
    """What was closed while its value was unknown: all that it made since is a residual."""
    entries = []
    for key, cash in blind.items():
        anchor = anchors.get(key)
        if key in after.legs:
            continue
        value = (anchor.leg.value or 0.0) if anchor else 0.0
        usd = {Bucket.RESIDUAL: cash + (anchor.carried if anchor else 0.0) - value}
        row = row_of(anchor.leg) if anchor else change.row
        entries.append(Entry(row, usd, utc_day(change.at), change.at, Why.UNMARKED))
    return entries


def _unexplained(anchor: Anchor | None, leg: Leg, now: int) -> Entry:
    """Change of value that no Greek speaks of."""
    value = leg.value or 0.0
    why = Why.UNMARKED if anchor is not None and anchor.blind else Why.NEW_PRICE
    if anchor is not None:
        value += anchor.carried - (anchor.leg.value or 0.0)
    usd = {Bucket.RESIDUAL: value} if value else {}
    return Entry(row_of(leg), usd, utc_day(now), now, why)


def _same(first: Leg, second: Leg) -> bool:
    """Whether two looks are at the same holding."""
    return (
        first.size == second.size
        and first.entry == second.entry
        and first.strike == second.strike
        and first.in_coin == second.in_coin
    )


def _followed(look: Look) -> list[str]:
    """Underlyings of which something is held."""
    return [*dict.fromkeys(leg.underlying for leg in look.legs.values() if leg.kind != CASH)]


def _options(look: Look) -> dict[str, dict[str, float]]:
    """Sizes of the options held, by underlying."""
    found: dict[str, dict[str, float]] = {}
    for key, leg in look.legs.items():
        if leg.kind == "option":
            found.setdefault(leg.underlying, {})[key] = leg.size
    return found


def _turned(before: Look, after: Look) -> list[str]:
    """Underlyings whose options changed."""
    old, new = _options(before), _options(after)
    return [name for name in dict.fromkeys((*old, *new)) if old.get(name) != new.get(name)]


def _new_episodes(store: Store, underlyings: list[str], change: Change) -> Store:
    for underlying in underlyings:
        cause = f"{CAUSES[change.bucket]} of {change.row.name}"
        store = begin_episode(store, underlying, change.at, cause)
    return store


CAUSES = {
    Bucket.EDGE: "a fill",
    Bucket.SETTLEMENT: "the settlement",
    Bucket.CORRECTIONS: "a correction",
}


def _new_days(store: Store, look: Look, now: int) -> Store:
    """Begin the episode of the day where no options are held."""
    options, today = _options(look), utc_day(now)
    for underlying in _followed(look):
        known = store.episodes.get(underlying)
        if not known:
            store = begin_episode(store, underlying, now, "the first holding")
        elif underlying not in options and utc_day(known[-1].since) != today:
            store = begin_episode(store, underlying, now, "a new UTC day, no options held")
    return store


def _next_hour(now: int) -> int:
    return now - now % HOUR + HOUR
