"""Websocket logs and tardis files: quotes, depth, trades, funding, index."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.core.errors import DataError
from terminal.core.units import HOUR, MILLISECOND, SECOND
from terminal.journal.importers.book import Book, Change, Level
from terminal.model.market import Depth, Funding, Gap, Index, Quote, Trade
from tests.unit.journal.importing import START, imported, of, prices, write_csv, write_parquet

KEY = "BTCUSDT@binanceusdm"
STEP = 50 * MILLISECOND


def log(path: Path, *messages: dict[str, Any], start: int = START, unit: int = 1) -> Path:
    """Write messages 50 ms apart."""
    lines = [f"{(start + i * STEP) // unit} {json.dumps(m)}" for i, m in enumerate(messages)]
    path.write_bytes(gzip.compress(("\n".join(lines) + "\n").encode()))
    return path


def usdm(folder: Path, *messages: dict[str, Any]) -> Path:
    return log(folder / "binance_usdm_btcusdt_x.rawws.gz", *messages)


def stream(kind: str, **data: Any) -> dict[str, Any]:
    return {"stream": f"btcusdt@{kind}", "data": {"e": kind, "s": "BTCUSDT", **data}}


def ticker(bid: str = "100.0", ask: str = "100.1") -> dict[str, Any]:
    return stream("bookTicker", u=1, b=bid, B="2", a=ask, A="3", T=1, E=1)


def diff(first: int, final: int, previous: int | None, **sides: Any) -> dict[str, Any]:
    data = {"U": first, "u": final, "b": sides.get("b", []), "a": sides.get("a", [])}
    return stream("depthUpdate", **(data if previous is None else {**data, "pu": previous}))


def snapshot(number: int) -> dict[str, Any]:
    return {
        "lastUpdateId": number,
        "bids": [[f"{100 - i}.0", "1"] for i in range(15)],
        "asks": [[f"{101 + i}.0", "2"] for i in range(15)],
    }


def trade(**changed: Any) -> dict[str, Any]:
    return stream("trade", **({"p": "100.5", "q": "0.25", "X": "MARKET", "m": False} | changed))


# -- The book ---------------------------------------------------------------------------------

sizes = st.sampled_from((0.0, 1.0, 2.0))
changes = st.lists(
    st.tuples(st.integers(1, 3), st.integers(1, 30).map(float), sizes, st.booleans()), max_size=40
)


@given(changes, st.integers(0, 40))
def test_a_book_is_its_snapshot_and_every_change_after_it(
    drawn: list[tuple[int, float, float, bool]], place: int
) -> None:
    """Wherever among the changes the snapshot's answer comes."""
    bids: dict[float, float] = {5.0: 1.0}
    asks: dict[float, float] = {40.0: 1.0}
    number = 100
    told: list[Change] = []
    states = [(number, dict(bids), dict(asks))]
    for width, price, size, bid in drawn:
        level: tuple[Level, ...] = ((price + (0.0 if bid else 50.0), size),)
        told.append(
            Change(number + 1, number + width, number, level if bid else (), () if bid else level)
        )
        number += width
        side = bids if bid else asks
        side.update(level)
        states.append((number, {p: q for p, q in bids.items() if q}, dict(asks)))
        asks = {p: q for p, q in asks.items() if q}
        states[-1] = (number, states[-1][1], dict(asks))
    taken = states[min(place, len(drawn))]
    book = Book()
    assert [book.take(each) for each in told] == [""] * len(told)
    assert book.start(taken[0], taken[1].items(), taken[2].items()) == ""
    expected_bids = sorted(states[-1][1], reverse=True)[:10]
    depth = book.depth("k")
    assert [price for price, _ in depth.bids] == expected_bids
    assert [price for price, _ in depth.asks] == sorted(states[-1][2])[:10]


@pytest.mark.parametrize("previous", [True, False])
def test_a_missing_change_drops_the_book(previous: bool) -> None:
    def change(first: int, final: int, before: int) -> Change:
        return Change(first, final, before if previous else None, ((9.0, 1.0),), ())

    book = Book()
    assert book.start(10, [(8.0, 1.0)], [(12.0, 1.0)]) == ""
    assert book.take(change(9, 11, 8)) == ""
    assert book.take(change(12, 13, 11)) == ""
    assert "does not follow" in book.take(change(15, 16, 14))
    assert not book.ready
    assert book.take(change(17, 18, 16)) == ""
    assert book.start(16, [(8.0, 1.0)], [(12.0, 1.0)]) == ""
    assert book.ready


