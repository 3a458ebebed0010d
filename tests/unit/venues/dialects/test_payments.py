"""Payments of funding in each exchange's own rows, and Deribit's cash between two settlements."""

import json
from decimal import Decimal
from typing import Any

import pytest

from terminal.core.errors import DataError
from terminal.model.account import Balance, FundingPaid
from terminal.model.instrument import Perpetual
from terminal.venues.dialects import binance_private, deribit_private, okx_private
from terminal.venues.dialects.dialect import Directory
from tests.helpers.builders import inverse_contract
from tests.helpers.frames import FIXTURES
from tests.helpers.recordings import golden

PERP = Perpetual(inverse_contract("BTC-PERPETUAL", venue="x"), 0)
KEY = PERP.contract.key
KNOWN = Directory({KEY: PERP}, {"BTC-PERPETUAL": PERP})

SETTLED: dict[str, Any] = {  # the example of the documentation of ``get_transaction_log``
    "type": "settlement",
    "total_interest_pl": 0.00001243,
    "timestamp": 1613659544153,
    "session_upl": 0.00220172,
    "session_rpl": -0.00004467,
    "position": 1520,
    "interest_pl": 0.00000993,
    "instrument_name": "BTC-PERPETUAL",
    "id": 61311,
    "currency": "BTC",
    "change": 0.00215706,
    "amount": 1520,
}


def test_binances_income_is_negative_when_paid() -> None:
    row = {
        "symbol": "BTC-PERPETUAL",
        "incomeType": "FUNDING_FEE",
        "income": "-0.37500000",
        "asset": "USDT",
        "time": 1570608000000,
        "tranId": 9689322392,
    }
    paid = binance_private.payment(row, KNOWN)
    name = f"{KEY} funding 9689322392"
    assert paid == FundingPaid(KEY, Decimal("-0.375"), "USDT", None, payment_id=name)
    assert binance_private.payment({**row, "incomeType": "COMMISSION"}, KNOWN) is None
    assert binance_private.payment({**row, "symbol": "DOGEUSDT"}, KNOWN) is None


def test_okxs_bill_is_negative_when_paid() -> None:
    row = {
        "type": "8",
        "subType": "173",
        "instId": "BTC-PERPETUAL",
        "balChg": "-0.0651",
        "ccy": "USDT",
        "billId": "623950854533513219",
        "ts": "1695033476167",
    }
    paid = okx_private.payment(row, KNOWN)
    name = f"{KEY} funding 623950854533513219"
    assert paid == FundingPaid(KEY, Decimal("-0.0651"), "USDT", None, payment_id=name)
    assert okx_private.payment({**row, "type": "2"}, KNOWN) is None


def test_deribits_settlement_tells_the_funding_of_the_whole_session() -> None:
    paid = deribit_private.payment(SETTLED, KNOWN)
    name = f"{KEY} funding 61311"
    assert paid == FundingPaid(KEY, Decimal("0.00001243"), "BTC", None, payment_id=name)
    assert deribit_private.payment({**SETTLED, "type": "trade"}, KNOWN) is None
    transfer = {"type": "settlement", "instrument_name": None}
    assert deribit_private.payment(transfer, KNOWN) is None
    # What the balance takes in is the session's profit; its funding is inside.
    session = SETTLED["session_upl"] + SETTLED["session_rpl"]
    assert SETTLED["change"] == pytest.approx(session, abs=2e-8)


@pytest.mark.parametrize("name", ["income", "balChg", "total_interest_pl"])
def test_a_payment_without_an_amount_is_refused(name: str) -> None:
    binance = {"symbol": "BTC-PERPETUAL", "incomeType": "FUNDING_FEE", "asset": "USDT"}
    okx = {"type": "8", "instId": "BTC-PERPETUAL", "ccy": "USDT", "billId": "1"}
    reads = {
        "income": lambda: binance_private.payment(binance, KNOWN),
        "balChg": lambda: okx_private.payment(okx, KNOWN),
        "total_interest_pl": lambda: deribit_private.payment({**SETTLED, name: "x"}, KNOWN),
    }
    with pytest.raises(DataError, match=name):
        reads[name]()


def test_deribits_cash_does_not_move_at_a_settlement() -> None:
    """Profit of 0.5 in the session, of which 0.1 is realised; 0.6 since the entry."""
    row = {"currency": "BTC", "balance": 10, "futures_session_upl": 0.4, "futures_pl": 0.6}
    before = deribit_private.cash({**row, "futures_session_rpl": 0.1})
    none = {"futures_session_upl": 0, "futures_session_rpl": 0}
    after = deribit_private.cash({**row, **none, "balance": 10.5})
    assert before is not None
    assert before == after
    assert before.amount == Decimal("9.9")
    assert before.within == Decimal("1e-5")


def test_deribits_balance_is_exact_while_nothing_is_held() -> None:
    assert deribit_private.cash({"currency": "usdc", "balance": 7}) == Balance("USDC", Decimal(7))


@pytest.mark.parametrize(
    ("name", "currency"), [("BTC-PERPETUAL", "BTC"), ("SOL_USDC-PERPETUAL", "USDC")]
)
def test_deribits_accrued_funding_is_no_cash_yet(name: str, currency: str) -> None:
    row = {"instrument_name": name, "realized_funding": -0.25}
    assert deribit_private.cash(row) == Balance(currency, Decimal("0.25"))
    assert deribit_private.cash({**row, "realized_funding": 0.0}) is None
    assert deribit_private.cash({"instrument_name": "BTC-27NOV26-100000-C"}) is None


@golden[0]
@golden[1]
def test_deribits_equity_is_its_balance_with_the_session_and_the_options() -> None:
    path = FIXTURES / "nautilus_adapters/deribit/http_get_account_summaries.json"
    (row, *_) = json.loads(path.read_text())["result"]["summaries"]
    parts = ("balance", "futures_session_upl", "futures_session_rpl", "options_value")
    assert row["equity"] == pytest.approx(sum(row[each] for each in parts), abs=2e-8)
    assert row["total_pl"] == pytest.approx(row["futures_pl"] + row["options_pl"], abs=2e-8)
    found = deribit_private.cash(row)
    assert found is not None
    worth = float(found.amount) + row["futures_pl"] + row["options_value"]
    assert worth == pytest.approx(row["equity"], abs=2e-8)
