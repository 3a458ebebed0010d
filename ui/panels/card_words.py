"""The small print of a card: the figures behind a proposal, and how long they hold."""

from terminal.core.units import BPS, SECOND
from terminal.model.hedge import Proposal
from terminal.model.risk import Style
from ui.dialogs.proposal_words import exact
from ui.format import UNKNOWN, age, bps, usd
from ui.panels.style_words import ACTS

FACTS = (
    "Limit",
    "Execution",
    "Instead",
    "Fee",
    "Spread",
    "Impact",
    "Data age",
    "Total cost",
    "Risk removed",
    "Rule",
    "Proposal",
)
"""Labels of ``facts``, in the same order."""

WIDE_FACTS = frozenset(
    {"Limit", "Execution", "Instead", "Total cost", "Risk removed", "Rule", "Proposal"}
)
"""Facts whose value needs a row of its own."""


def facts(proposal: Proposal, now: int) -> tuple[str, ...]:
    """Values under ``FACTS``; the age of the data is its age now, not when it was used."""
    cost = proposal.cost
    share = bps(cost.total / proposal.usd / BPS) if proposal.usd > 0.0 else UNKNOWN
    saved = proposal.risk_removed_usd
    return (
        exact(proposal.limit),
        _style(proposal.plan.style, proposal.plan.cost_usd),
        _style(proposal.plan.other, proposal.plan.other_cost_usd),
        usd(cost.fee),
        usd(cost.spread),
        usd(cost.impact),
        age(proposal.data_age + max(0, now - proposal.created_at)),
        f"{usd(cost.total)} · {share}",
        UNKNOWN if saved is None else f"{usd(saved, 0)} a day",
        proposal.target.rule,
        f"{proposal.proposal_id} rev {proposal.revision}",
    )


def _style(style: Style | None, cost: float | None) -> str:
    """A way to execute with its expected cost, which is less sure than that of crossing."""
    if style is None:
        return UNKNOWN
    return f"{ACTS[style]} · about {usd(cost)}"


def seconds_left(proposal: Proposal, now: int) -> int:
    """Whole seconds until the proposal lapses, rounded up; 0 only once it has lapsed."""
    return max(0, -((now - proposal.expires_at) // SECOND))
