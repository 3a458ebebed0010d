"""A book with positions that it does not have: Greeks, hedge candidates, a map of P&L."""

from collections.abc import Iterator
from decimal import Decimal

import numpy as np
from msgspec.structs import replace

from terminal.core.units import BPS
from terminal.engine.context import greeks_age, inputs_for
from terminal.engine.state import State
from terminal.hedging.centre import centre
from terminal.hedging.inputs import HedgeInputs, Instrumental
from terminal.hedging.legs import cost, size, too_small
from terminal.market.state import Market, mid, spot
from terminal.model.greeks import DeltaKind, Exposure, net_delta
from terminal.model.instrument import (
    Future,
    Instrument,
    Option,
    Perpetual,
    Spot,
    coin_settled,
    coins,
)
from terminal.model.order import Fill, Side
from terminal.model.what_if import Candidate, SupposedLeg, WhatIf, WhatIfView
from terminal.portfolio.books import Books, refreshed
from terminal.portfolio.exposure import Lens, View, survey
from terminal.portfolio.ledger import Ledger, book_fill
from terminal.portfolio.option_inputs import sound_mark
from terminal.portfolio.revaluation import Built, Cash, holdings_of
from terminal.portfolio.scenarios import Axes, scenario_grid
from terminal.pricing.engines import load

AXES = Axes(
    spots=tuple(np.linspace(-0.2, 0.2, 41).round(4).tolist()),
    vols=tuple(np.linspace(-0.5, 0.5, 21).round(4).tolist()),
    days=(0.0, 1.0, 3.0, 7.0, 14.0),
)
MOST_LEGS = 50


class _Unanswerable(Exception):
    """Why a question has no answer."""


def answer(state: State, question: WhatIf) -> WhatIfView:
    """Answer a question about a book as it is known now.

    Parameters
    ----------
    state : State
    question : WhatIf

    Returns
    -------
    WhatIfView
        Its ``fault`` says why there is no answer: an instrument that is not listed, a size that is
        not a number of lots, a price that is unknown.

    Notes
    -----
    Positions are supposed at their marks and booked as fills without a fee, so that combining them
    with what is held follows the ledger's own rules.
    """
    name = question.underlying
    listed = tuple(_listed(state.market, name))
    blank = WhatIfView(question=question, at=state.now, fault="", listed=listed)
    try:
        before = _viewed(state, state.ledger, name)
        after = _viewed(state, _supposed(state, question), name)
    except _Unanswerable as why:
        return replace(blank, fault=str(why))
    built = _holdings(after[0])
    grid = scenario_grid(built.holdings, AXES, engine=after[0].scene.engine)
    return replace(
        blank,
        spot=after[0].scene.spot,
        spots=AXES.spots,
        vols=AXES.vols,
        days=AXES.days,
        pnl_usd=grid.pnl_usd,
        delta=grid.delta,
        gamma=grid.gamma,
        before=before[1].total,
        after=after[1].total,
        cost_usd=_crossing(state.market, name, question.legs),
        candidates=_candidates(state, name, after[1]),
        missing=built.missing,
    )


def _listed(market: Market, underlying: str) -> Iterator[str]:
    for key, instrument in market.instruments.items():
        if instrument.contract.base == underlying and not isinstance(instrument, Spot):
            yield key


def _supposed(state: State, question: WhatIf) -> Ledger:
    """Ledger with the supposed positions booked at their marks."""
    ledger, market = state.ledger, state.market
    if len(question.legs) > MOST_LEGS:
        raise _Unanswerable(f"{len(question.legs)} legs are too many: at most {MOST_LEGS}")
    for number, leg in enumerate(question.legs):
        instrument = _instrument(market, question.underlying, leg)
        mark = sound_mark(market, leg.key)
        if mark is None or mark <= 0.0:
            raise _Unanswerable(f"{leg.key} has no price now: take another instrument")
        contract = instrument.contract
        fill = Fill(
            fill_id=f"supposed-{number}",
            order_id="",
            key=leg.key,
            side=Side.BUY if leg.qty > 0 else Side.SELL,
            qty=abs(leg.qty),
            price=Decimal(repr(mark)),
            fee=Decimal(0),
            fee_currency=contract.settle,
            maker=False,
        )
        ledger = book_fill(ledger, instrument, fill)
    return ledger