def test_a_snapshot_older_than_the_first_change_builds_no_book() -> None:
    book = Book()
    assert book.start(10, [(8.0, 1.0)], [(12.0, 1.0)]) == ""
    assert "does not follow" in book.take(Change(15, 16, 14, ((9.0, 1.0),), ()))
    assert not book.ready


# -- Binance ----------------------------------------------------------------------------------


def test_quotes_come_from_the_ticker(tmp_path: Path) -> None:
    _, events = imported(usdm(tmp_path, ticker(), ticker("100.2", "100.3")))
    assert of(Quote, events)[0] == Quote(KEY, 100.0, 100.1, 2.0, 3.0)
    assert [at for at, e in events if isinstance(e, Quote)] == [START, START + STEP]


def test_without_snapshot_there_is_no_depth(tmp_path: Path) -> None:
    _, events = imported(usdm(tmp_path, ticker(), diff(1, 2, 0, b=[["99", "1"]]), ticker()))
    assert of(Depth, events) == []
    assert len(of(Quote, events)) == 2


def test_depth_is_the_top_ten_at_most_every_100_ms(tmp_path: Path) -> None:
    follow = [diff(11 + i, 11 + i, 10 + i, b=[["100.5", str(i + 1)]]) for i in range(1, 9)]
    path = usdm(tmp_path, ticker(), diff(8, 11, 7), snapshot(10), *follow)
    _, events = imported(path)
    depths = [(at, event) for at, event in events if isinstance(event, Depth)]
    assert [at - depths[0][0] for at, _ in depths] == [i * 100 * MILLISECOND for i in range(5)]
    last = depths[-1][1]
    assert len(last.bids) == len(last.asks) == 10
    assert last.bids[:2] == ((100.5, 9.0), (100.0, 1.0))
    assert last.asks[0] == (101.0, 2.0)


def test_a_break_is_a_gap_and_the_book_waits_for_a_snapshot(tmp_path: Path) -> None:
    path = usdm(
        tmp_path,
        *(ticker(), snapshot(10), diff(9, 11, 8), diff(14, 15, 13), diff(16, 17, 15)),
        *(ticker(), snapshot(15), diff(18, 18, 17)),
    )
    header, events = imported(path)
    (gap,) = of(Gap, events)
    assert gap.key == KEY
    assert (gap.start, gap.end) == (START + 2 * STEP, START + 3 * STEP)
    assert "update 14 does not follow update 11" in gap.why
    assert header.gaps == (gap,)
    assert [at for at, e in events if isinstance(e, Depth)] == [START + STEP, START + 6 * STEP]


def test_quotes_come_from_the_book_where_there_is_no_ticker(tmp_path: Path) -> None:
    _, events = imported(
        usdm(tmp_path, diff(9, 11, 8), snapshot(10), diff(12, 12, 11, a=[["101.0", "0"]]))
    )
    assert [(q.bid, q.ask) for q in of(Quote, events)] == [(100.0, 101.0), (100.0, 102.0)]


def test_a_crossed_book_is_dropped(tmp_path: Path) -> None:
    crossing = diff(12, 12, 11, b=[["105.0", "1"]])
    _, events = imported(usdm(tmp_path, diff(9, 11, 8), snapshot(10), crossing))
    assert "crossed" in of(Gap, events)[0].why
    assert [q.bid for q in of(Quote, events)] == [100.0]


def test_spot_updates_follow_without_pu(tmp_path: Path) -> None:
    path = log(
        tmp_path / "binance_spot_btcusdt_x.rawws.gz",
        *(diff(8, 11, None), snapshot(10), diff(12, 14, None), diff(16, 17, None)),
    )
    header, events = imported(path)
    assert len(of(Gap, events)) == 1
    assert header.instruments[0].contract.key == "BTCUSDT@binance"


