"""Why a perps-only mode cannot be armed."""

from terminal.model.greeks import Exposure
from terminal.model.synthetic import Synthetic, SyntheticKind

NAMES = {
    SyntheticKind.OFF: "perps-only mode",
    SyntheticKind.FADE_GRID: "fade grid",
    SyntheticKind.STRADDLE: "straddle replication",
    SyntheticKind.CARRY: "funding carry",
}
"""How a mode is called in a sentence."""


def unsound(terms: Synthetic, exposure: Exposure | None = None) -> str:
    """Say what is missing or in the way; empty when the mode may run.

    Parameters
    ----------
    terms : Synthetic
    exposure : Exposure, optional
        Of the underlying: options there are hedged by the policy, and two targets would fight.
    """
    name, problem = NAMES[terms.kind], ""
    if terms.kind is SyntheticKind.OFF:
        return ""
    if terms.max_inventory <= 0.0:
        problem = "has no maximum inventory: set one, in coin"
    elif terms.kind is SyntheticKind.CARRY:
        return ""
    elif terms.trend_limit <= 0.0:
        problem = "has no trend filter: set the drift, in sigmas, that counts as a trend"
    elif terms.gamma_1pct_usd <= 0.0:
        problem = "has no size: set the size per 1 %, in USD"
    elif exposure is not None and "option" in exposure.values:
        problem = (
            "is for books without options: the policy hedges those, and two targets for one coin "
            "are refused"
        )
    return f"{name} {problem}" if problem else ""
