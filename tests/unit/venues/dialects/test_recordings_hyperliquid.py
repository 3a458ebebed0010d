"""Hyperliquid's own recorded messages."""

import json
from decimal import Decimal

import pytest

from terminal.core.errors import DataError
from terminal.core.units import HOUR
from terminal.model.market import Funding, Trade
from terminal.model.order import Fill, Side
from terminal.venues.dialects.hyperliquid import HYPERLIQUID
from terminal.venues.dialects.quote_parts import QuotePart
from tests.helpers.frames import FIXTURES, Frame, directory, recorded
from tests.helpers.frames_hyperliquid import listed

READ = HYPERLIQUID.decoder
FOLDER = "nautilus_adapters/hyperliquid"

pytestmark = [
    pytest.mark.golden,
    pytest.mark.skipif(
        not FIXTURES.exists(), reason="../shared with recorded messages is not here"
    ),
]


def _universe() -> tuple[Frame, ...]:
    return tuple(recorded(f"{FOLDER}/http_meta_perp_sample.json")["universe"])


def test_terms_of_recorded_perpetuals() -> None:
    known = directory(READ, _universe())
    lots = {symbol: each.contract.lot for symbol, each in known.by_symbol.items()}
    assert lots == {"BTC": Decimal("0.00001"), "ETH": Decimal("0.0001"), "ATOM": Decimal("0.01")}


def test_markets_of_builders_are_left_out() -> None:
    dexes = recorded(f"{FOLDER}/http_all_perp_metas_non_usdc_collateral.json")
    rows = tuple(row for dex in dexes for row in dex["universe"])
    assert list(directory(READ, rows).by_symbol) == ["BTC"]


def test_every_line_of_a_recorded_history_is_read() -> None:
    text = (FIXTURES / "ws_tardis_node/hyperliquid.jsonl").read_text("utf-8")
    known = directory(READ, (listed("BTC", 5), listed("FXS", 1), listed("MOODENG", 0)))
    told = [READ.public(json.loads(line), known) for line in text.splitlines()]
    assert [len(each) for each in told] == [1, 1, 3, 1, 0, 0, 3, 0, 0, 1]
    assert told[2][0] == Trade("BTC@hyperliquid", 69997.0, 0.38111, buyer_is_taker=True)
    assert told[6][0] == QuotePart(key="MOODENG@hyperliquid", mark=0.19963)
    assert told[6][2] == Funding("MOODENG@hyperliquid", 0.00004863, HOUR, next_at=0)
    assert told[9] == (
        QuotePart(key="BTC@hyperliquid", bid=107575.0, ask=None, bid_qty=3.87947, ask_qty=0.0),
    )


def test_a_fill_against_somebody_who_is_liquidated_is_an_ordinary_foreign_fill() -> None:
    known = directory(READ, _universe())
    message = recorded(f"{FOLDER}/ws_user_fill_liquidation.json")
    assert READ.private(message, known) == (
        Fill(
            fill_id="745210434703679:55030848197",
            order_id="",
            key="BTC@hyperliquid",
            side=Side.SELL,
            qty=Decimal("0.001"),
            price=Decimal(66653),
            fee=Decimal("0.009997"),
            fee_currency="USDC",
            maker=True,
        ),
    )


def test_spot_and_dust_among_recorded_fills_are_left_out() -> None:
    known = directory(READ, (listed("ARB", 1), listed("JUP", 0)))
    rows = recorded(f"{FOLDER}/http_user_fills_dust_conversion.json")
    found = [READ.fill(row, known) for row in rows]
    assert [each.key for each in found if each is not None] == [
        "ARB@hyperliquid",
        "JUP@hyperliquid",
    ]


def test_an_account_without_its_summary_is_refused() -> None:
    state = recorded(f"{FOLDER}/http_clearinghouse_state_negative_total_raw_usd.json")
    message = {"channel": "clearinghouseState", "data": {"dex": "", "clearinghouseState": state}}
    known = directory(READ, _universe())
    with pytest.raises(DataError, match="'marginSummary'"):
        READ.private(message, known)
    whole = state | {"marginSummary": state["crossMarginSummary"]}
    message["data"] = {"dex": "", "clearinghouseState": whole}
    (cash,) = READ.private(message, known)
    assert getattr(cash, "amount", None) == Decimal("1736.030875")
