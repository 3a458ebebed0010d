"""A decision told in plain words, with the record's own numbers."""

from collections.abc import Iterator

from terminal.core.units import iso_utc
from terminal.core.words import delta
from terminal.model.oracle import ADVISE_ONLY, Candidate, Decision
from terminal.model.regret import ENOUGH, RegretRow


def told(decision: Decision) -> str:
    """Tell a decision: what, why, what else, what would change it.

    Parameters
    ----------
    decision : Decision

    Returns
    -------
    str
        Lines for a terminal.
    """
    return "\n".join(_lines(decision))


def _lines(decision: Decision) -> Iterator[str]:
    stamp = iso_utc(decision.at)
    yield f"Decision {decision.number} on {decision.underlying}, {stamp}, {decision.profile}"
    yield decision.headline
    for reason in decision.why:
        yield f"  {reason}"
    if decision.guard:
        yield f"Stands against it: {decision.guard}"
    if decision.confidence is not None:
        advice = ", advice only: look before you send" if decision.confidence < ADVISE_ONLY else ""
        yield f"Confidence {decision.confidence:.2f}{advice}"
        for factor in decision.factors:
            value = "not known" if factor.value is None else f"{factor.value:.2f}"
            yield f"  {factor.name:<13} {value:>9}  {factor.text}"
    if decision.candidates:
        yield "What could be done (USD over a day; best first)"
        yield f"  {'':<28}{'delta after':>13}{'cost':>9}{'risk':>9}{'carry':>9}{'score':>10}"
        for each in decision.candidates:
            yield _candidate(each)
    fired = [each for each in decision.findings if each.fired]
    if fired:
        yield "Rules that fired"
    for finding in fired:
        then = f" -> {finding.proposes}" if finding.proposes else ""
        yield f"  {finding.rule:<4}{finding.name}: {finding.text}{then}"
    if decision.flips:
        yield "What would change it"
    for flip in decision.flips:
        yield f"  {flip.text}"
    edges = [
        f"{side} {price:,.2f}"
        for side, price in (("above", decision.next_up), ("below", decision.next_down))
        if price is not None
    ]
    if edges:
        yield f"Next hedge once it is done: {' or '.join(edges)}"


def _candidate(each: Candidate) -> str:
    mark = "*" if each.chosen else " "
    values = (each.cost, each.risk_day, each.carry_day, each.score)
    widths = (9, 9, 9, 10)
    cells = "".join(
        f"{'not known':>{width}}" if value is None else f"{value:>{width},.2f}"
        for value, width in zip(values, widths, strict=True)
    )
    return f"{mark} {each.action:<28}{delta(each.after):>13}{cells}"


def regret_told(found: tuple[RegretRow, ...]) -> str:
    """A line for each way of not following proposals, USD."""
    if not found:
        return "Every proposal was followed, or none was made."
    lines = ["Positive: following the proposal would have paid (USD)"]
    for each in found:
        error = "" if each.error_usd is None else f" ± {each.error_usd:,.2f}"
        mean = each.followed_usd / each.judged if each.judged else 0.0
        few = f", too few to say (under {ENOUGH})" if each.judged < ENOUGH else ""
        lines.append(
            f"{each.how:<9}{each.count:>5}; an hour later {each.better} of {each.judged} would have"
            f" paid, mean {mean:,.2f}{error}{few}; until the next hedge {each.always_usd:,.2f}"
            f" ({each.closed})"
        )
    return "\n".join(lines)
