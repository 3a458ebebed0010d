"""Which instrument carries a hedge: its cost in parts, its place, and what rules one out."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.core.units import BPS, HOUR, SECOND
from terminal.hedging.inputs import Instrumental
from terminal.hedging.legs import cost, size
from terminal.hedging.ranking import KEEP_BP, Choice, Need, in_order, price
from terminal.model.hedge_with import HedgeRow
from terminal.model.market import Depth, Funding
from terminal.model.order import Side
from tests.helpers.builders import NOW, SPOT, contract, depth, quote, seen

NEED = Need(side=Side.BUY, coins=1.0, spot=SPOT, now=NOW, holding=8 * HOUR, oldest=5 * SECOND)


def choice(name: str = "A", half: float = 0.5, **more: Any) -> Choice:
    """A perpetual quoted ``half`` dollars around the usual price, deep and free of funding."""
    terms: Any = more.pop("contract", None) or contract(name)
    given: dict[str, Any] = {
        "contract": terms,
        "kind": "perpetual",
        "seen": seen(quote(terms.key, SPOT - half, SPOT + half)),
        "funding": Funding(terms.key, 0.0, 8 * HOUR, NOW + HOUR),
    }
    return Choice(**given | more)


def need(**more: Any) -> Need:
    fields = {name: getattr(NEED, name) for name in NEED.__struct_fields__}
    return Need(**fields | more)


def ranked(choices: Iterable[Choice], wanted: Need) -> tuple[HedgeRow, ...]:
    return in_order([price(each, wanted) for each in choices], wanted)


def symbols(*choices: Choice, wanted: Need = NEED) -> list[str]:
    return [row.symbol for row in ranked(choices, wanted) if row.rank]


def only(given: Choice, wanted: Need = NEED) -> HedgeRow:
    (row,) = ranked((given,), wanted)
    return row


def test_the_parts_are_those_of_a_proposal() -> None:
    given = choice(depth=depth("A@sim", step_usd=5.0, size=0.25))
    row = only(given)
    assert given.seen is not None
    hedge = Instrumental(
        contract=given.contract, book=given.seen, depth=given.depth, position=Decimal(0)
    )
    stated = cost(hedge, Side.BUY, size(given.contract, 1.0, SPOT))
    assert row.fee_bp == pytest.approx(stated.fee / SPOT / BPS)
    assert row.spread_bp == pytest.approx(stated.spread / SPOT / BPS)
    assert row.impact_bp == pytest.approx(7.5 / SPOT / BPS)  # (0 + 5 + 10 + 15) / 4
    assert row.total_usd == pytest.approx(stated.total)
    assert row.rank == 1
    assert row.reason == "the only one that can take it"


def test_the_cheapest_is_first_and_the_others_say_by_what_they_cost_more() -> None:
    rows = ranked(
        (
            choice("WIDE", half=10.0),
            choice("PAYS", funding=Funding("PAYS@sim", 3e-4, 8 * HOUR, 0)),
            choice("NEAR"),
        ),
        NEED,
    )
    assert [row.symbol for row in rows] == ["NEAR", "WIDE", "PAYS"]
    assert rows[0].reason == "cheapest by 1.9 bp"
    assert rows[1].reason == "1.9 bp more, mostly spread (+1.9)"
    assert rows[2].reason == "3.0 bp more, mostly carry (+3.0)"


def test_the_sign_of_funding_turns_with_the_side() -> None:
    pays = choice("PAYS", funding=Funding("PAYS@sim", 3e-4, 8 * HOUR, 0))
    assert symbols(pays, choice("FREE")) == ["FREE", "PAYS"]
    assert symbols(pays, choice("FREE"), wanted=need(side=Side.SELL)) == ["PAYS", "FREE"]
    assert only(pays, need(side=Side.SELL)).carry_bp == pytest.approx(-3.0)


def test_the_one_in_use_is_kept_for_less_than_a_point() -> None:
    cheap, kept = choice("CHEAP"), choice("KEPT", half=4.5)  # 0.8 bp wider
    assert symbols(kept, cheap) == ["CHEAP", "KEPT"]
    rows = ranked((kept, cheap), need(kept="KEPT@sim"))
    assert [row.symbol for row in rows] == ["KEPT", "CHEAP"]
    assert rows[0].reason == "in use: none is cheaper enough to change"
    assert rows[1].reason == f"0.8 bp cheaper, under the {KEEP_BP:g} bp to change"
    assert symbols(choice("KEPT", half=6.0), cheap, wanted=need(kept="KEPT@sim"))[0] == "CHEAP"


def test_closing_a_position_is_preferred_to_opening_another() -> None:
    short = choice("SHORT", half=4.5, position=Decimal(-1))
    assert symbols(choice("OTHER"), short)[0] == "SHORT"
    long = choice("LONG", half=4.5, position=Decimal(1))
    assert symbols(choice("OTHER"), long)[0] == "OTHER"


def test_equals_keep_the_order_of_the_listing() -> None:
    assert symbols(choice("B"), choice("A"), choice("C")) == ["B", "A", "C"]


def test_a_dated_future_pays_its_basis_as_it_converges() -> None:
    future = choice(
        "FUT",
        kind="future",
        expiry=NOW + 80 * HOUR,
        seen=seen(quote("FUT@sim", 50_499.5, 50_500.5, mark=50_500.0)),
    )
    assert only(future).carry_bp == pytest.approx(9.95, abs=0.01)  # ln(1.01) / 10
    assert only(future, need(side=Side.SELL)).carry_bp == pytest.approx(-9.95, abs=0.01)


def test_what_the_desk_does_not_trade_says_so() -> None:
    row = only(choice("FUT", shown_only=True))
    assert row.reason.endswith("; shown only, the desk trades perpetuals")


def test_a_borrow_fee_is_paid_by_both_sides() -> None:
    pool = choice("POOL", borrow_hour=1e-5)
    assert only(pool).carry_bp == pytest.approx(0.8)
    assert only(pool, need(side=Side.SELL)).carry_bp == pytest.approx(0.8)


def test_spot_is_sold_as_far_as_coins_are_held() -> None:
    coins = choice("BTC-USDC", kind="spot", free_coins=0.4)
    assert only(coins).rank == 1
    sold = only(coins, need(side=Side.SELL))
    assert sold.rank == 0
    assert sold.reason == "0.4000 coins held, and nothing here lends more to sell"
    assert only(choice("X", kind="spot", free_coins=1.0), need(side=Side.SELL)).rank == 1


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (choice(seen=None), "no quote yet"),
        (choice(seen=seen(quote("A@sim", bid=None))), "one-sided book"),
        (choice(seen=seen(quote("A@sim", 50_001.0, 49_999.0))), "quote: book is crossed"),
        (choice(seen=seen(quote("A@sim"), at=NOW - 6 * SECOND)), "book is 6 s old"),
        (choice(depth=Depth("A@sim", ((1.0, 1.0),), ())), "no asks on its book"),
        (choice(depth=Depth("A@sim", (), ((50_000.5, 0.0),))), "no asks on its book"),
        (choice(depth=Depth("A@sim", (), ((50_000.5, float("nan")),))), "no asks on its book"),
        (choice(contract=contract("A", lot=Decimal(2))), "below one lot"),
        (
            choice(margin_rate=0.02, free_usd=900.0),
            "needs 1,000 USD of margin, 900 free",
        ),
    ],
)
def test_what_cannot_carry_the_hedge_is_last_and_says_why(given: Choice, why: str) -> None:
    rows = ranked((given, choice("DEAR", half=100.0)), NEED)
    assert [row.symbol for row in rows] == ["DEAR", given.contract.symbol]
    assert (rows[1].rank, rows[1].reason, rows[1].total_bp) == (0, why, None)


def test_margin_is_needed_for_what_is_opened_only() -> None:
    closing = choice(margin_rate=0.02, free_usd=0.0, position=Decimal(-1))
    assert (only(closing).rank, only(closing).margin_usd) == (1, 0.0)
    half = choice(margin_rate=0.02, free_usd=0.0, position=Decimal("-0.5"))
    assert only(half).margin_usd == pytest.approx(500.0)
    assert only(half).rank == 0
    assert only(choice(margin_rate=0.02)).rank == 1  # free collateral unknown


@pytest.mark.parametrize("rate", [float("nan"), float("inf")])
def test_unknown_funding_is_said_and_not_counted(rate: float) -> None:
    row = only(choice(funding=Funding("A@sim", rate, 8 * HOUR, NOW)))
    assert row.carry_bp is None
    assert row.total_bp == pytest.approx(5.1)
    assert row.reason.endswith("funding unknown")
    assert only(choice(funding=None)).carry_bp is None


def test_unknown_impact_goes_after_known() -> None:
    thin = choice("THIN", depth=depth("THIN@sim", size=0.1, levels=2))
    dear = choice("DEAR", half=20.0)
    assert symbols(thin, dear) == ["DEAR", "THIN"]
    row = only(thin)
    assert row.impact_bp is None
    assert row.reason.endswith("only 0.2000 on the book: impact unknown")
    small = seen(quote("A@sim", ask_qty=0.5))
    assert only(choice(seen=small)).reason.endswith("no depth: impact unknown")


@given(
    st.lists(
        st.tuples(st.floats(0.5, 50.0), st.floats(-5e-4, 5e-4), st.floats(0.0, 20.0)),
        min_size=1,
        max_size=5,
    ),
    st.sampled_from(Side),
)
def test_totals_are_the_sum_of_their_parts_and_rise(
    rows: list[tuple[float, float, float]], side: Side
) -> None:
    choices = [
        choice(
            f"N{number}",
            half=half,
            funding=Funding("", rate, 8 * HOUR, 0),
            depth=depth("", step_usd=step),
        )
        for number, (half, rate, step) in enumerate(rows)
    ]
    wanted = need(side=side)
    found = ranked(choices, wanted)
    assert [row.rank for row in found] == list(range(1, len(rows) + 1))
    totals = [row.total_bp or 0.0 for row in found]
    assert totals == sorted(totals)
    for row in found:
        parts = (row.fee_bp, row.spread_bp, row.impact_bp, row.carry_bp)
        assert row.total_bp == pytest.approx(sum(part or 0.0 for part in parts), abs=1e-9)
    assert not price(choices[0], wanted).fault
