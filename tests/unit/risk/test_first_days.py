"""The first days of live accounts: what arms a run, and how much of its sizes may be traded."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.core.units import DAY
from terminal.model.live import LiveAccount, Network
from terminal.risk.first_days import (
    FACTOR,
    FIRST_DAYS,
    Arming,
    armed,
    begun,
    cut,
    full_at,
    lifted,
    refusal,
    size_factor,
)
from tests.helpers.builders import NOW, profile

HOME = LiveAccount("deribit", Network.MAIN, "main")
AWAY = LiveAccount("okx", Network.TEST, "lab", "http://127.0.0.1:8080")
READY = begun(Arming(), (HOME, AWAY), NOW)


@pytest.mark.parametrize(
    ("arming", "word", "typed", "missing"),
    [
        (Arming(), "LIVE", (), "no account"),
        (READY, "", (), "LIVE"),
        (READY, "live", (AWAY.address,), "capitals"),
        (READY, " LIVE", (AWAY.address,), "LIVE"),
        (READY, "LIVE", (), AWAY.address),
        (READY, "LIVE", ("http://127.0.0.1:8081",), "okx/test/lab"),
    ],
)
def test_a_run_is_armed_by_the_word_and_every_foreign_address(
    arming: Arming, word: str, typed: tuple[str, ...], missing: str
) -> None:
    assert missing in refusal(arming, word, typed)


def test_what_was_asked_for_arms_it() -> None:
    assert refusal(READY, "LIVE", (AWAY.address,)) == ""
    assert refusal(begun(Arming(), (HOME,), NOW), "LIVE", ()) == ""


def test_nothing_may_be_traded_before_and_where_nothing_is_armed() -> None:
    assert size_factor(Arming(), "deribit", NOW) == 0.0
    assert size_factor(READY, "deribit", NOW) == 0.0
    live = armed(READY, NOW)
    assert size_factor(live, "bybit", NOW) == 0.0
    assert size_factor(begun(live, (HOME,), NOW), "deribit", NOW) == 0.0, "a start disarms"


@given(st.integers(0, 3 * FIRST_DAYS), st.lists(st.integers(0, FIRST_DAYS), max_size=4))
def test_a_quarter_for_seven_days_from_the_first_arming(later: int, starts: list[int]) -> None:
    live = armed(READY, NOW)
    for at in starts:  # arming again never begins the week anew
        live = armed(begun(live, (HOME, AWAY), NOW), NOW + at)
    expected = FACTOR if later < FIRST_DAYS else 1.0
    assert size_factor(live, "deribit", NOW + later) == expected


def test_each_account_has_its_own_week() -> None:
    live = armed(begun(Arming(), (HOME,), NOW), NOW)
    both = armed(begun(live, (HOME, AWAY), NOW), NOW + 5 * DAY)
    assert size_factor(both, "deribit", NOW + 8 * DAY) == 1.0
    assert size_factor(both, "okx", NOW + 8 * DAY) == FACTOR
    other = LiveAccount("deribit", Network.MAIN, "second")
    third = armed(begun(both, (other,), NOW), NOW + 8 * DAY)
    assert size_factor(third, "deribit", NOW + 8 * DAY) == FACTOR


def test_a_person_ends_the_week_of_one_account() -> None:
    live = lifted(armed(READY, NOW), HOME.name, "sized by hand for years")
    assert size_factor(live, "deribit", NOW) == 1.0
    assert size_factor(live, "okx", NOW) == FACTOR
    assert full_at(live.firsts[HOME.name]) == NOW
    assert full_at(live.firsts[AWAY.name]) == NOW + FIRST_DAYS


@given(st.floats(0.01, 1.0))
def test_a_cut_scales_sizes_and_nothing_else(factor: float) -> None:
    whole = profile(max_order_usd=1e3, max_hedge_usd=1e5, auto_hedge_usd=5e3)
    small = cut(whole, factor)
    sizes = {"max_order_usd", "max_hedge_usd", "auto_hedge_usd"}
    for name in whole.__struct_fields__:
        before, after = getattr(whole, name), getattr(small, name)
        assert after == (before * factor if name in sizes else before)


def test_a_whole_profile_is_itself() -> None:
    whole = profile()
    assert cut(whole, 1.0) is whole
