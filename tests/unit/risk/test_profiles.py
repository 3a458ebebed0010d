"""Profile files are read strictly and written back equal."""

import math
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from terminal.core.errors import ConfigError
from terminal.model.risk import COMPUTED, PolicyKind, RiskProfile
from terminal.model.synthetic import Synthetic, SyntheticKind
from terminal.risk.profiles import changes, checked, faults, read_profile, write_profile
from tests.helpers.builders import profile, spec

TEXT = write_profile(profile())
OTHERS = {"name", "about", "policies", "synthetics"}
LIMITS = [name for name in RiskProfile.__struct_fields__ if name not in OTHERS]


def test_round_trip() -> None:
    assert read_profile(TEXT, "x") == profile()


def test_a_perps_only_mode_is_a_table_of_its_own_and_needs_a_policy() -> None:
    fade = Synthetic(kind=SyntheticKind.FADE_GRID, max_inventory=2.0)
    with_mode = msgspec.structs.replace(profile(), synthetics={"BTC": fade})
    text = write_profile(with_mode)
    assert "[synthetics.BTC]" in text
    assert read_profile(text, "x") == with_mode
    edit = ("synthetics.BTC.max_inventory", "–", "2.0")
    assert edit in changes(profile(), with_mode)
    stray = msgspec.structs.replace(profile(), synthetics={"ETH": fade})
    assert faults(stray) == ("synthetics.ETH: there is no policy for ETH to hedge it by",)
    with pytest.raises(ConfigError, match="max_inventory"):
        read_profile(text.replace("max_inventory = 2.0", "max_inventory = -1.0"), "x")


def test_every_limit_must_be_named() -> None:
    for name in LIMITS:
        text = "\n".join(row for row in TEXT.splitlines() if not row.startswith(f"{name} ="))
        with pytest.raises(ConfigError, match=name):
            read_profile(text, "mine.toml")


def test_an_unknown_key_is_an_error_that_names_it() -> None:
    with pytest.raises(ConfigError, match=r"mine\.toml.*max_hedges_usd"):
        read_profile("max_hedges_usd = 1\n" + TEXT, "mine.toml")
    with pytest.raises(ConfigError, match="hihg"):
        read_profile(TEXT + "hihg = 1\n", "mine.toml")


@pytest.mark.parametrize("text", ["", "=", "name = 'x'", "\x00", "[policies]\n", TEXT + TEXT])
def test_what_is_no_profile_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        read_profile(text, "x")


@pytest.mark.parametrize("name", LIMITS)
@pytest.mark.parametrize("value", ["nan", "inf", "-1", "1e300", "'5'", "true", "[]"])
def test_no_limit_can_be_switched_off_or_passed(name: str, value: str) -> None:
    rows = [
        f"{name} = {value}" if row.startswith(f"{name} =") else row for row in TEXT.splitlines()
    ]
    with pytest.raises(ConfigError):
        read_profile("\n".join(rows), "x")


@pytest.mark.parametrize("name", LIMITS)
def test_hard_ceilings_hold_for_profiles_made_in_memory(name: str) -> None:
    for value in (math.nan, math.inf, 1e12):
        broken = replace(profile(), **{name: value})
        assert faults(broken)
        with pytest.raises(ConfigError):
            checked(broken, "x")


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"max_order_usd": 2e6}, "max_order_usd"),
        ({"auto_hedge_usd": 2e6}, "auto_hedge_usd"),
        ({"day_loss_reduce_usd": 3e6}, "day_loss_reduce_usd"),
        ({"drawdown_7d_usd": 1e6}, "drawdown_7d_usd"),
        ({"slippage_cap_bps": 51.0}, "slippage_cap_bps"),
        ({"policies": {"BTC": spec(low=0.0, high=0.0)}}, "BTC"),
        ({"policies": {"ETH": spec(PolicyKind.WHALLEY_WILMOTT, cap=0.0)}}, "ETH"),
    ],
)
def test_limits_may_not_contradict_each_other(fields: dict[str, Any], named: str) -> None:
    found = faults(replace(profile(), **fields))
    assert len(found) == 1
    assert named in found[0]


