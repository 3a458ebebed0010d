"""From an older program's strategy or persona to a risk profile, every assumption said."""

import math
from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from terminal.core.errors import ConfigError
from terminal.model.risk import PolicyKind, RiskProfile, Style
from terminal.oracle.legacy import Legacy, Persona, Strategy, resolved

HEDGING: Final = "dynamic_hedging"
CAPITAL_USD: Final = 1e6
"""Risk capital that a relative risk aversion is divided by, as the presets are."""

DEGEN_RRA, CAUTIOUS_RRA = 3.0, 100.0
WEIGHT_OF_DEGEN, WEIGHT_OF_CAUTIOUS = 0.3, 0.7
LEAST_RRA, MOST_RRA = 1.0, 300.0

LEVELS: Final = {
    "very_low": "cautious",
    "low": "cautious",
    "moderate": "balanced",
    "medium": "balanced",
    "high": "degen",
}
INDICATORS: Final = frozenset({"IV", "RV", "FundingRates"})
EVENTS: Final = frozenset({"price_jump", "volatility_spike"})
TRIGGERS: Final = EVENTS | {"delta_threshold_breach"}
KNOWN: Final = frozenset(
    {
        "hedging_frequency",
        "target_delta",
        "rebalancing_trigger",
        "trade_type_preference",
        "volatility_indicators",
        "execution_constraints",
        "risk_tolerance",
        "risk_level",
        "leverage_bias",
    }
)


class Imported(Struct, frozen=True):
    """A profile made of an older file, and what had to be assumed on the way."""

    profile: RiskProfile
    assumptions: tuple[str, ...]
    deprecated: bool


def risk_aversion(weight: float) -> float:
    """Relative risk aversion of a persona by its weight of dynamic hedging.

    Notes
    -----
    3 (100/3)^((w - 0.3) / 0.4), held between 1 and 300 (hedging.md 1.5): 0.3 is the most daring of
    the old personas and 0.7 the most careful.
    """
    span = WEIGHT_OF_CAUTIOUS - WEIGHT_OF_DEGEN
    power = (weight - WEIGHT_OF_DEGEN) / span
    found: float = DEGEN_RRA * (CAUTIOUS_RRA / DEGEN_RRA) ** power
    return min(max(found, LEAST_RRA), MOST_RRA)


def imported(legacy: Legacy, presets: Mapping[str, RiskProfile], name: str = "") -> Imported:
    """Make a profile of what a file holds.

    Parameters
    ----------
    legacy : Legacy
    presets : mapping
        Profiles that ship, by their names in any case; limits that the file does not know come
        from the nearest of them.
    name : str
        Strategy or persona to take; the first of the file without.

    Raises
    ------
    ConfigError
        The file has none of that name, or a value of the wrong type or beyond its range.
    """
    chosen = _chosen(legacy, name)
    known = {each.name: each for each in legacy.strategies}
    said = [f"left out: {each}" for each in legacy.ignored]
    if isinstance(chosen, Persona):
        modifiers = resolved(chosen, known)
        said += [
            f"strategy {each} of the persona is not in the file: it adds nothing"
            for each in chosen.weights
            if each not in known
        ]
        weight = chosen.weights.get(HEDGING)
    else:
        modifiers, weight = dict(chosen.modifiers), None
    lower = {key.lower(): value for key, value in presets.items()}
    base, words = _base(modifiers, weight, lower)
    said += words
    profile, more = _applied(base, modifiers)
    title = chosen.name.replace("_", " ").capitalize()
    about = str(chosen.raw.get("description") or "Imported from the older program.")
    said += more
    return Imported(
        replace(profile, name=title, about=about),
        tuple(said),
        isinstance(chosen, Strategy) and chosen.deprecated,
    )


def _chosen(legacy: Legacy, name: str) -> Strategy | Persona:
    both: tuple[Strategy | Persona, ...] = (*legacy.personas, *legacy.strategies)
    if not name:
        return both[0]
    for each in both:
        if each.name.lower() == name.lower():
            return each
    names = ", ".join(each.name for each in both)
    raise ConfigError(f"the file has no {name!r}: it holds {names}")