def _instrument(market: Market, underlying: str, leg: SupposedLeg) -> Instrument:
    instrument = market.instruments.get(leg.key)
    if instrument is None or instrument.contract.base != underlying:
        raise _Unanswerable(f"{leg.key} is not listed for {underlying}: choose one of the list")
    lot = instrument.contract.lot
    if not leg.qty.is_finite() or leg.qty == 0 or leg.qty % lot != 0:
        raise _Unanswerable(f"{leg.qty} of {leg.key} is not a whole number of lots of {lot}")
    return instrument


def _viewed(state: State, ledger: Ledger, name: str) -> tuple[View, Exposure]:
    lens = Lens(
        underlyings=(name,),
        now=state.now,
        working={},
        greeks_age=greeks_age(state.profile),
        engine=load(state.pricing),
        policies=state.profile.policies if state.profile else {},
    )
    books = refreshed(Books(), state.market.instruments, ledger)
    found = survey(state.market, ledger, books, lens, {})
    view, exposure = found.views[name], found.exposures[name]
    if view is None or exposure.unpriced:
        raise _Unanswerable(exposure.flag or f"{name} has no price now")
    return view, exposure


def _holdings(view: View) -> Built:
    book, market = view.sheet.book, view.scene.market
    marks = {each.key: sound_mark(market, each.key) for each in book.futures}
    return holdings_of(
        book,
        view.sheet.inputs,
        {key: mark for key, mark in marks.items() if mark is not None},
        spot=view.scene.spot,
        now=view.scene.now,
        cash=Cash(coins=float(view.balance)),
    )


def _crossing(market: Market, name: str, legs: tuple[SupposedLeg, ...]) -> float | None:
    """Taker fees and half spreads of the supposed legs, USD; None where a side is missing."""
    total, index = 0.0, spot(market, name)
    for leg in legs:
        seen, contract = market.quotes.get(leg.key), market.instruments[leg.key].contract
        if index is None or seen is None or seen.quote.bid is None or seen.quote.ask is None:
            return None
        held = abs(coins(contract, float(leg.qty), mid(seen.quote) or index))
        is_coin_premium = isinstance(market.instruments[leg.key], Option) and coin_settled(contract)
        unit = index if is_coin_premium else 1.0
        total += 0.5 * (seen.quote.ask - seen.quote.bid) * unit * held
        total += contract.taker_bps * BPS * held * index
    return total


def _candidates(state: State, name: str, exposure: Exposure) -> tuple[Candidate, ...]:
    """Orders in each perpetual and future that bring delta to the centre of the policy."""
    spec = state.profile.policies.get(name) if state.profile else None
    net = net_delta(exposure, spec.delta if spec else DeltaKind.BLACK_SCHOLES)
    if net is None or exposure.spot is None:
        return ()
    inputs = inputs_for(state, name, state.desks[name]) if name in state.desks else None
    goal = spec.target if spec else 0.0
    if isinstance(inputs, HedgeInputs):
        goal = centre(replace(inputs, exposure=exposure))
    amount, found = goal - net, []
    for key, instrument in state.market.instruments.items():
        contract, seen = instrument.contract, state.market.quotes.get(key)
        if contract.base != name or not isinstance(instrument, Perpetual | Future) or seen is None:
            continue
        chosen = size(contract, amount, exposure.spot)
        if too_small(contract, chosen):
            continue
        side = Side.BUY if amount > 0.0 else Side.SELL
        hedge = Instrumental(
            contract=contract, book=seen, depth=state.market.depth.get(key), position=Decimal(0)
        )
        paid = None if mid(seen.quote) is None else cost(hedge, side, chosen).total
        found.append(
            Candidate(key, contract.symbol, side, chosen.qty, chosen.coins, chosen.usd, paid)
        )
    return tuple(sorted(found, key=lambda each: (each.cost_usd is None, each.cost_usd or 0.0)))
