"""A person's rules written to the strict file, and read back as they were."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from terminal.model.alert import AlertSettings, Channel, Tier
from terminal.risk.alert_rules import AlertFile, completed, defaults, read_alerts
from terminal.risk.alert_text import file_of, write_alerts

NAMES = tuple(defaults().rules)
FULL = """
quiet_from = "22:00"
quiet_to = "07:00"
storm_count = 7
[rules.hard_cap]
on = false
[webhook]
url = "https://example.org/a\\"b\\u007f"
[telegram]
chat = "-100"
"""
edits = st.fixed_dictionaries(
    {},
    optional={
        "on": st.booleans(),
        "tier": st.sampled_from(Tier),
        "dwell_s": st.floats(0.0, 86_400.0),
        "cooldown_s": st.floats(0.0, 86_400.0),
        "limit": st.floats(0.0, 1e9),
        "channels": st.sets(st.sampled_from(Channel)).map(
            lambda chosen: tuple(each for each in Channel if each in chosen)
        ),
    },
)


def changed(by: dict[str, dict[str, Any]]) -> AlertSettings:
    usual = defaults()
    rules = {name: replace(rule, **by.get(name, {})) for name, rule in usual.rules.items()}
    return replace(usual, rules=rules)


@settings(deadline=None, max_examples=60)
@given(st.dictionaries(st.sampled_from(NAMES), edits, max_size=6))
def test_what_is_written_reads_back_equal(by: dict[str, dict[str, Any]]) -> None:
    wanted = changed(by)
    again, _ = read_alerts(write_alerts(file_of(wanted, AlertFile())), "alerts.toml")
    assert again.rules == wanted.rules


def test_only_what_differs_is_written() -> None:
    assert write_alerts(file_of(defaults(), AlertFile())).strip() == ""
    text = write_alerts(file_of(changed({"hard_cap": {"dwell_s": 4.0}}), AlertFile()))
    assert text == "[rules.hard_cap]\ndwell_s = 4.0\n"


def test_a_tier_alone_keeps_the_channels_it_had() -> None:
    wanted = changed({"hard_cap": {"tier": Tier.INFO}})
    text = write_alerts(file_of(wanted, AlertFile()))
    assert "channels" in text  # else the file would mean those of the tier
    again, _ = read_alerts(text, "alerts.toml")
    assert again.rules["hard_cap"].channels == defaults().rules["hard_cap"].channels


def test_the_rest_of_the_file_stays() -> None:
    before, kept = read_alerts(FULL, "alerts.toml")
    rules = before.rules | {"settlement": replace(before.rules["settlement"], limit=5.0)}
    text = write_alerts(file_of(replace(before, rules=rules), kept))
    after, again = read_alerts(text, "alerts.toml")
    assert after == replace(before, rules=rules)
    assert (again.webhook, again.telegram) == (kept.webhook, kept.telegram)
    assert not after.rules["hard_cap"].on


def test_settings_of_an_older_journal_learn_the_rules_that_are_new() -> None:
    rules = dict(defaults().rules)
    del rules["liquidation_near"]
    own = replace(rules["hard_cap"], on=False)
    older = replace(defaults(), rules=rules | {"hard_cap": own})
    now = completed(older)
    assert now.rules["liquidation_near"] == defaults().rules["liquidation_near"]
    assert now.rules["hard_cap"] == own
    assert completed(now) is now


@pytest.mark.parametrize("name", ["margin_near", "liquidation_near"])
def test_new_rules_are_in_the_catalogue(name: str) -> None:
    assert defaults().rules[name].about