def _base(
    modifiers: Mapping[str, Any], weight: float | None, presets: Mapping[str, RiskProfile]
) -> tuple[RiskProfile, list[str]]:
    """Preset that the limits come from."""
    level = modifiers.get("risk_tolerance") or modifiers.get("risk_level")
    if weight is not None:
        rra = risk_aversion(weight)
        steps = {
            name: abs(math.log(presets[name].risk_aversion * CAPITAL_USD / rra)) for name in presets
        }
        nearest = min(steps, key=lambda each: steps[each])
        profile = replace(presets[nearest], risk_aversion=rra / CAPITAL_USD)
        text = (
            f"weight {weight:g} of {HEDGING}: relative risk aversion {rra:.3g}, for a capital of"
            f" {CAPITAL_USD:,.0f} USD; other limits are those of {presets[nearest].name}"
        )
        return profile, [text]
    if isinstance(level, str) and level in LEVELS:
        profile = presets[LEVELS[level]]
        return profile, [f"risk {level}: limits are those of {profile.name}"]
    words = [] if level is None else [f"risk {level!r} is not known: ignored"]
    return presets["balanced"], [*words, "limits that the file does not know are those of Balanced"]


def _applied(base: RiskProfile, modifiers: Mapping[str, Any]) -> tuple[RiskProfile, list[str]]:
    """The base with what the file says, and what that was taken to mean."""
    said = list[str]()
    profile = _policies(base, modifiers, said)
    profile = _execution(profile, modifiers, said)
    bias = modifiers.get("leverage_bias")
    if bias == "max":
        profile = replace(profile, gross_leverage=10.0)
        said.append("leverage_bias max: 10 x equity, which is the ceiling; never without one")
    elif bias is not None:
        said.append(f"leverage_bias {bias!r} is not known: ignored")
    indicators = modifiers.get("volatility_indicators", [])
    for each in _strings("volatility_indicators", indicators):
        if each not in INDICATORS:
            said.append(f"indicator {each!r} is not known: ignored, and kept in the file")
    said += [
        f"{key} is not known: ignored, and kept in the file"
        for key in modifiers
        if key not in KNOWN
    ]
    return profile, said


def _policies(profile: RiskProfile, modifiers: Mapping[str, Any], said: list[str]) -> RiskProfile:
    """Target and policy of every coin."""
    target = _number("target_delta", modifiers.get("target_delta", 0.0))
    if target:
        said.append(f"target_delta {target:g} is taken as coin, for every underlying")
    triggers = _strings("rebalancing_trigger", modifiers.get("rebalancing_trigger", []))
    kind = PolicyKind.WHALLEY_WILMOTT
    if modifiers.get("hedging_frequency") == "adaptive" and EVENTS & set(triggers):
        kind = PolicyKind.HYBRID
        said.append("adaptive with events: hybrid, every 5 min or at once on a jump of 3 sd")
    if "volatility_spike" in triggers:
        said.append("volatility_spike: the volatility of risk follows within minutes, see rule R4")
    said += [
        f"trigger {each!r} is not known: ignored, and kept in the file"
        for each in triggers
        if each not in TRIGGERS
    ]
    policies = {
        coin: replace(spec, kind=kind, target=target, leave=0.5, every_s=300.0, jump_sigmas=3.0)
        for coin, spec in profile.policies.items()
    }
    return replace(profile, policies=policies)


def _execution(profile: RiskProfile, modifiers: Mapping[str, Any], said: list[str]) -> RiskProfile:
    """Style, slippage and delay."""
    wish = modifiers.get("trade_type_preference")
    if wish == "limit_when_possible":
        profile = replace(profile, style=Style.BY_URGENCY)
        said.append("limit_when_possible: rests first, takes when waiting costs more (by urgency)")
    elif wish is not None:
        said.append(f"trade_type_preference {wish!r} is not known: ignored")
    limits = modifiers.get("execution_constraints", {})
    if not isinstance(limits, dict):
        raise ConfigError("execution_constraints must be an object. Put it right and import again")
    if "slippage_tolerance" in limits:
        percent = _number("slippage_tolerance", limits["slippage_tolerance"])
        bps = 100.0 * percent
        profile = replace(profile, slippage_cap_bps=bps, collar_bps=max(profile.collar_bps, bps))
        said.append(f"slippage_tolerance {percent:g} is taken as percent: {bps:g} bp")
    if "latency_max" in limits:
        delay = _number("latency_max", limits["latency_max"])
        profile = replace(profile, loop_lag_ms=min(max(delay, 20.0), profile.loop_lag_ms))
        said.append(
            f"latency_max {delay:g} is taken as ms: a loop later than {profile.loop_lag_ms:g} ms"
            " halts hedging; delays of venues are measured in TCA and not limited"
        )
    return profile


def _number(key: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ConfigError(f"{key} must be a number, not {value!r}. Put it right and import again")
    return float(value)


def _strings(key: str, value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise ConfigError(f"{key} must be a list of words. Put it right and import again")
    return value
