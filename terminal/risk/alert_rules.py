"""The catalogue of alerts, and the strict file in which a person changes it."""

import re
from functools import cache

import msgspec
from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from terminal.core.errors import ConfigError
from terminal.core.units import DAY, MINUTE
from terminal.model.alert import AlertRule, AlertSettings, Channel, Tier

LOUD = {
    Tier.INFO: (),
    Tier.WATCH: (Channel.DESKTOP,),
    Tier.HIGH: (Channel.DESKTOP, Channel.SOUND, Channel.WEBHOOK),
    Tier.CRITICAL: tuple(Channel),
}
"""Channels of a tier unless its rule names others."""

_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


def _rule(tier: Tier, about: str, **more: float) -> AlertRule:
    return AlertRule(
        about=about,
        tier=tier,
        channels=LOUD[tier],
        dwell_s=more.get("dwell", 0.0),
        cooldown_s=more.get("cooldown", 300.0),
        limit=more.get("limit", 0.0),
    )


@cache
def defaults() -> AlertSettings:
    """Rules with their default tiers (research: alert catalogue)."""
    return AlertSettings(rules=_of_trading() | _of_the_machine() | _of_money())


def _of_trading() -> dict[str, AlertRule]:
    info, watch, high, critical = Tier
    return {
        "band_breach": _rule(watch, "Delta is outside its band.", dwell=15.0),
        "hard_cap": _rule(high, "Delta is above the profile's cap.", dwell=2.0),
        "approval_waiting": _rule(watch, "A proposal has used half its life."),
        "approval_expired": _rule(high, "A proposal lapsed unanswered."),
        "order_rejected": _rule(high, "The venue rejected an order.", cooldown=60.0),
        "order_unknown": _rule(critical, "An order's outcome is unknown.", dwell=3.0),
        "drift": _rule(critical, "Our books and the venue's differed."),
        "halted": _rule(critical, "Trading is halted until a person re-arms."),
        "stopped": _rule(high, "The desk is stopped."),
        "settlement": _rule(
            watch, "Something held expires within this many minutes.", limit=30.0, cooldown=3600.0
        ),
        "iv_jump": _rule(
            info, "At-the-money volatility moved this many points in 5 min.", limit=5.0
        ),
        "rv_regime": _rule(
            watch, "Realised volatility is this many times that of an hour ago.", limit=1.5,
            cooldown=3600.0,
        ),
    }  # fmt: skip


def _of_the_machine() -> dict[str, AlertRule]:
    return {
        "feed_lost": _rule(Tier.HIGH, "A venue's feed is lost.", dwell=3.0),
        "feed_stale": _rule(
            Tier.HIGH, "The hedge's book is older than this, seconds.", dwell=2.0, limit=10.0
        ),
        "engine_late": _rule(
            Tier.CRITICAL, "The engine is later than the profile allows.", dwell=3.0
        ),
        "disk_low": _rule(
            Tier.HIGH, "The journal's drive has less room than this, GB.", limit=2.0,
            cooldown=1800.0,
        ),
        "journal_failed": _rule(Tier.CRITICAL, "The journal cannot be written."),
        "key_rights": _rule(
            Tier.HIGH, "A key may too much or too little.", cooldown=3600.0
        ),
        "key_expires": _rule(
            Tier.HIGH, "A key ends within this many days.", limit=7.0, cooldown=43_200.0
        ),
    }  # fmt: skip


def _of_money() -> dict[str, AlertRule]:
    info, watch, high, critical = Tier
    return {
        "funding_cost": _rule(
            watch, "Perpetuals pay more than this, USD a day.", dwell=60.0, cooldown=3600.0,
            limit=250.0,
        ),
        "funding_flip": _rule(info, "The funding of something held changed its sign."),
        "day_loss_half": _rule(
            watch, "The day's loss is this part of the stop.", limit=0.5, cooldown=3600.0
        ),
        "day_loss_near": _rule(
            high, "The day's loss is this part of the stop.", limit=0.8, cooldown=1800.0
        ),
        "day_loss": _rule(critical, "The day's loss reached the stop."),
        "cost_near": _rule(
            watch, "Hedge cost or orders are this part of the day's cap.", limit=0.8,
            cooldown=3600.0,
        ),
        "margin_near": _rule(
            high, "Margin used is this part of the profile's limit.", limit=0.9, dwell=10.0,
            cooldown=1800.0,
        ),
        "liquidation_near": _rule(
            critical, "A move of this many percent would liquidate.", limit=15.0, dwell=5.0
        ),
        "adl_near": _rule(
            high, "Place in the venue's line to be closed by it (ADL), 1 is next.", limit=0.8,
            dwell=60.0, cooldown=1800.0,
        ),
        "cost_hit": _rule(high, "Hedge cost or orders reached the day's cap."),
    }  # fmt: skip


