"""What a run came to: the object that scripts read and the table that people read."""

from typing import Any

from terminal.core.units import iso_utc, seconds
from terminal.engine.attributing import split_pnl
from terminal.engine.desk import verdict_of
from terminal.engine.state import Drift, State


def outcome(state: State, records: int) -> dict[str, Any]:
    """Result of a run as one JSON object; the keys are a contract.

    Parameters
    ----------
    state : State
    records : int
        Records taken in this run.

    Returns
    -------
    dict
        ``attribution_usd`` sums to ``pnl_usd``; an unknown P&L is null.
    """
    counts, result = state.counts, split_pnl(state)
    return {
        "records": records,
        "proposals": counts.proposals,
        "approvals": counts.approvals,
        "denials": counts.denials,
        "orders": counts.orders,
        "fills": counts.fills,
        "hedge_cost_usd": counts.hedge_cost_usd,
        "pnl_usd": result.total if result else None,
        "attribution_usd": dict(result.buckets) if result else {},
        "underlyings": {name: _underlying(state, name) for name in state.desks},
        "mode": state.mode.value,
        "run": state.run,
        "ended_at": iso_utc(state.now),
        "halts": [halt.reason for halt in state.halts],
    }


def _underlying(state: State, name: str) -> dict[str, Any]:
    drift = state.drifts.get(name, Drift())
    return {
        "net_delta": state.desks[name].net,
        "max_abs_net_delta": drift.max_abs,
        "seconds_outside_band": seconds(drift.outside_ns),
        "traded_coin": drift.traded,
        "verdict": verdict_of(state, name),
    }


def table(result: dict[str, Any]) -> str:
    """The same for people."""
    lines = [f"{result['mode']} run {result['run']} until {result['ended_at']}"]
    keys = ("records", "proposals", "approvals", "denials", "orders", "fills")
    lines += [f"  {key:<14}{result[key]:>14,}" for key in keys]
    lines.append(f"  {'hedge cost':<14}{result['hedge_cost_usd']:>14,.2f} USD")
    pnl = result["pnl_usd"]
    lines.append(f"  {'P&L':<14}{'unknown' if pnl is None else f'{pnl:,.2f}':>14} USD")
    for bucket, amount in result["attribution_usd"].items():
        if amount:
            lines.append(f"    {bucket:<12}{amount:>14,.2f}")
    for name, each in result["underlyings"].items():
        net = each["net_delta"]
        lines.append(
            f"  {name}: net delta {'unknown' if net is None else f'{net:+.4f}'},"
            f" furthest {each['max_abs_net_delta']:.4f},"
            f" outside {each['seconds_outside_band']:,.0f} s, traded {each['traded_coin']:.4f}"
        )
    lines += [f"  halted: {reason}" for reason in result["halts"]]
    return "\n".join(lines)
