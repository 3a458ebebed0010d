"""Files of the older program: read as it read them, merged as it merged, written back equal."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.core.errors import ConfigError
from terminal.model.risk import PolicyKind, RiskProfile, Style
from terminal.oracle.legacy import merged, read_legacy, resolved, write_legacy
from terminal.oracle.personas import imported, risk_aversion
from terminal.risk.profiles import checked
from terminal.runtime.profiles import presets

STRATEGY: dict[str, Any] = {
    "name": "dynamic_hedging",
    "deprecated": True,
    "description": "Delta-neutral with scalping.",
    "modifiers": {
        "hedging_frequency": "adaptive",
        "target_delta": 0,
        "rebalancing_trigger": ["volatility_spike", "price_jump", "delta_threshold_breach"],
        "trade_type_preference": "limit_when_possible",
        "volatility_indicators": ["IV", "RV", "FundingRates"],
        "execution_constraints": {"slippage_tolerance": 0.3, "latency_max": 250},
    },
    "instructions": "Hedge if delta drifts.",
    "colour": {"of": ["a", "stranger"]},
}
SHIPPED = presets()


def taken(document: Any, name: str = "") -> tuple[RiskProfile, str]:
    found = imported(read_legacy(json.dumps(document), "file.json"), SHIPPED, name)
    return checked(found.profile, "file.json"), "\n".join(found.assumptions)


def test_the_strategy_becomes_a_profile_with_its_assumptions_said() -> None:
    profile, said = taken(STRATEGY)
    assert profile.slippage_cap_bps == pytest.approx(30.0)
    assert profile.loop_lag_ms == 250.0
    assert profile.style is Style.BY_URGENCY
    assert {each.kind for each in profile.policies.values()} == {PolicyKind.HYBRID}
    assert {each.target for each in profile.policies.values()} == {0.0}
    assert {each.every_s for each in profile.policies.values()} == {300.0}
    assert "slippage_tolerance 0.3 is taken as percent: 30 bp" in said
    assert "latency_max 250 is taken as ms" in said
    legacy = read_legacy(json.dumps(STRATEGY), "file.json")
    assert imported(legacy, SHIPPED).deprecated


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(-9, 9) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=8,
)


@given(more=st.dictionaries(st.text(min_size=1, max_size=6), JSON, max_size=4))
def test_a_file_is_written_back_equal_with_everything_unknown(more: dict[str, Any]) -> None:
    known = {"name", "modifiers", "deprecated", "strategy_weights", "moods", "profile"}
    document = STRATEGY | {key: value for key, value in more.items() if key not in known}
    legacy = read_legacy(json.dumps(document), "file.json")
    again = write_legacy(legacy)
    assert json.loads(again) == document
    assert list(json.loads(again)) == list(document)
    assert read_legacy(again, "file.json").document == legacy.document


@pytest.mark.parametrize(
    ("weight", "rra", "name"),
    [(0.3, 3.0, "Angie"), (0.7, 100.0, "Selena"), (0.0, 1.0, "x"), (2.0, 300.0, "y")],
)
def test_a_persona_is_as_risk_averse_as_its_weight_says(
    weight: float, rra: float, name: str
) -> None:
    persona = {
        "name": name,
        "profile": "Aggressive",
        "strategy_weights": {"dynamic_hedging": weight, "profit_management": 0.2},
        "moods": {"high_heat": "excited"},
    }
    assert risk_aversion(weight) == pytest.approx(rra)
    profile, said = taken([STRATEGY, persona], name)
    assert profile.risk_aversion == pytest.approx(rra / 1e6)
    assert "profit_management of the persona is not in the file" in said


def test_the_weighted_merge_is_the_older_program_s_but_for_booleans() -> None:
    parts = [
        ({"a": 1, "d": {"x": 10}, "l": [1, 2], "s": "low", "b": True}, 0.25),
        ({"a": 5, "d": {"x": 20, "y": 1}, "l": [2, 3], "s": "high", "b": False}, 0.75),
    ]
    assert merged(parts) == {
        "a": 4.0,
        "d": {"x": 17.5, "y": 1.0},
        "l": [1, 2, 3],
        "s": "high",
        "b": False,
    }


@given(values=st.lists(st.tuples(st.floats(-1e3, 1e3), st.floats(0.01, 10.0)), min_size=1))
def test_a_merged_number_lies_between_its_parts(values: list[tuple[float, float]]) -> None:
    found = merged([({"x": value}, weight) for value, weight in values])["x"]
    low, high = min(v for v, _ in values), max(v for v, _ in values)
    assert low - 1e-9 <= found <= high + 1e-9


def test_a_persona_takes_the_modifiers_of_its_strategies() -> None:
    other = {"name": "safe", "modifiers": {"risk_level": "low", "target_delta": 1.0}}
    persona = {"name": "Mix", "strategy_weights": {"dynamic_hedging": 1.0, "safe": 1.0}}
    legacy = read_legacy(json.dumps([STRATEGY, other, persona]), "file.json")
    known = {each.name: each for each in legacy.strategies}
    found = resolved(legacy.personas[0], known)
    assert found["target_delta"] == 0.5
    profile, said = taken([STRATEGY, other, persona], "mix")
    assert {each.target for each in profile.policies.values()} == {0.5}
    assert "target_delta 0.5 is taken as coin" in said


@pytest.mark.parametrize(
    ("modifiers", "preset", "words"),
    [
        ({"risk_tolerance": "very_low"}, "Cautious", "limits are those of Cautious"),
        ({"risk_tolerance": "high", "leverage_bias": "max"}, "Degen", "never without one"),
        ({"risk_level": "moderate"}, "Balanced", "limits are those of Balanced"),
        ({"risk_level": "lunar"}, "Balanced", "'lunar' is not known"),
        ({"heat_thresholds": {"warning": 30}}, "Balanced", "heat_thresholds is not known"),
        ({"volatility_indicators": ["IV", "moon"]}, "Balanced", "indicator 'moon' is not known"),
        ({"trade_type_preference": "yolo"}, "Balanced", "'yolo' is not known"),
    ],
)
def test_other_strategies(modifiers: dict[str, Any], preset: str, words: str) -> None:
    profile, said = taken({"name": "one", "modifiers": modifiers})
    assert profile.risk_aversion == SHIPPED[preset].risk_aversion
    assert words in said


def test_bare_weights_an_alias_and_nameless_objects() -> None:
    legacy = read_legacy('{"safe": 0.7, "aggressive": 0.1}', "old.json")
    assert legacy.personas[0].weights == {"safe": 0.7, "degen": 0.1}
    mixed = read_legacy(json.dumps([STRATEGY, {"modifiers": {}}, 7]), "old.json")
    assert len(mixed.strategies) == 1
    assert mixed.ignored == (
        "old.json, item 2: it has no name",
        "old.json, item 3: int instead of an object",
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "old.json is not JSON"),
        ('{"name": "a", "modifiers": {"target_delta": NaN}}', "NaN is no number"),
        ("[" * 100_000, "old.json is not JSON"),
        ("[]", "it is empty"),
        ("7", "int instead of an object"),
        ('{"modifiers": {}}', "it has no name"),
        ('{"name": "a", "modifiers": []}', "modifiers must be an object, not []"),
        ('{"name": "a", "deprecated": 1}', "deprecated must be true or false"),
        ('{"name": "a", "strategy_weights": {"x": -1}}', "x must be a number of 0 or more"),
        ('{"name": "a", "strategy_weights": {"x": true}}', "not true"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_its_key(text: str, words: str) -> None:
    with pytest.raises(ConfigError) as error:
        read_legacy(text, "old.json")
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("modifiers", "words"),
    [
        ({"target_delta": "x"}, "target_delta must be a number"),
        ({"target_delta": True}, "target_delta must be a number"),
        ({"execution_constraints": 3}, "execution_constraints must be an object"),
        ({"rebalancing_trigger": "price_jump"}, "rebalancing_trigger must be a list of words"),
        ({"execution_constraints": {"slippage_tolerance": 30}}, "slippage_cap_bps"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused(modifiers: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        taken({"name": "one", "modifiers": modifiers})


def test_a_name_that_is_not_there_is_answered_with_those_that_are() -> None:
    with pytest.raises(ConfigError, match="it holds dynamic_hedging"):
        taken(STRATEGY, "wizard")