def completed(settings: AlertSettings) -> AlertSettings:
    """Settings with the rules that they do not name yet: those of a journal may be older."""
    known = defaults().rules
    if settings.rules.keys() >= known.keys():
        return settings
    return replace(settings, rules=known | settings.rules)


class RulePatch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a file changes about one rule."""

    on: bool | UnsetType = UNSET
    tier: Tier | UnsetType = UNSET
    dwell_s: float | UnsetType = UNSET
    cooldown_s: float | UnsetType = UNSET
    limit: float | UnsetType = UNSET
    channels: tuple[Channel, ...] | UnsetType = UNSET


class Webhook(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where alerts are posted as JSON. It may hold a secret, so it is kept out of the journal."""

    url: str


class Telegram(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Chat that a bot writes to; its token is in the keychain of the operating system."""

    chat: str


class AlertFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file of alerts: everything that it does not name keeps its default."""

    rules: dict[str, RulePatch] = {}
    quiet_from: str | UnsetType = UNSET
    quiet_to: str | UnsetType = UNSET
    repeat_s: float | UnsetType = UNSET
    storm_count: int | UnsetType = UNSET
    storm_s: float | UnsetType = UNSET
    webhook: Webhook | None = None
    telegram: Telegram | None = None


def read_alerts(text: str, where: str) -> tuple[AlertSettings, AlertFile]:
    """Read a file of alerts from TOML.

    Parameters
    ----------
    text : str
    where : str
        Name of the file, for messages.

    Returns
    -------
    settings : AlertSettings
        Defaults with the file's changes; ``outside`` names the channels that the file sets up.
    file : AlertFile
        As written, with the addresses of those channels.

    Raises
    ------
    ConfigError
        Not TOML, an unknown key or rule, a value of the wrong type or outside its range.
    """
    try:
        file = msgspec.toml.decode(text, type=AlertFile)
        settings = _patched(defaults(), file, where)
        msgspec.json.decode(msgspec.json.encode(settings), type=AlertSettings)  # ranges
    except (msgspec.MsgspecError, ValueError) as error:
        msg = f"alerts {where}: {error}. Put the value right or leave it out."
        raise ConfigError(msg) from error
    fault = _fault(settings)
    if fault:
        raise ConfigError(f"alerts {where}: {fault}")
    return settings, file


def _patched(settings: AlertSettings, file: AlertFile, where: str) -> AlertSettings:
    rules = dict(settings.rules)
    for name, patch in file.rules.items():
        if name not in rules:
            known = ", ".join(rules)
            raise ConfigError(f"alerts {where}: there is no rule {name!r}. There are: {known}")
        changed = _given(patch)
        if patch.tier is not UNSET and patch.channels is UNSET:
            changed["channels"] = LOUD[patch.tier]
        rules[name] = replace(rules[name], **changed)
    changed = _given(file)
    outside = [Channel.WEBHOOK] if changed.pop("webhook", None) else []
    outside += [Channel.TELEGRAM] if changed.pop("telegram", None) else []
    return replace(settings, **(changed | {"rules": rules, "outside": tuple(outside)}))


def _given(values: Struct) -> dict[str, object]:
    """Fields that a file names."""
    fields = ((name, getattr(values, name)) for name in values.__struct_fields__)
    return {name: value for name, value in fields if value is not UNSET}


def _fault(settings: AlertSettings) -> str:
    given = (settings.quiet_from, settings.quiet_to)
    if any(given) and not all(_CLOCK.fullmatch(each) for each in given):
        return "quiet_from and quiet_to are both times of day like 22:00 (UTC), or both empty"
    return ""


def is_quiet(settings: AlertSettings, now: int) -> bool:
    """Whether ``now`` (UtcNs) is in the quiet hours, which may run over midnight."""
    if not settings.quiet_from or settings.quiet_from == settings.quiet_to:
        return False
    start, end = _minute(settings.quiet_from), _minute(settings.quiet_to)
    minute = now % DAY // MINUTE
    return start <= minute < end if start < end else minute >= start or minute < end


def _minute(clock: str) -> int:
    hours, _, minutes = clock.partition(":")
    return int(hours) * 60 + int(minutes)
