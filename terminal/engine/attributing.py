"""Attribution of the P&L: when its steps end, and what moved the account between them."""

from msgspec import Struct
from msgspec.structs import replace

from terminal.core.units import utc_day
from terminal.engine.context import greeks_age
from terminal.engine.state import State
from terminal.market.state import spot
from terminal.model.account import FundingPaid
from terminal.model.attribution import AttributionView, Bucket
from terminal.model.instrument import Future, Instrument, Option
from terminal.model.order import Fill, signed
from terminal.portfolio.accounts import Account
from terminal.portfolio.accounts import moved as moved_account
from terminal.portfolio.attribution import Attribution, Change, begun, jumped, moved, stepped
from terminal.portfolio.attribution_legs import Look, looked, venue_of
from terminal.portfolio.attribution_store import Entry, Row, booked, totals
from terminal.portfolio.books import Books, refreshed
from terminal.portfolio.exposure import Lens, survey
from terminal.portfolio.holding import is_inverse
from terminal.portfolio.pnl import DOLLARS
from terminal.pricing.engines import load
from terminal.risk.activity import transferred


class Result(Struct, frozen=True):
    """P&L since the opening, USD: ``buckets`` sum to ``total``, which is None while unknown."""

    total: float | None
    buckets: dict[str, float]


def is_due(state: State) -> bool:
    """Whether the step under way must end, or the first one begin."""
    attribution = state.attribution
    return attribution is None or state.now >= attribution.due


def look(state: State) -> Look:
    """Everything held, at the market of this moment.

    The survey is one of its own: what it finds is a function of the saved state alone, so that a
    restart changes no step, and no decision sees it.
    """
    books = refreshed(state.books or Books(), state.market.instruments, state.ledger)
    lens = Lens(
        underlyings=state.desks,
        now=state.now,
        working={},
        greeks_age=greeks_age(state.profile),
        engine=load(state.pricing),
    )
    found = survey(state.market, state.ledger, books, lens, state.views or {})
    return looked(found.views, state.ledger, books)


def advanced(state: State) -> State:
    """State whose step has ended now; the attribution begins when the P&L has.

    Parameters
    ----------
    state : State
        Every underlying was looked at just now: its views and books are of this moment.
    """
    if state.opening is None:
        return state
    seen = looked(state.views, state.ledger, state.books)
    attribution = state.attribution
    if attribution is not None:
        return replace(state, attribution=stepped(attribution, seen, state.now))
    if seen.missing:
        return state
    attribution = begun(seen, state.now)
    brought = _worth(seen) - state.opening.equity
    if brought:  # of a run that was saved before its P&L was attributed
        row = Row("", "before the attribution", "", 0, "")
        usd = {Bucket.CORRECTIONS: brought}
        entry = Entry(row, usd, utc_day(state.now), state.now)
        attribution = replace(attribution, store=booked(attribution.store, [entry]))
    return replace(state, attribution=attribution)


def attributed(before: State, after: State, change: Change) -> State:
    """State after a change of its ledger, with the change in its attribution.

    Parameters
    ----------
    before, after : State
        At one record, on either side of the change.
    change : Change
    """
    attribution: Attribution | None = before.attribution
    if attribution is None:
        return after
    seen = look(before)
    closed = stepped(attribution, seen, before.now)
    return replace(after, attribution=moved(closed, seen, look(after), change))


def entered(before: State, after: State, change: Change) -> State:
    """State after a record about one instrument changed the ledger, in both of its other books."""
    after = attributed(before, after, change)
    key = change.row.key
    venue = key.rpartition("@")[2]
    known = after.accounts.get(venue) or Account()
    account = moved_account(known, before.ledger, after.ledger, key, after.now)
    return replace(after, accounts={**after.accounts, venue: account})


def corrected(before: State, after: State, row: Row) -> State:
    """State after word of the venue put positions or cash right: no P&L of the day or the week.

    What has no price at this moment counts as P&L once it has one: it cannot be told apart then.
    """
    change = Change(bucket=Bucket.CORRECTIONS, row=row, at=before.now)
    noted = attributed(before, after, change)
    if before.opening is None:
        return noted
    usd = jumped(look(before), look(after))
    worth = None if before.equity is None else before.equity + usd
    return replace(noted, activity=transferred(before.activity, usd), equity=worth)


def fill_change(state: State, instrument: Instrument, fill: Fill, decided: float) -> Change:
    """What a fill moves; ``decided`` is the mid that was decided on, 0 without one."""
    contract = instrument.contract
    fee_price = _price(state, fill.fee_currency)
    settle_price = _price(state, contract.settle)
    slippage = 0.0
    if decided > 0.0 and settle_price is not None:
        price = float(fill.price)
        size = float(signed(fill.side, fill.qty) * contract.multiplier)
        gap = price - decided
        worse = size * (gap / price / decided if is_inverse(instrument) else gap)
        slippage = -worse * settle_price
    return Change(
        bucket=Bucket.EDGE,
        row=row_of_key(state, fill.key),
        at=state.now,
        fee_usd=float(fill.fee) * fee_price if fee_price is not None else 0.0,
        slippage_usd=slippage,
    )


def payment_change(state: State, paid: FundingPaid) -> Change:
    """What a funding payment moves, or a borrow fee."""
    bucket = Bucket.BORROW if paid.borrow else Bucket.FUNDING
    return Change(bucket=bucket, row=row_of_key(state, paid.key), at=state.now)


def row_of_key(state: State, key: str) -> Row:
    """Where amounts of an instrument belong, though nothing of it is held any more."""
    instrument = state.market.instruments.get(key)
    if instrument is None:
        return Row(key, key.partition("@")[0], "", 0, venue_of(key))
    contract = instrument.contract
    expiry = instrument.expiry if isinstance(instrument, Future | Option) else 0
    return Row(key, contract.symbol, contract.base, expiry, contract.venue)


def attribution_view(state: State) -> AttributionView:
    """P&L by cause at this moment, the step under way included."""
    if state.attribution is None or state.opening is None:
        missing = "it starts once everything held has a price"
        return AttributionView(missing=missing, at=state.now)
    seen = look(state)
    store = stepped(state.attribution, seen, state.now).store
    return AttributionView(
        cells=tuple(store.cells.values()),
        legs=tuple(store.legs.values()),
        episodes=tuple([each for known in store.episodes.values() for each in known]),
        worst=tuple(store.worst.values()),
        total=None if seen.missing else _worth(seen) - state.opening.equity,
        missing=seen.missing,
        at=state.now,
    )


def split_pnl(state: State) -> Result | None:
    """P&L since the opening by its causes; None before the first moment that had all prices."""
    if state.opening is None:
        return None
    view = attribution_view(state)
    if view.total is None:
        return Result(None, {})
    buckets = totals(view.cells)
    rest = sum(buckets.values()) - buckets[Bucket.RESIDUAL]
    buckets[Bucket.RESIDUAL] = view.total - rest  # with what rounding left over
    return Result(view.total, {bucket.value: usd for bucket, usd in buckets.items()})


def _worth(seen: Look) -> float:
    return sum(leg.value or 0.0 for leg in seen.legs.values())


def _price(state: State, currency: str) -> float | None:
    return 1.0 if currency in DOLLARS else spot(state.market, currency)
