"""The profile's limits on a request: size, loss, leverage; closing in parts is never barred."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from terminal.runtime.profiles import presets
from terminal.venues.jupiter import accounts
from terminal.venues.jupiter.accounts import HeldPosition
from terminal.venues.jupiter.holdings import Holding, carry, contracts, perpetual
from terminal.venues.jupiter.limits import beyond
from terminal.venues.jupiter.requests import Change
from terminal.venues.jupiter.wallet import Wallet
from tests.unit.venues.jupiter.chain import SHORT_SOL, WALLET, custody_bytes

PROFILE = replace(
    presets()["Balanced"],
    max_order_usd=5_000.0,
    max_hedge_usd=8_000.0,
    day_loss_reduce_usd=500.0,
    gross_leverage=4.0,
)
ENTRY = 160.0
USD = st.decimals(Decimal("0.01"), Decimal(20_000), places=2)


def wallet(*, size: int = 3_000, collateral: int = 1_000, price: float | None = ENTRY) -> Wallet:
    held = HeldPosition(
        place=SHORT_SOL,
        entry=Decimal(ENTRY),
        size_usd=Decimal(size),
        collateral_usd=Decimal(collateral),
        opened_at=0,
        interest_snapshot=0,
    )
    holding = Holding(
        perpetual=perpetual(SHORT_SOL, 6.0),
        position=contracts(held),
        funding=carry(SHORT_SOL, accounts.custody(custody_bytes("USDC"), "USDC")),
        held=held,
        owed_usd=Decimal(0),
        price=price,
    )
    return Wallet(WALLET, 1, known=True, holdings=(holding,))


def change(size: Decimal | int, *, grows: bool = True, collateral: int = 0) -> Change:
    return Change(
        order_id="x",
        place=SHORT_SOL,
        grows=grows,
        size_usd=Decimal(size),
        worst=Decimal(160),
        collateral=Decimal(collateral),
    )


@given(size=USD, grows=st.booleans(), price=st.one_of(st.none(), st.floats(1.0, 1_000.0)))
def test_nothing_above_the_largest_order_is_ever_asked_for(
    size: Decimal,
    grows: bool,
    price: float | None,
) -> None:
    said = beyond(change(size, grows=grows), wallet(price=price), PROFILE)
    if size > 5_000:
        assert "5,000 USD" in said
    elif not grows:
        assert said == ""  # a losing position can be closed in parts, whatever else stands


@given(price=st.floats(1.0, 1_000.0), size=st.integers(1, 5_000))
def test_an_increase_needs_a_small_loss_and_enough_equity(price: float, size: int) -> None:
    profit = -3_000 / ENTRY * (price - ENTRY)
    said = beyond(change(size), wallet(price=price), PROFILE)
    fits = profit > -500.0 and 3_000 + size <= 4.0 * (1_000 + profit)
    assert (said == "") is fits


def test_the_limit_that_stands_is_named() -> None:
    loss = beyond(change(100), wallet(price=190.0), PROFILE)
    assert loss == "the wallet's loss of 562 USD is past 500 USD: only decrease"
    assert "4 times: pay in --collateral" in beyond(change(2_000), wallet(), PROFILE)
    assert beyond(change(2_000, collateral=250), wallet(), PROFILE) == ""
    assert "in parts" in beyond(change(6_000, grows=False), wallet(size=9_000), PROFILE)
    roomy = replace(PROFILE, max_order_usd=1e5)
    assert "largest hedge" in beyond(change(9_000), wallet(), roomy)


def test_without_a_price_the_loss_is_unknown_and_only_decreases_pass() -> None:
    assert "unknown" in beyond(change(1), wallet(price=None), PROFILE)
    assert beyond(change(1, grows=False), wallet(price=None), PROFILE) == ""
