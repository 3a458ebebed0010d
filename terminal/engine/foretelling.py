"""A new fit: kept for decisions; told of where a forecast went off or came back."""

from collections.abc import Iterator

from msgspec.structs import replace

from terminal.engine.state import State, Step
from terminal.market.state import fitted
from terminal.model.fits import FitEvent
from terminal.model.forecast import Foretold, Outlook
from terminal.model.messages import Alert


def on_fit(state: State, fit: FitEvent) -> Step:
    """Keep a fit; of an outlook say which of its forecasts changed between on and off.

    Parameters
    ----------
    state : State
    fit : FitEvent
        Of a coin whose policy uses it: others' are never recorded.
    """
    before = state.market.outlooks.get(fit.underlying)
    state = replace(state, market=fitted(state.market, fit))
    if before is None or not isinstance(fit, Outlook):
        return state, ()
    return state, tuple(_changes(before, fit))


def _changes(before: Outlook, after: Outlook) -> Iterator[Alert]:
    for was, now in zip(_used(before), _used(after), strict=True):
        of = f"{now.name} of {after.underlying}"
        if was.on and not now.on:
            yield Alert("warn", "FORECAST", f"{of} is off, and nothing is made of it: {now.reason}")
        elif now.on and not was.on:
            yield Alert("info", "FORECAST", f"{of} is on")


def _used(outlook: Outlook) -> tuple[Foretold, ...]:
    """Forecasts that a decision may use; the week ahead is only shown."""
    return outlook.day, outlook.season, outlook.spike