def test_prints_outside_the_market_are_no_trades(tmp_path: Path) -> None:
    bad = [trade(X="INSURANCE_FUND", p="28722.5"), trade(X="ADL"), trade(p="0", q="0")]
    header, events = imported(usdm(tmp_path, trade(), *bad, trade(m=True, q="1")))
    assert of(Trade, events) == [
        Trade(KEY, 100.5, 0.25, buyer_is_taker=True),
        Trade(KEY, 100.5, 1.0, buyer_is_taker=False),
    ]
    assert sum("INSURANCE_FUND" in note for note in header.notes) == 1


def test_mark_index_and_funding(tmp_path: Path) -> None:
    next_ms = (START + 8 * HOUR) // MILLISECOND
    mark = stream("markPriceUpdate", p="100.7", i="100.6", r="0.0001", T=next_ms)
    header, events = imported(usdm(tmp_path, mark, ticker(), mark))
    assert of(Index, events) == [Index("BTC", 100.6)] * 2
    assert of(Funding, events) == [Funding(KEY, 1e-4, 8 * HOUR, START + 8 * HOUR)]
    assert of(Quote, events)[0].mark == 100.7
    assert not any("carries no index" in each for each in header.assumptions)


def test_an_index_is_assumed_where_there_is_none(tmp_path: Path) -> None:
    header, events = imported(usdm(tmp_path, *[ticker()] * 45))
    told = [at - START for at, event in events if isinstance(event, Index)]
    assert told == [0, SECOND, 2 * SECOND]
    assert of(Index, events)[0].price == pytest.approx(100.05)
    assert any("carries no index" in each for each in header.assumptions)


def test_microseconds_and_other_messages(tmp_path: Path) -> None:
    other = {"stream": "ethusdt@trade", "data": {"e": "trade", "s": "ETHUSDT"}}
    path = log(tmp_path / "x.gz", ticker(), {"result": None, "id": 1}, other, unit=1_000)
    header, events = imported(path)
    assert [at for at, e in events if isinstance(e, Quote)] == [START]
    assert any("of other instruments or subjects (skipped): 2" in each for each in header.notes)


def test_coin_margined_contracts_are_recognised(tmp_path: Path) -> None:
    message = {"data": {"e": "bookTicker", "s": "BTCUSD_PERP", "ps": "BTCUSD"}}
    message["data"] |= {"b": "1", "B": "1", "a": "2", "A": "1"}
    header, _ = imported(log(tmp_path / "x.gz", message))
    assert header.instruments[0].contract.key == "BTCUSD_PERP@binancecoinm"


def test_a_continuation_goes_on_with_the_book(tmp_path: Path) -> None:
    one = log(tmp_path / "one.gz", ticker(), snapshot(10), diff(9, 11, 8))
    two = log(tmp_path / "two.gz", ticker(), diff(12, 12, 11), start=START + SECOND)
    assert len(of(Depth, imported(two, one)[1])) == 2
    log(two, ticker(), diff(13, 13, 12), start=START + SECOND)
    assert len(of(Gap, imported(two, one)[1])) == 1


def test_logs_that_overlap_are_refused(tmp_path: Path) -> None:
    one = log(tmp_path / "one.gz", *[ticker()] * 30)
    two = log(tmp_path / "two.gz", ticker(), start=START + SECOND)
    with pytest.raises(DataError, match=r"two\.gz: starts at .* before the log in front"):
        imported(one, two)


def test_bars_and_ticks_of_one_instrument_are_refused(tmp_path: Path) -> None:
    bars = write_csv(tmp_path / "binance_usdm_BTCUSDT_1m_x.csv", prices(3))
    with pytest.raises(DataError, match="both bars and ticks"):
        imported(bars, usdm(tmp_path, ticker()))


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("soon {}", "row 2: column receive time: 'soon' is no instant"),
        ("12345678901 {}", "row 2: column receive time: '12345678901' is no instant"),
        (f"{START} {{bad", "row 2: column message: "),
        (f"{START - 60 * SECOND} {{}}", "row 2: time goes back"),
        (f"{START} {json.dumps(ticker(bid='x'))}", "row 2: column message: ValueError"),
        (f"{START} {json.dumps(diff(1, 2, 0, b=[['-1', '2']]))}", "row 2: column message"),
        (f"{START} [1, 2]", "row 2: column message"),
        (f"{START} {json.dumps(stream('trade', p='1'))}", "row 2: column message: KeyError 'q'"),
    ],
)
def test_a_bad_line(tmp_path: Path, line: str, why: str) -> None:
    path = tmp_path / "binance_usdm_btcusdt.rawws"
    path.write_text(f"{START} {json.dumps(ticker())}\n{line}\n{START} {json.dumps(ticker())}\n")
    with pytest.raises(DataError, match=why):
        imported(path)


