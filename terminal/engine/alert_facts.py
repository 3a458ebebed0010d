"""What is worth an alert of the drive, the keys, and how near venues are to closing positions."""

from collections.abc import Iterator

from terminal.core.units import DAY
from terminal.core.words import amount
from terminal.engine.state import State, position
from terminal.market.state import mid
from terminal.model.alert import AlertRule
from terminal.model.facts import ForcedRow
from terminal.risk.alert_machine import Condition
from terminal.risk.halts import HaltCode

GIGABYTE = 1e9


def fact_conditions(state: State, rules: dict[str, AlertRule]) -> Iterator[Condition]:
    """Everything of it that is so now."""
    facts = state.facts
    if facts.disk is not None and facts.disk.free < rules["disk_low"].limit * GIGABYTE:
        left = facts.disk.free / GIGABYTE
        yield Condition("disk_low", "", f"the journal's drive has {left:.1f} GB left")
    for halt in state.halts:
        if halt.code is HaltCode.FAULT and halt.reason.startswith("JOURNAL:"):
            yield Condition("journal_failed", "", f"{halt.reason}. Nothing trades until then")
    within = rules["key_expires"].limit * DAY
    for account, key in facts.keys.items():
        if key.wrong:
            yield Condition("key_rights", account, f"key of {account}: {'; '.join(key.wrong)}")
        if key.expires_at and key.expires_at - state.now < within:
            days = (key.expires_at - state.now) / DAY
            when = f"ends in {days:.1f} days" if days > 0.0 else "has ended"
            yield Condition("key_expires", account, f"key of {account} {when}: make a new one")
    for told in facts.forced.values():
        for row in told.rows:
            if position(state, row.key):
                yield from _forced(state, row, rules)


def _forced(state: State, row: ForcedRow, rules: dict[str, AlertRule]) -> Iterator[Condition]:
    """Conditions of one position that is held."""
    if row.queue is not None and row.queue >= rules["adl_near"].limit:
        text = (
            f"{row.key}: {100.0 * row.queue:.0f} % up the venue's line to be closed by it (ADL),"
            " reduce to leave it"
        )
        yield Condition("adl_near", row.key, text)
    seen = state.market.quotes.get(row.key)
    price = None
    if seen is not None and not seen.flaw:
        price = seen.quote.mark or mid(seen.quote)
    if row.liquidation is None or not price:
        return
    away = 100.0 * abs(row.liquidation / price - 1.0)
    if away < rules["liquidation_near"].limit:
        text = f"{row.key}: the venue liquidates at {amount(row.liquidation)}, {away:.1f} % away"
        yield Condition("liquidation_near", row.key, text)