def test_changes_are_listed_by_key() -> None:
    after = replace(profile(), min_gap_s=2.0, policies={"BTC": spec(high=0.2), "ETH": spec()})
    listed = {key: (old, new) for key, old, new in changes(profile(), after)}
    assert listed["min_gap_s"] == ("1.0", "2.0")
    assert listed["policies.BTC.high"] == ("0.1", "0.2")
    assert listed["policies.ETH.kind"] == ("–", "band_to_target")
    assert changes(profile(), profile()) == ()


@given(st.text(max_size=20), st.text(min_size=1, max_size=8), st.floats(0.1, 100.0))
def test_any_name_survives_the_file(name: str, coin: str, cap: float) -> None:
    mine = replace(profile(), name=name, about=name, spread_cap_bps=cap, policies={coin: spec()})
    assert read_profile(write_profile(mine), "x") == mine


def test_the_presets_are_sound_and_round_trip() -> None:
    folder = Path(__file__).resolve().parents[3] / "resources" / "profiles"
    files = sorted(folder.glob("*.toml"))
    assert {each.stem for each in files} >= {"balanced", "cautious", "degen"}
    for path in files:
        preset = read_profile(path.read_text("utf-8"), path.name)
        assert read_profile(write_profile(preset), "x") == preset
        assert {"BTC", "ETH", "SOL"} <= preset.policies.keys()


def test_ceilings_are_declared_on_every_number() -> None:
    for field in msgspec.structs.fields(RiskProfile):
        if field.name in LIMITS:
            extra = msgspec.inspect.type_info(field.type)
            assert isinstance(extra, msgspec.inspect.Metadata)
            assert extra.extra is not None
            assert extra.extra["form"]["label"]


@pytest.mark.parametrize(
    "line",
    [
        "ratio_pct = 151.0",
        "ratio_pct = -1.0",
        "every_s = 0.0",
        "low = 0.5",
        "high = -0.5",
        "low = nan",
        "cap = inf",
        "leave = 1.5",
        "sigmas = 0.0",
        "order_cost_usd = -1.0",
        "tilt_pct = 100.0",
        "patience = nan",
        "interval_s = -1.0",
        "hysteresis_pct = -5.0",
        "taper_s = 1e9",
        "vol_skip_pct = 101.0",
        'kind = "magic"',
    ],
)
def test_an_impossible_number_of_a_policy_names_its_coin_and_key(line: str) -> None:
    key = line.split(" ", maxsplit=1)[0]
    rows = [line if row.startswith(f"{key} =") else row for row in TEXT.splitlines()]
    with pytest.raises(ConfigError, match=rf"mine\.toml: policies\.BTC: .*{key}"):
        read_profile("\n".join(rows), "mine.toml")


@pytest.mark.parametrize("kind", sorted(COMPUTED))
def test_a_computed_band_needs_a_cap(kind: PolicyKind) -> None:
    assert faults(replace(profile(), policies={"BTC": spec(kind, cap=0.0)}))
    assert not faults(replace(profile(), policies={"BTC": spec(kind, low=0.0, high=0.0)}))


def test_two_policies_of_one_coin_are_refused() -> None:
    rivals = replace(profile(), policies={"BTC": spec(), "btc": spec(PolicyKind.TIMER)})
    assert faults(rivals) == ("policies.BTC and policies.btc are of one coin: keep one",)
    twice = TEXT + "\n" + TEXT[TEXT.index("[policies.BTC]") :]
    with pytest.raises(ConfigError, match=r"mine\.toml.*BTC"):
        read_profile(twice, "mine.toml")


def test_a_policy_of_before_its_newer_numbers_reads_as_it_was_meant() -> None:
    older = ("kind", "delta", "target", "low", "high", "every_s", "cap")
    head, _, policy = TEXT.partition("[policies.BTC]\n")
    kept = [row for row in policy.splitlines() if row.split(" ", maxsplit=1)[0] in older]
    assert read_profile(head + "[policies.BTC]\n" + "\n".join(kept), "x") == profile()
