"""Alerts in the engine: looked at once a second of engine time, changed by a person's word."""

from collections.abc import Iterator
from typing import assert_never

from msgspec.structs import replace

from terminal.core.units import SECOND, VOL_POINT, from_seconds, iso_utc
from terminal.engine.alert_conditions import LOOKBACK, conditions, told_by
from terminal.engine.alert_facts import fact_conditions
from terminal.engine.alert_margins import margin_conditions, margins
from terminal.engine.frames import at_the_money
from terminal.engine.state import AlertWatch, State, Step
from terminal.market.volatility import annual_vol
from terminal.model.alert import AlertSettings, Dispatch, Outcome, Tier
from terminal.model.messages import (
    AckAlert,
    Alert,
    AlertCommand,
    Dispatched,
    Effect,
    Mode,
    Notify,
    SetAlerts,
    SnoozeAlert,
    TryAlerts,
)
from terminal.risk.alert_machine import (
    AlertBook,
    Condition,
    acknowledged,
    advance,
    answered,
    snoozed,
    tried,
)
from terminal.risk.alert_rules import completed, defaults

EVERY = SECOND
HOLD = 5 * SECOND
"""How long something that happened in a moment counts as being so."""

VOLS_EVERY = 15 * SECOND
LEVELS = {Tier.INFO: "info", Tier.WATCH: "warn", Tier.HIGH: "warn", Tier.CRITICAL: "crit"}


def settings_of(state: State) -> AlertSettings:
    """Rules in use."""
    settings = state.alerts.settings
    return completed(settings) if settings else defaults()


def heard(state: State, effects: tuple[Effect, ...]) -> State:
    """State that remembers what one record's effects tell, until it is looked at."""
    if state.mode is Mode.BACKTEST:
        return state
    told = tuple((each, state.now + HOLD) for each in told_by(effects))
    if not told:
        return state
    watch = state.alerts
    return replace(state, alerts=replace(watch, heard=(*watch.heard, *told)[-100:]))


def watch(state: State) -> Step:
    """Look at everything that is worth an alert, once a second; a backtest alerts nobody."""
    seen = state.alerts
    if state.mode is Mode.BACKTEST or state.now - seen.seen_at < EVERY:
        return state, ()
    settings = settings_of(state)
    still = tuple(each for each in seen.heard if each[1] > state.now)
    state = _levelled(
        replace(state, alerts=replace(seen, seen_at=state.now, heard=still)), settings
    )
    so = {each.alert_id: each for each, _ in still}
    so |= {each.alert_id: each for each in conditions(state, settings.rules)}
    so |= {each.alert_id: each for each in (*_moved(state, settings), *_margins(state, settings))}
    so |= {each.alert_id: each for each in fact_conditions(state, settings.rules)}
    book, told = advance(seen.book, so.values(), settings, state.now)
    return _with_book(state, book), _effects(told, state.mode)


def _with_book(state: State, book: AlertBook) -> State:
    if book == state.alerts.book:
        return state
    return replace(state, alerts=replace(state.alerts, book=book))


def _effects(told: tuple[Dispatch, ...], mode: Mode) -> tuple[Effect, ...]:
    """Tell each by its channels, and write it in the log."""
    return tuple(
        effect
        for each in told
        for effect in (
            Alert(LEVELS[each.tier], "ALERT", f"{each.tier.value} #{each.number}: {each.text}"),
            Notify(each, mode),
        )
    )


def _levelled(state: State, settings: AlertSettings) -> State:
    """State that knows margins and volatilities of now, and volatilities of a look-back ago."""
    watch_ = state.alerts
    if state.now - watch_.vols_at < VOLS_EVERY:
        return state
    now, then = {}, dict(watch_.before)
    for coin in state.desks:
        variance = state.market.variance.get(coin)
        values = {
            "iv": at_the_money(state.market, coin, state.now),
            "rv": annual_vol(variance) if variance else None,
        }
        for kind, value in values.items():
            name = f"{kind} {coin}"
            if value is None:
                continue
            now[name] = value
            if state.now - then.get(name, (0, 0.0))[0] >= LOOKBACK[kind]:
                then[name] = state.now, value
    near = settings.rules["liquidation_near"].limit
    levels: AlertWatch = replace(
        watch_, vols_at=state.now, vols=now, before=then, margins=margins(state, near)
    )
    return replace(state, alerts=levels)


def _moved(state: State, settings: AlertSettings) -> Iterator[Condition]:
    """Volatilities that have moved far from where they were."""
    watch_ = state.alerts
    for name, value in watch_.vols.items():
        kind, _, coin = name.partition(" ")
        before = watch_.before[name][1]
        if kind == "iv" and abs(value - before) > settings.rules["iv_jump"].limit * VOL_POINT:
            text = f"{coin}: volatility at the money {100 * before:.1f} to {100 * value:.1f} %"
            yield Condition("iv_jump", coin, text)
        elif kind == "rv" and before > 0.0 and value >= settings.rules["rv_regime"].limit * before:
            text = f"{coin}: realised volatility {100 * before:.0f} to {100 * value:.0f} %"
            yield Condition("rv_regime", coin, text)


def _margins(state: State, settings: AlertSettings) -> Iterator[Condition]:
    """Margin and liquidation as they were last looked at."""
    if state.profile is None:
        return iter(())
    rules = settings.rules
    return margin_conditions(
        state.alerts.margins,
        state.profile,
        near=rules["margin_near"].limit,
        distance_pct=rules["liquidation_near"].limit,
    )


def obey_alert(state: State, command: AlertCommand) -> Step:
    """Carry out a command about alerts, or take the word of a channel."""
    book, now = state.alerts.book, state.now
    match command:
        case AckAlert(alert_id):
            text = f"acknowledged: {alert_id or 'every alert'}"
            return _with_book(state, acknowledged(book, alert_id, now)), (_line(text),)
        case SnoozeAlert(alert_id, span):
            until = now + from_seconds(min(max(span, 0.0), 86_400.0))
            text = f"{alert_id} is silent until {iso_utc(until)}"
            return _with_book(state, snoozed(book, alert_id, until)), (_line(text),)
        case TryAlerts():
            book = tried(book, settings_of(state), now)
            return _with_book(state, book), _effects(book.dispatches[-1:], state.mode)
        case SetAlerts(settings):
            count = sum(1 for rule in settings.rules.values() if rule.on)
            changed = replace(state.alerts, settings=settings)
            return replace(state, alerts=changed), (_line(f"{count} rules are on"),)
        case Dispatched(number, channel, ok, detail):
            outcome = Outcome(channel, ok, detail, now)
            after = answered(book, number, outcome)
            if after == book:
                return state, ()
            level, word = ("info", "told") if ok else ("warn", "NOT told")
            text = f"#{number} {word} by {channel.value}: {detail}"
            return _with_book(state, after), (Alert(level, "ALERT", text),)
        case _:
            assert_never(command)


def _line(text: str) -> Alert:
    return Alert("info", "ALERT", text)
