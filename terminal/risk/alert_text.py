"""A person's own rules of alerts as the text of the strict file that is read back equal."""

import msgspec
from msgspec import UNSET
from msgspec.structs import replace

from terminal.model.alert import AlertRule, AlertSettings
from terminal.risk.alert_rules import LOUD, AlertFile, RulePatch, defaults


def file_of(settings: AlertSettings, kept: AlertFile) -> AlertFile:
    """File that says of the rules only what differs from their defaults.

    Parameters
    ----------
    settings : AlertSettings
        Rules to be written, each of the catalogue.
    kept : AlertFile
        File there was: its quiet hours, storm limits and addresses stay as they are.
    """
    usual = defaults().rules
    patches = {
        name: patch_of(rule, usual[name])
        for name, rule in settings.rules.items()
        if rule != usual[name]
    }
    return replace(kept, rules=patches)


def patch_of(rule: AlertRule, usual: AlertRule) -> RulePatch:
    """What a file must say to make one rule of another."""
    # A patch that changes the tier takes that tier's channels along unless it names others.
    follows = LOUD[rule.tier] if rule.tier is not usual.tier else usual.channels
    return RulePatch(
        on=UNSET if rule.on is usual.on else rule.on,
        tier=UNSET if rule.tier is usual.tier else rule.tier,
        dwell_s=UNSET if rule.dwell_s == usual.dwell_s else rule.dwell_s,
        cooldown_s=UNSET if rule.cooldown_s == usual.cooldown_s else rule.cooldown_s,
        limit=UNSET if rule.limit == usual.limit else rule.limit,
        channels=UNSET if rule.channels == follows else rule.channels,
    )


def write_alerts(file: AlertFile) -> str:
    """Write a file as TOML that ``read_alerts`` reads back equal."""
    tables: dict[str, dict[str, object]] = {
        f"rules.{name}": msgspec.to_builtins(patch) for name, patch in file.rules.items()
    }
    lines = []
    for key, value in msgspec.to_builtins(replace(file, rules={})).items():
        if key != "rules" and isinstance(value, dict):
            tables[key] = value
        elif key != "rules" and value is not None:
            lines.append(f"{key} = {_toml(value)}")
    for name, table in tables.items():
        lines += ["", f"[{name}]", *(f"{key} = {_toml(value)}" for key, value in table.items())]
    return "\n".join(lines).lstrip("\n") + "\n"


def _toml(value: object) -> str:
    """Write a string, number, truth or list of strings: in all of them TOML is as JSON."""
    # But for DEL, which TOML wants escaped.
    return msgspec.json.encode(value).decode().replace("\x7f", "\\u007f")
