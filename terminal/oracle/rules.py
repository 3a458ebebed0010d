"""The rules of the Oracle in their order; each says what it found, fired or not."""

from collections.abc import Callable
from typing import Final

from terminal.model.oracle import Finding
from terminal.oracle import rules_desk as desk
from terminal.oracle import rules_market as market
from terminal.oracle.facts import Facts

Rule = Callable[[Facts], Finding]

RULES: Final[tuple[Rule, ...]] = (
    desk.breach,
    desk.hard_cap,
    desk.cost_gate,
    market.regime,
    market.implied_spike,
    market.funding_ahead,
    market.thin,
    market.rent,
    market.edge,
    desk.expiry,
    desk.margin,
    desk.integrity,
    desk.stale,
    desk.churn,
)


def findings(facts: Facts) -> tuple[Finding, ...]:
    """What every rule found, R1 to R14."""
    return tuple(rule(facts) for rule in RULES)