def test_a_clock_set_back_a_little_keeps_its_time(tmp_path: Path) -> None:
    path = tmp_path / "binance_usdm_btcusdt.rawws"
    message = json.dumps(ticker())
    path.write_text("".join(f"{START + at} {message}\n" for at in (0, 1_000_000, 0, 2_000_000)))
    header, events = imported(path)
    assert [at - START for at, e in events if isinstance(e, Quote)] == [0, 10**6, 10**6, 2 * 10**6]
    assert any("kept its time" in each for each in header.notes)


def test_a_log_of_unknown_messages(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no message of Binance or Hyperliquid"):
        imported(log(tmp_path / "x.gz", {"hello": 1}))


# -- Hyperliquid ------------------------------------------------------------------------------


def test_whole_books_and_trades(tmp_path: Path) -> None:
    side = [[{"px": "100.0", "sz": "1", "n": 1}], [{"px": "101.0", "sz": "2", "n": 1}]]
    book = {"channel": "l2Book", "data": {"coin": "BTC", "time": 1, "levels": side}}
    deal = {"coin": "BTC", "side": "B", "px": "101.0", "sz": "0.5"}
    path = log(tmp_path / "x.gz", book, {"channel": "trades", "data": [deal]}, book, book)
    _, events = imported(path)
    key = "BTC@hyperliquid"
    assert of(Depth, events) == [Depth(key, ((100.0, 1.0),), ((101.0, 2.0),))] * 2
    assert of(Quote, events) == [Quote(key, 100.0, 101.0, 1.0, 2.0)]
    assert of(Trade, events) == [Trade(key, 101.0, 0.5, buyer_is_taker=True)]


# -- Tardis -----------------------------------------------------------------------------------

MICRO = START // 1_000
QUOTES = {
    "exchange": ["binance-futures"] * 2,
    "symbol": ["BTCUSDT"] * 2,
    "timestamp": [MICRO, MICRO + 1],
    "local_timestamp": [MICRO + 5, MICRO + 7],
    "ask_amount": [3.0, 3.0],
    "ask_price": [100.1, None],
    "bid_price": [100.0, 100.0],
    "bid_amount": [2.0, 2.0],
}


def test_tardis_quotes_and_trades(tmp_path: Path) -> None:
    quotes = write_parquet(tmp_path / "q.parquet", QUOTES)
    rows = [["binance-futures", "BTCUSDT", MICRO, MICRO + 6, "a1", "sell", 100.0, 0.5]]
    head = "exchange,symbol,timestamp,local_timestamp,id,side,price,amount"
    trades = write_csv(tmp_path / "t.csv", rows, head)
    header, events = imported(quotes, trades)
    assert [(at - START, type(event).__name__) for at, event in events] == [
        (5_000, "Listing"), (5_000, "Index"), (5_000, "Quote"), (6_000, "Trade"), (7_000, "Quote"),
    ]  # fmt: skip
    assert of(Quote, events)[1].ask is None
    assert of(Trade, events) == [Trade(KEY, 100.0, 0.5, buyer_is_taker=False)]
    assert [each.rows for each in header.origins] == [2, 1]
    rows[0][6] = "much"
    with pytest.raises(DataError, match="row 2: column price: 'much'"):
        imported(write_csv(trades, rows, head))


def test_other_tardis_files_are_refused(tmp_path: Path) -> None:
    head = "exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,amount"
    with pytest.raises(DataError, match="quotes and of trades are read, no others"):
        imported(write_csv(tmp_path / "t.csv", [], head))
