"""Legs written by hand: strict reading, and numbers in the desk's units."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.core.errors import ConfigError
from terminal.portfolio.legs import REMEDIES, Leg, leg_greeks, read_legs
from terminal.pricing.carry import parse_expiry, years_between
from terminal.pricing.engines import load

OPTION: dict[str, Any] = {
    "kind": "option",
    "underlying": "BTC",
    "settle": "coin",
    "qty": 2,
    "spot": 60_000,
    "forward": 61_000,
    "strike": 65_000,
    "years": 0.2,
    "vol": 0.6,
    "right": "put",
}
KEYS = [
    "price_coin",
    "price_usd",
    "delta",
    "delta_net_of_premium",
    "delta_usd",
    "gamma",
    "gamma_1pct_usd",
    "vega_usd",
    "theta_usd_day",
]


def answer(*legs: dict[str, Any]) -> dict[str, Any]:
    return dict(leg_greeks(read_legs(json.dumps(legs))))


def one(**fields: Any) -> dict[str, float]:
    row: dict[str, float] = answer({"underlying": "BTC", "spot": 60_000, **fields})["legs"][0]
    return row


def test_the_listed_option_of_the_research() -> None:
    row = one(
        kind="option",
        settle="coin",
        qty=1,
        spot=36_707.05,
        forward=39_165.86,
        strike=40_000,
        years=years_between(1_699_593_511_632_000_000, parse_expiry("27SEP24")),
        vol=0.6086,
        right="call",
    )
    assert list(row) == KEYS
    assert row["price_coin"] == pytest.approx(0.2169, abs=5e-5)
    assert row["delta"] == pytest.approx(0.59833, abs=2e-5)
    assert row["delta_net_of_premium"] == pytest.approx(0.59833 - 0.2169, abs=5e-5)
    assert row["vega_usd"] * 39_165.86 / 36_707.05 == pytest.approx(142.301, rel=1e-5)
    assert row["theta_usd_day"] * 39_165.86 / 36_707.05 == pytest.approx(-13.4441, rel=1e-4)


def test_linear_kinds() -> None:
    for kind in ("spot", "collateral"):
        row = one(kind=kind, qty=1.5)
        assert (row["delta"], row["delta_net_of_premium"], row["price_usd"]) == (1.5, 0.0, 90_000)
    perp = one(kind="perpetual", settle="coin", qty=-60_000, entry=50_000)
    assert (perp["delta"], perp["delta_net_of_premium"], perp["delta_usd"]) == (-1, -1, -60_000)
    assert perp["price_coin"] == pytest.approx(-60_000 * (1 / 50_000 - 1 / 60_000))
    perp = one(kind="perpetual", settle="usd", qty=2, entry=50_000)
    assert (perp["delta"], perp["price_usd"]) == (2, 20_000)
    assert perp["delta_net_of_premium"] == pytest.approx(2 - 20_000 / 60_000)
    assert one(kind="perpetual", settle="usd", qty=2)["price_usd"] == 0.0
    future = one(kind="future", settle="usd", qty=2, forward=66_000, entry=60_000)
    assert future["delta"] == pytest.approx(2.2)
    assert future["price_usd"] == 12_000
    future = one(kind="future", settle="coin", qty=66_000, forward=66_000)
    assert future["delta"] == 1.0


def test_a_missing_forward_is_spot() -> None:
    without = {name: value for name, value in OPTION.items() if name != "forward"}
    assert answer(without) == answer({**OPTION, "forward": 60_000}) != answer(OPTION)


def test_usd_option_differs_by_the_basis() -> None:
    coin, usd = one(**OPTION), one(**{**OPTION, "settle": "usd"})
    basis = 61_000 / 60_000
    assert usd["price_usd"] == pytest.approx(coin["price_usd"] * basis)
    assert usd["delta"] == pytest.approx(coin["delta"] * basis)


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=5))
def test_one_underlying_sums_plainly(sizes: list[float]) -> None:
    found = answer(*[{**OPTION, "qty": size} for size in sizes])
    assert list(found["total"]) == KEYS
    for key in KEYS:
        assert found["total"][key] == pytest.approx(sum(leg[key] for leg in found["legs"]))


def test_coins_of_different_kinds_are_not_added() -> None:
    ether = {**OPTION, "underlying": "ETH", "spot": 3_000, "forward": 3_000, "strike": 3_000}
    found = answer(OPTION, ether, OPTION)
    total = found["total"]
    for key in ("price_coin", "delta", "delta_net_of_premium", "gamma"):
        assert total[key] is None
    for key in ("price_usd", "delta_usd", "gamma_1pct_usd", "vega_usd", "theta_usd_day"):
        assert total[key] == pytest.approx(sum(leg[key] for leg in found["legs"]))
    assert total["by_underlying"]["BTC"]["delta"] == 2 * found["legs"][0]["delta"]
    assert total["by_underlying"]["ETH"] == found["legs"][1]


def test_limits_are_values() -> None:
    for change in ({"years": 0}, {"vol": 0}):
        row = one(**{**OPTION, **change})
        assert row["price_usd"] == pytest.approx(2 * 4_000 / 61_000 * 60_000)
        assert (row["delta"], row["gamma"], row["vega_usd"], row["theta_usd_day"]) == (-2, 0, 0, 0)
    empty = one(**{**OPTION, "qty": 0})
    assert all(value == 0 for value in empty.values())


@pytest.mark.parametrize("field", ["kind", "underlying", "qty", "spot", "settle"])
def test_a_missing_field_is_named(field: str) -> None:
    broken = {name: value for name, value in OPTION.items() if name != field}
    with pytest.raises(ConfigError, match=f"^leg 2, {field}: .*{REMEDIES[field][:8]}") as caught:
        answer(OPTION, broken)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("field", ["strike", "years", "vol", "right", "settle"])
def test_null_counts_as_missing(field: str) -> None:
    with pytest.raises(ConfigError, match=f"^leg 1, {field}: missing for option"):
        answer({**OPTION, field: None})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "swap"),
        ("underlying", "  "),
        ("settle", "BTC"),
        ("right", "C"),
        ("qty", "1"),
        ("qty", True),
        ("qty", 1e300),
        ("spot", 0),
        ("spot", -60_000),
        ("forward", 0),
        ("strike", 0),
        ("strike", -1),
        ("years", -0.1),
        ("years", 20_260_101),
        ("vol", -0.5),
        ("vol", 60),
        ("entry", 0),
    ],
)
def test_a_bad_value_is_named_with_the_remedy(field: str, value: object) -> None:
    with pytest.raises(ConfigError, match=f"^leg 1, {field}: ") as caught:
        answer({**OPTION, field: value})
    assert REMEDIES[field] in str(caught.value)


def test_an_unknown_field_lists_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"leg 1: .*`size`; the fields are kind, underlying"):
        answer({**OPTION, "size": 3})
    assert set(REMEDIES) == set(Leg.__struct_fields__)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no JSON"),
        ("nonsense", "no JSON"),
        ('[{"qty": NaN}]', "no JSON"),
        ('[{"qty": 1e999}]', "no JSON"),
        ("{}", "JSON list"),
        ("[]", "at least one"),
        ("[3]", "leg 1 is no object"),
    ],
)
def test_a_broken_file_is_one_clear_line(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        read_legs(text)
    assert "\n" not in str(caught.value)


def test_a_result_beyond_any_number_is_refused() -> None:
    with pytest.raises(ConfigError, match="leg 1: gamma is beyond any number"):
        answer({**OPTION, "strike": 61_000, "vol": 1e-315})


@pytest.mark.parametrize("name", ["compiled", "vollib"])
def test_every_engine_says_the_same(name: str) -> None:
    if name == "compiled":
        pytest.importorskip("numba")
    call = {**OPTION, "right": "call", "settle": "usd", "strike": 58_000}
    legs = read_legs(json.dumps([OPTION, call]))
    plain, other = leg_greeks(legs), leg_greeks(legs, load(name))
    for ours, theirs in zip(plain["legs"], other["legs"], strict=True):
        assert theirs == pytest.approx(ours, rel=1e-11)
