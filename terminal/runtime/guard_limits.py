"""What a guard allows a desk: a small file of its own, which the desk does not read."""

from collections.abc import Mapping
from math import isfinite
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from terminal.core.errors import ConfigError
from terminal.engine.alert_margins import margins
from terminal.engine.state import State
from terminal.market.state import spot

MOST_BYTES: Final = 16_384
"""Longest file that is read."""


class Limits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When to stop a desk from outside; a limit that is None is not looked at.

    Attributes
    ----------
    silent_s : float
        Seconds without a sign of life.
    strikes : int
        Looks in a row that must find the same.
    cap_factor : float
        Most delta of one coin, in hard caps of the desk's own profile.
    delta_usd : float, optional
        Most delta of one coin, USD, whatever the profile says.
    equity_usd : float, optional
        Least equity, USD.
    margin_used_pct : float, optional
        Most initial margin of one coin's bucket, percent of its balance.
    """

    silent_s: float = 10.0
    strikes: int = 2
    cap_factor: float = 1.0
    delta_usd: float | None = None
    equity_usd: float | None = None
    margin_used_pct: float | None = None


def read_limits(path: Path) -> Limits:
    """Read the limits of a TOML file; what it leaves out has its default.

    Raises
    ------
    ConfigError
        The file cannot be read, names what is no limit, or sets one to what makes no sense.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"limits {path}: {error.strerror or error}") from error
    if len(content) > MOST_BYTES:
        raise ConfigError(f"limits {path}: longer than {MOST_BYTES} bytes: this is another file")
    try:
        limits = msgspec.toml.decode(content, type=Limits)
    except (msgspec.MsgspecError, ValueError) as error:
        raise ConfigError(f"limits {path}: {error}") from error
    return checked(limits, str(path))


def checked(limits: Limits, where: str) -> Limits:
    """Return limits that make sense; raises ConfigError with every fault of those that do not."""
    wrong = []
    for name in Limits.__struct_fields__:
        value = getattr(limits, name)
        if value is None:
            continue
        if not isfinite(value):
            wrong.append(f"{name} must be a number, is {value}")
        elif name != "equity_usd" and value <= 0:
            wrong.append(f"{name} must be above 0, is {value:g}")
    if wrong:
        raise ConfigError(f"{where}: {'; '.join(wrong)}")
    return limits


def beyond(state: State, limits: Limits) -> tuple[Mapping[str, str], tuple[str, ...]]:
    """Limits that a desk has gone beyond, and those that cannot be told.

    Returns
    -------
    reasons : mapping
        The words for it, by what is beyond.
    unknown : tuple of str
        Limits that are set and of which the journal does not say where the desk stands: nothing
        is concluded from them.
    """
    reasons, unknown = _delta(state, limits)
    if limits.equity_usd is not None:
        if state.equity is None:
            unknown += ("the equity is unknown",)
        elif state.equity < limits.equity_usd:
            reasons["equity"] = f"equity is {state.equity:,.0f} USD, below {limits.equity_usd:,.0f}"
    if limits.margin_used_pct is not None:
        found = margins(state, 0.0)
        for coin in state.desks:
            if coin not in found:
                unknown += (f"the margin of {coin} is unknown",)
            elif 100.0 * found[coin][0] > limits.margin_used_pct:
                part = min(100.0 * found[coin][0], 999.0)
                limit = limits.margin_used_pct
                reasons[f"margin {coin}"] = (
                    f"{part:.0f} % of the margin of {coin} is used, beyond {limit:g} %"
                )
    return reasons, unknown


def _delta(state: State, limits: Limits) -> tuple[dict[str, str], tuple[str, ...]]:
    caps = [] if limits.delta_usd is None else [limits.delta_usd]
    if state.profile is not None:
        caps.append(state.profile.delta_cap_usd * limits.cap_factor)
    reasons: dict[str, str] = {}
    unknown: list[str] = []
    for coin, desk in state.desks.items() if caps else ():
        price = spot(state.market, coin)
        if desk.net is None or price is None:
            unknown.append(f"the delta of {coin} is unknown")
        elif abs(desk.net) * price > min(caps):
            usd = abs(desk.net) * price
            reasons[f"delta {coin}"] = (
                f"delta of {coin} is {usd:,.0f} USD, beyond the cap of {min(caps):,.0f}"
            )
    return reasons, tuple(unknown)
