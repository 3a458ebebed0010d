"""What a venue states of a trial's account, and the wait until it is compared."""

from decimal import Decimal

from msgspec.structs import replace

from terminal.engine.context import halts_of
from terminal.model.account import AccountSnapshot, Balance, OpenOrder, Position
from terminal.model.messages import (
    Mode,
)
from terminal.model.order import Side
from terminal.risk.halts import HaltCode
from tests.helpers.builders import FUTURE, OPTION, PERP
from tests.helpers.trial import Trial, alerts

GRACE_S = 5.0
"""Seconds after which a statement is compared."""


def live(trial: Trial) -> Trial:
    """Let the trial's venue be one that is asked."""
    trial.state = replace(trial.state, mode=Mode.LIVE)
    return trial


def truth(trial: Trial, **changed: str) -> AccountSnapshot:
    """State the account as the books have it, with quantities or USDC changed."""
    ledger = trial.state.ledger
    named = {"perp": PERP, "future": FUTURE, "option": OPTION}
    qty = {key: each.qty for key, each in ledger.positions.items()}
    cash = dict(ledger.cash)
    for name, amount in changed.items():
        if name in named:
            qty[named[name]] = qty.get(named[name], Decimal(0)) + Decimal(amount)
        else:
            cash[name] = cash.get(name, Decimal(0)) + Decimal(amount)
    return AccountSnapshot(
        "sim",
        tuple(Position(key, each, Decimal(50_000)) for key, each in qty.items()),
        tuple(Balance(currency, amount) for currency, amount in cash.items()),
    )


def compare(trial: Trial, snapshot: AccountSnapshot) -> str:
    """Let a statement come, and the time pass after which it is compared."""
    trial.tick(2 * GRACE_S + 1)
    trial.tell(snapshot)
    said = alerts(trial.tick(GRACE_S + 0.25)).splitlines()
    return "\n".join(each for each in said if "RECONCILE" in each or "ACCOUNT" in each)


def locked(trial: Trial) -> list[HaltCode]:
    """Codes of the halts of the trial's coin."""
    return [each.code for each in halts_of(trial.state, "BTC")]


def resting(qty: str = "2", limit: str | None = "50000", **more: str | bool) -> OpenOrder:
    """Make an order to sell that rests at the venue."""
    made = OpenOrder(
        venue_id="v1",
        key=PERP,
        side=Side.SELL,
        qty=Decimal(qty),
        limit=Decimal(limit) if limit else None,
    )
    return replace(made, **more)
