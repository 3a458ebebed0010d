"""The life of an alert: dwell, cool-down, repeat, acknowledge, snooze, quiet hours, storms."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from terminal.core.units import DAY, HOUR, MINUTE, SECOND
from terminal.model.alert import AlertRule, AlertSettings, Channel, Outcome, Tier
from terminal.risk.alert_machine import (
    KEEP_DISPATCHES,
    AlertBook,
    Condition,
    acknowledged,
    advance,
    answered,
    snoozed,
    tried,
)

NOON = 20_000 * DAY + 12 * HOUR
LOUD = (Channel.DESKTOP, Channel.WEBHOOK)
RULES = {
    "watch": AlertRule(about="", tier=Tier.WATCH, dwell_s=10, cooldown_s=60, channels=LOUD),
    "critical": AlertRule(about="", tier=Tier.CRITICAL, channels=LOUD),
    "silent": AlertRule(about="", tier=Tier.INFO),
    "off": AlertRule(about="", tier=Tier.HIGH, on=False, channels=LOUD),
}
SETTINGS = AlertSettings(rules=RULES, outside=(Channel.WEBHOOK,))


class Desk:
    """A book of alerts, and a clock."""

    def __init__(self, settings: AlertSettings = SETTINGS, at: int = NOON) -> None:
        self.book, self.settings, self.now = AlertBook(), settings, at

    def wait(self, seconds: float, *rules: str) -> list[str]:
        """Let seconds pass with these conditions, one look a second; the texts told."""
        said: list[str] = []
        for _ in range(round(seconds)):
            self.now += SECOND
            said += self.look(*rules)
        return said

    def look(self, *rules: str) -> list[str]:
        so = [Condition(rule.split(":")[0], rule.partition(":")[2], rule) for rule in rules]
        self.book, told = advance(self.book, so, self.settings, self.now)
        return [each.text for each in told]


def test_a_condition_dwells_before_it_is_told_once() -> None:
    desk = Desk()
    assert desk.wait(10, "watch") == []
    assert desk.wait(1, "watch") == ["watch"]
    assert desk.wait(300, "watch") == []


def test_a_condition_that_ends_while_it_dwells_was_never_there() -> None:
    desk = Desk()
    for _ in range(20):
        assert desk.wait(9, "watch") == []
        assert desk.wait(1) == []
    assert desk.book.raised == {}


def test_flapping_is_told_once_a_cool_down() -> None:
    desk = Desk()
    said = [text for _ in range(10) for text in (*desk.wait(15, "watch"), *desk.wait(2))]
    assert 2 <= len(said) <= 3  # 170 s, dwell 10 s, cool-down 60 s


def test_what_is_critical_repeats_until_acknowledged_even_when_it_is_over() -> None:
    desk = Desk()
    assert desk.wait(100, "critical") == ["critical"] * 4
    assert desk.wait(90) == ["critical"] * 3
    desk.book = acknowledged(desk.book, "critical:", desk.now)
    assert desk.wait(400) == []
    assert desk.book.raised == {}
    assert desk.wait(1, "critical") == ["critical"]


def test_acknowledged_while_it_stands_is_silent_until_it_comes_back() -> None:
    desk = Desk()
    desk.wait(1, "critical")
    desk.book = acknowledged(desk.book, "", desk.now)
    assert desk.wait(200, "critical") == []
    desk.wait(1)
    assert desk.wait(5, "critical") == ["critical"]


def test_a_snooze_silences_for_its_time_and_no_longer() -> None:
    desk = Desk()
    assert desk.wait(12, "watch") == ["watch"]
    desk.book = snoozed(desk.book, "watch:", desk.now + 2 * MINUTE)
    assert desk.wait(119, "watch") == []
    assert desk.wait(2, "watch") == ["watch"]
    assert desk.wait(200, "watch") == []
    assert snoozed(desk.book, "nothing:", desk.now) is desk.book


def test_a_snoozed_critical_one_comes_back_and_repeats() -> None:
    desk = Desk()
    desk.wait(1, "critical")
    desk.book = snoozed(desk.book, "critical:", desk.now + MINUTE)
    assert desk.wait(59, "critical") == []
    assert desk.wait(61, "critical") == ["critical"] * 3


def test_quiet_hours_hold_everything_but_the_critical() -> None:
    quiet = replace(SETTINGS, quiet_from="22:00", quiet_to="07:00")
    desk = Desk(quiet, NOON + 11 * HOUR)
    assert desk.wait(60, "watch", "critical") == ["critical"] * 2
    desk.now = NOON + 19 * HOUR - SECOND
    assert "watch" in desk.wait(2, "watch")


def test_rules_that_are_off_unknown_or_without_channels_are_not_told() -> None:
    desk = Desk()
    assert desk.wait(30, "off", "silent", "nonsense") == []
    assert [each.rule for each in desk.book.raised.values()] == ["silent"]
    here = Desk(replace(SETTINGS, outside=()))
    here.wait(12, "watch")
    assert here.book.dispatches[-1].channels == (Channel.DESKTOP,)


def test_a_storm_collapses_into_one_digest() -> None:
    desk = Desk()
    storm = [f"watch:{number}" for number in range(40)]
    said = desk.wait(12, *storm)
    assert len(said) == 1
    assert said[0].startswith("40 alerts at once: watch:0; ")
    assert said[0].endswith("and 36 more")
    assert all(each.sent_at for each in desk.book.raised.values())


def test_a_storm_names_what_is_critical_first_and_at_once() -> None:
    desk = Desk()
    desk.wait(12, *[f"watch:{number}" for number in range(40)])
    said = desk.wait(
        1, *[f"watch:{number}" for number in range(40)], *[f"critical:{n}" for n in range(9)]
    )
    assert said == []  # a digest has just been told: the next one waits five seconds
    said = desk.wait(5, *[f"critical:{number}" for number in range(9)])
    assert len(said) == 1
    assert desk.book.dispatches[-1].tier is Tier.CRITICAL


@given(
    st.lists(
        st.lists(st.sampled_from([f"{r}:{n}" for r in RULES for n in range(12)]), max_size=48),
        max_size=90,
    )
)
def test_no_storm_is_told_more_often_than_allowed(looks: list[list[str]]) -> None:
    desk = Desk(replace(SETTINGS, storm_count=3))
    for rules in looks:
        desk.wait(1, *rules)
    times = [each.at for each in desk.book.dispatches]
    for at in times:
        window = [each for each in times if at - 60 * SECOND < each <= at]
        assert len(window) <= 3 + 60 // 5


@given(st.lists(st.sampled_from(["critical:A", "critical:B", ""]), max_size=100))
def test_nothing_critical_goes_untold(looks: list[str]) -> None:
    desk = Desk()
    for rule in looks:
        desk.wait(1, *([rule] if rule else []))
    desk.wait(10)
    assert all(each.sent_at for each in desk.book.raised.values())
    assert {f"critical:{each}" for each in "AB"} >= set(desk.book.raised)
    assert {each for each in looks if each} == set(desk.book.raised)


def test_a_test_goes_to_every_channel_that_is_set_up_and_answers_are_kept() -> None:
    book = tried(AlertBook(), SETTINGS, NOON)
    (told,) = book.dispatches
    assert told.channels == (Channel.DESKTOP, Channel.SOUND, Channel.WEBHOOK)
    good = Outcome(Channel.WEBHOOK, ok=True, detail="HTTP 200", at=NOON)
    book = answered(book, told.number, good)
    assert book.dispatches[0].outcomes == (good,)
    late = Outcome(Channel.WEBHOOK, ok=False, detail="late", at=NOON)
    stray = Outcome(Channel.TELEGRAM, ok=True, detail="", at=NOON)
    for number, outcome in ((told.number, late), (told.number, stray), (99, good)):
        assert answered(book, number, outcome) == book


def test_the_list_of_dispatches_is_bounded() -> None:
    book = AlertBook()
    for number in range(KEEP_DISPATCHES + 10):
        book = tried(book, SETTINGS, NOON + number)
    assert len(book.dispatches) == KEEP_DISPATCHES
    assert book.dispatches[-1].number == KEEP_DISPATCHES + 10


@pytest.mark.parametrize("changed", [{"tier": Tier.HIGH}, {"dwell_s": 0.0}])
def test_a_changed_rule_holds_at_once(changed: dict[str, Any]) -> None:
    desk = Desk()
    desk.wait(5, "watch")
    rule = replace(RULES["watch"], **changed)
    desk.settings = replace(SETTINGS, rules=RULES | {"watch": rule})
    desk.wait(1, "watch")
    alert = desk.book.raised["watch:"]
    assert alert.tier is rule.tier
    assert bool(alert.raised_at) is (rule.dwell_s == 0.0)
