"""Strict profile files: every limit named, nothing unknown, nothing beyond the ceilings.

The hard ceilings are the ranges declared on :class:`terminal.model.risk.RiskProfile`; no file,
form or advice passes them, because a profile only becomes usable through :func:`checked`.
"""

from collections.abc import Iterable
from enum import Enum

import msgspec

from terminal.core.errors import ConfigError
from terminal.model.risk import COMPUTED, PolicySpec, RiskProfile

TABLES = ("policies", "synthetics")
"""Fields that hold one thing for each underlying."""


def read_profile(text: str, where: str) -> RiskProfile:
    """Read a profile from TOML.

    Parameters
    ----------
    text : str
        The file's content.
    where : str
        Name of the file, for messages.

    Returns
    -------
    RiskProfile

    Raises
    ------
    ConfigError
        Not TOML, an unknown or missing key, a value of the wrong type or outside its range, or
        values that contradict each other. The message names the file, the key and the remedy.
    """
    try:
        profile = msgspec.toml.decode(text, type=RiskProfile)
        named = msgspec.toml.decode(text)
    except (msgspec.MsgspecError, ValueError) as error:
        wrong = "; ".join(_policy_faults(text)) or error
        msg = f"profile {where}: {wrong}. Put the value right or start from a preset."
        raise ConfigError(msg) from error
    missing = [name for name in RiskProfile.__struct_fields__ if name not in {*named, *TABLES}]
    if missing:  # a default is for records of before there was this limit, not for a person's file
        msg = f"profile {where}: {', '.join(missing)} is missing. Name it or start from a preset."
        raise ConfigError(msg)
    return checked(profile, where)


def checked(profile: RiskProfile, where: str) -> RiskProfile:
    """Return the profile if every limit stands within the ceilings and with its neighbours.

    Raises
    ------
    ConfigError
        Names every problem at once.
    """
    problems = faults(profile)
    if problems:
        msg = f"profile {where}: " + "; ".join(problems)
        raise ConfigError(msg)
    return profile


def faults(profile: RiskProfile) -> tuple[str, ...]:
    """Everything that is wrong with a profile, one sentence each; empty when it may be used."""
    try:
        msgspec.json.decode(msgspec.json.encode(profile), type=RiskProfile)
    except msgspec.MsgspecError as error:
        return (str(error),)
    found = []
    if profile.max_order_usd > profile.max_hedge_usd:
        found.append("max_order_usd must not exceed max_hedge_usd")
    if profile.auto_hedge_usd > profile.max_hedge_usd:
        found.append("auto_hedge_usd must not exceed max_hedge_usd")
    if profile.day_loss_reduce_usd > profile.day_loss_halt_usd:
        found.append("day_loss_reduce_usd must not exceed day_loss_halt_usd")
    if profile.day_loss_halt_usd > profile.drawdown_7d_usd:
        found.append("day_loss_halt_usd must not exceed drawdown_7d_usd")
    if profile.slippage_cap_bps > profile.collar_bps:
        found.append("slippage_cap_bps must not exceed collar_bps")
    found += _rivals(profile.policies)
    for underlying, spec in profile.policies.items():
        found += [f"policies.{underlying}: {fault}" for fault in _spec_faults(spec)]
    found += [
        f"synthetics.{underlying}: there is no policy for {underlying} to hedge it by"
        for underlying in profile.synthetics
        if underlying not in profile.policies
    ]
    return tuple(found)


def _policy_faults(text: str) -> list[str]:
    """What is wrong with the policies of a file, by coin; empty when the fault is elsewhere.

    The decoder's own word says which key of some policy, but not of which coin.
    """
    try:
        policies = msgspec.toml.decode(text).get("policies", {})
    except (msgspec.MsgspecError, ValueError):
        return []
    found = []
    for name, given in policies.items() if isinstance(policies, dict) else ():
        try:
            msgspec.convert(given, PolicySpec)
        except msgspec.ValidationError as error:
            found.append(f"policies.{name}: {error}")
    return found


def _rivals(names: Iterable[str]) -> list[str]:
    """Coins that two policies claim under names that differ only in spelling."""
    first: dict[str, str] = {}
    found = []
    for name in names:
        rival = first.setdefault(name.strip().upper(), name)
        if rival != name:
            found.append(f"policies.{rival} and policies.{name} are of one coin: keep one")
    return found


def _spec_faults(spec: PolicySpec) -> list[str]:
    if spec.kind in COMPUTED:
        return [] if spec.cap > 0.0 else [f"cap must be above 0 for {spec.kind.value}"]
    if spec.low == 0.0 and spec.high == 0.0:
        return ["the band is empty: set low below 0 or high above 0"]
    return []


def write_profile(profile: RiskProfile) -> str:
    """Write a profile as TOML that :func:`read_profile` reads back equal."""
    fields = msgspec.to_builtins(profile, enc_hook=str)
    tables = {name: fields.pop(name) for name in TABLES}
    lines = [f"{key} = {_toml(value)}" for key, value in fields.items()]
    for name, table in tables.items():
        for underlying, spec in table.items():
            lines += ["", f"[{name}.{_key(underlying)}]"]
            lines += [f"{key} = {_toml(value)}" for key, value in spec.items()]
    return "\n".join(lines) + "\n"


def _key(name: str) -> str:
    return name if name.isascii() and name.isalnum() else _toml(name)


def _toml(value: object) -> str:
    if isinstance(value, str | Enum):
        # TOML strings are JSON strings but for DEL, which TOML wants escaped.
        return msgspec.json.encode(value).decode().replace("\x7f", "\\u007f")
    return repr(value)


def changes(before: RiskProfile, after: RiskProfile) -> tuple[tuple[str, str, str], ...]:
    """Differences as (key, before, after), policies as ``policies.BTC.low``."""
    old, new = _flat(before), _flat(after)
    keys = dict.fromkeys([*old, *new])
    return tuple(
        (key, old.get(key, "–"), new.get(key, "–")) for key in keys if old.get(key) != new.get(key)
    )


def _flat(profile: RiskProfile) -> dict[str, str]:
    fields = msgspec.to_builtins(profile)
    tables = {name: fields.pop(name) for name in TABLES}
    flat = {key: str(value) for key, value in fields.items()}
    for name, table in tables.items():
        for underlying, spec in table.items():
            flat |= {f"{name}.{underlying}.{key}": str(value) for key, value in spec.items()}
    return flat
