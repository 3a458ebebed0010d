"""The person's file of alerts: written whole, and refused before anything is lost."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from terminal.core.errors import ConfigError
from terminal.model.alert import AlertSettings
from terminal.risk.alert_rules import defaults
from terminal.runtime.alert_files import load_alerts, save_alerts


def own(**more: float) -> AlertSettings:
    usual = defaults()
    return replace(
        usual, rules=usual.rules | {"hard_cap": replace(usual.rules["hard_cap"], **more)}
    )


def test_saved_rules_are_loaded_at_the_next_start(tmp_path: Path) -> None:
    path = tmp_path / "data" / "alerts.toml"
    save_alerts(own(dwell_s=7.0), path)
    settings, notifier = load_alerts(path)
    notifier.close()
    assert settings.rules == own(dwell_s=7.0).rules
    save_alerts(defaults(), path)
    settings, notifier = load_alerts(path)
    notifier.close()
    assert settings.rules == defaults().rules


def test_a_broken_file_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "alerts.toml"
    path.write_text("nonsense", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"alerts\.toml"):
        save_alerts(own(dwell_s=7.0), path)
    assert path.read_text(encoding="utf-8") == "nonsense"


def test_a_rule_out_of_range_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "alerts.toml"
    with pytest.raises(ConfigError, match="dwell_s"):
        save_alerts(own(dwell_s=-1.0), path)
    assert not path.exists()


def test_a_place_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    with pytest.raises(ConfigError, match="cannot be written"):
        save_alerts(own(dwell_s=7.0), blocked / "alerts.toml")
