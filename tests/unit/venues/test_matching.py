"""What taking liquidity costs."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from terminal.model.market import Depth, Quote
from terminal.model.order import Side
from terminal.venues.matching import BookView, Execution, Taker, crosses, take
from tests.unit.venues.makers import BY_KEY, LINEAR, PERP, quote

BTC = BY_KEY[PERP]
SOL = BY_KEY[LINEAR]


def taker(side: Side, qty: str, limit: str) -> Taker:
    return Taker(BTC, side, Decimal(qty), Decimal(limit))


def book(*shown: Quote | Depth) -> BookView:
    view = BookView()
    for each in shown:
        view.show(each)
    return view


DEPTH = Depth(
    PERP,
    bids=((84_999.5, 100.0), (84_999.0, 200.0), (84_990.0, 300.0)),
    asks=((85_000.5, 100.0), (85_001.0, 200.0), (85_010.0, 300.0)),
)


def test_an_order_walks_the_levels() -> None:
    filled = take(book(DEPTH), taker(Side.BUY, "250", "86000"))
    assert filled == [
        Execution(Decimal("85000.5"), Decimal(100)),
        Execution(Decimal("85001.0"), Decimal(150)),
    ]


def test_an_order_stops_at_its_limit() -> None:
    filled = take(book(DEPTH), taker(Side.SELL, "900", "84999"))
    assert sum(each.qty for each in filled) == 300


def test_depth_moves_with_a_newer_quote() -> None:
    filled = take(book(DEPTH, quote(85_099.5, 85_100.5, size=50.0)), taker(Side.BUY, "60", "86000"))
    assert filled == [
        Execution(Decimal("85100.5"), Decimal(50)),
        Execution(Decimal("85101.0"), Decimal(10)),
    ]


def test_the_same_liquidity_is_not_taken_twice() -> None:
    view = book(DEPTH)
    assert take(view, taker(Side.BUY, "100", "86000"))[0].price == Decimal("85000.5")
    assert take(view, taker(Side.BUY, "100", "86000"))[0].price == Decimal("85001.0")
    view.show(DEPTH)
    assert take(view, taker(Side.BUY, "100", "86000"))[0].price == Decimal("85000.5")


def test_what_was_taken_is_skipped_across_levels() -> None:
    view = book(DEPTH)
    take(view, taker(Side.BUY, "250", "86000"))
    assert take(view, taker(Side.BUY, "100", "86000")) == [
        Execution(Decimal("85001.0"), Decimal(50)),
        Execution(Decimal("85010.0"), Decimal(50)),
    ]


def test_without_depth_the_average_worsens_linearly() -> None:
    view = book(quote(84_999.5, 85_000.0, size=0.0))
    ten_btc = "85000"  # contracts of 10 USD
    (filled,) = take(view, taker(Side.BUY, ten_btc, "90000"))
    assert filled.qty == Decimal(ten_btc)
    assert filled.price == Decimal("85007.0")  # 0.8 bp for 10 BTC: 85,006.8, up to the tick
    (again,) = take(view, taker(Side.BUY, ten_btc, "90000"))
    assert again.price == Decimal("85020.5")  # 2.4 bp for the next ten


def test_impact_stops_where_the_average_reaches_the_limit() -> None:
    (filled,) = take(book(quote(84_999.5, 85_000.0, size=0.0)), taker(Side.BUY, "900000", "85017"))
    assert filled.price <= Decimal(85_017)
    assert abs(filled.qty - Decimal(212_500)) < 5  # 2 bp buys 25 BTC


def test_an_empty_side_fills_nothing() -> None:
    assert take(book(Quote(PERP, 84_999.5, None)), taker(Side.BUY, "10", "90000")) == []
    assert take(book(), taker(Side.BUY, "10", "90000")) == []
    assert not crosses(Side.BUY, Decimal(90_000), None)


def test_what_is_shown_at_a_price() -> None:
    view = book(DEPTH)
    assert view.shown_at(Side.BUY, 84_999.0, 0.5) == 200.0
    assert view.shown_at(Side.BUY, 85_000.0, 0.5) == 0.0  # inside the spread
    assert view.shown_at(Side.BUY, 84_995.0, 0.5) == 300.0  # between levels: the worse one
    assert view.shown_at(Side.SELL, 85_500.0, 0.5) == 300.0  # behind the last one known
    assert book().shown_at(Side.BUY, 1.0, 0.5) == 0.0


levels = st.lists(
    st.tuples(st.integers(1, 40), st.integers(0, 5000)),
    min_size=1,
    max_size=8,
    unique_by=lambda level: level[0],
)


@given(
    asks=levels,
    with_depth=st.booleans(),
    wanted=st.integers(1, 30_000),
    limit=st.integers(-2, 60),
    side=st.sampled_from(Side),
)
def test_never_too_much_and_never_past_the_limit(
    *, asks: list[tuple[int, int]], with_depth: bool, wanted: int, limit: int, side: Side
) -> None:
    sign = 1 if side is Side.BUY else -1
    ladder = tuple((85_000.0 + 0.5 * sign * step, float(qty)) for step, qty in sorted(asks))
    other = ((85_000.0 - 0.5 * sign, 1.0),)
    depth = Depth(PERP, other, ladder) if side is Side.BUY else Depth(PERP, ladder, other)
    best, size = ladder[0]
    quoted = (
        Quote(PERP, other[0][0], best, 1.0, size)
        if side is Side.BUY
        else Quote(PERP, best, other[0][0], size, 1.0)
    )
    view = book(depth if with_depth else quoted)
    price = Decimal(85_000) + sign * limit * Decimal("0.5")
    filled = take(view, Taker(BTC, side, Decimal(wanted), price))
    assert sum(each.qty for each in filled) <= wanted
    assert all(each.qty > 0 for each in filled)
    assert all(sign * (price - each.price) >= 0 for each in filled)
    assert all(sign * (float(each.price) - best) >= -1e-6 for each in filled)
    if with_depth:
        assert sum(each.qty for each in filled) <= sum(qty for _, qty in asks)


def test_fills_are_whole_lots() -> None:
    view = book(Quote(LINEAR, 139.99, 140.0, 3.27, 3.27))
    view.show(Depth(LINEAR, ((139.99, 3.27),), ((140.0, 3.27),)))
    (filled,) = take(view, Taker(SOL, Side.BUY, Decimal(9), Decimal(141)))
    assert filled.qty == Decimal("3.2")
