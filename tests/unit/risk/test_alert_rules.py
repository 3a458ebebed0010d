"""The catalogue of alerts and its strict file."""

import pytest

from terminal.core.errors import ConfigError
from terminal.core.units import DAY, HOUR, MINUTE
from terminal.model.alert import AlertSettings, Channel, Tier
from terminal.risk.alert_rules import LOUD, defaults, is_quiet, read_alerts


def test_default_tiers_are_those_of_the_catalogue() -> None:
    tiers = {name: rule.tier for name, rule in defaults().rules.items()}
    assert tiers["band_breach"] is Tier.WATCH
    assert tiers["hard_cap"] is Tier.HIGH
    assert tiers["order_unknown"] is tiers["drift"] is tiers["day_loss"] is Tier.CRITICAL
    assert tiers["funding_flip"] is tiers["iv_jump"] is Tier.INFO
    assert all(rule.about for rule in defaults().rules.values())


def test_an_empty_file_is_the_defaults() -> None:
    settings, file = read_alerts("", "alerts.toml")
    assert settings == defaults()
    assert file.webhook is None


def test_a_file_changes_what_it_names() -> None:
    settings, file = read_alerts(
        """
        quiet_from = "22:00"
        quiet_to = "07:00"
        repeat_s = 60
        [rules.band_breach]
        dwell_s = 5
        tier = "high"
        [rules.funding_flip]
        on = false
        [rules.settlement]
        channels = ["telegram"]
        [webhook]
        url = "https://example.org/hook"
        [telegram]
        chat = "-100"
        """,
        "alerts.toml",
    )
    rules = settings.rules
    assert (rules["band_breach"].dwell_s, rules["band_breach"].tier) == (5.0, Tier.HIGH)
    assert rules["band_breach"].channels == LOUD[Tier.HIGH]
    assert not rules["funding_flip"].on
    assert rules["settlement"].channels == (Channel.TELEGRAM,)
    assert rules["hard_cap"] == defaults().rules["hard_cap"]
    assert settings.outside == (Channel.WEBHOOK, Channel.TELEGRAM)
    assert settings.repeat_s == 60.0
    assert file.webhook is not None
    assert "example.org" not in repr(settings)  # what is journaled holds no address


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("nonsense", "alerts.toml"),
        ("unknown = 1", "unknown"),
        ("[rules.no_such]\non = true", "no rule 'no_such'"),
        ("[rules.hard_cap]\ndwel_s = 1", "dwel_s"),
        ("[rules.hard_cap]\ndwell_s = -1", "dwell_s"),
        ('[rules.hard_cap]\ntier = "loud"', "tier"),
        ('[rules.hard_cap]\nchannels = ["pigeon"]', "channels"),
        ('quiet_from = "22:00"', "quiet_to"),
        ('quiet_from = "25:00"\nquiet_to = "07:00"', "22:00"),
        ("storm_count = 0", "storm_count"),
        ("[webhook]", "url"),
    ],
)
def test_bad_files_are_refused_with_the_place(text: str, word: str) -> None:
    with pytest.raises(ConfigError, match=r"alerts\.toml") as caught:
        read_alerts(text, "alerts.toml")
    assert word in str(caught.value)


@pytest.mark.parametrize(
    ("start", "end", "hour", "quiet"),
    [
        ("", "", 3, False),
        ("22:00", "07:00", 3, True),
        ("22:00", "07:00", 22, True),
        ("22:00", "07:00", 7, False),
        ("09:00", "17:30", 17, True),
        ("09:00", "17:30", 18, False),
        ("09:00", "09:00", 9, False),
    ],
)
def test_quiet_hours(start: str, end: str, hour: int, quiet: bool) -> None:
    settings = AlertSettings(rules={}, quiet_from=start, quiet_to=end)
    assert is_quiet(settings, 20_000 * DAY + hour * HOUR + MINUTE) is quiet
