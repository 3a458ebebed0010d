"""Faults in what is known of orders, fills and the account."""

from typing import Final

from tests.mutants.fault import Edit, Fault
from tests.mutants.sending import GATEWAY_TESTS

ORDERS = "terminal/execution/orders.py"
ENGINE_ORDERS = "terminal/engine/orders.py"
LEDGER = "terminal/portfolio/ledger.py"
SEEN = "    if has_seen(ledger.fill_ids, fill.fill_id):\n"
LIFE_TESTS = ("tests/unit/execution/test_orders.py", "tests/unit/engine/test_ambiguity.py")
LEDGER_TESTS = (
    "tests/unit/portfolio/test_double_entry.py",
    "tests/unit/portfolio/test_ledger.py",
)

KNOWING: Final = (
    Fault(
        "`[]` on bad body=flat",
        "a body that cannot be read is taken for an empty answer",
        (
            Edit(
                "terminal/venues/ccxt_exchange.py",
                "        if isinstance(reply, dict | list):\n            where",
                "        if reply is None or isinstance(reply, dict | list):\n            where",
            ),
        ),
        ("tests/unit/venues/test_ccxt_exchange.py", "tests/contracts/trading"),
    ),
    Fault(
        "failed position query=flat",
        "positions that could not be read are none",
        (
            Edit(
                "terminal/venues/gateway/reading.py",
                "    rows = await rows_of(line, line.asks.positions(line.known))\n",
                "    rows: tuple[Raw, ...] = ()\n"
                "    try:\n"
                "        rows = await rows_of(line, line.asks.positions(line.known))\n"
                "    except VenueError:\n"
                "        rows = ()\n",
            ),
        ),
        GATEWAY_TESTS,
    ),
    Fault(
        "`{}` accepted",
        "an empty object passes for an order, and for a list",
        (
            Edit(
                "terminal/venues/gateway/asks.py",
                "    if not isinstance(reply, dict) or not reply:\n",
                "    if not isinstance(reply, dict):\n",
            ),
        ),
        ("tests/unit/venues/gateway/test_asking.py", *GATEWAY_TESTS),
    ),
    Fault(
        "drop UNKNOWN from reserve",
        "an order of unknown outcome frees its reserve",
        (
            Edit(
                ORDERS,
                "    if order.status is OrderStatus.FILLED or order.status not in FINAL:\n",
                "    if order.status is OrderStatus.UNKNOWN:\n"
                "        return Decimal(0)\n"
                "    if order.status is OrderStatus.FILLED or order.status not in FINAL:\n",
            ),
        ),
        LIFE_TESTS,
    ),
    Fault(
        "drop open qty from delta",
        "the desk decides without what is in flight",
        (
            Edit(
                "terminal/engine/consider.py",
                "working=working(state) if busy or state.strangers else NOTHING,",
                "working=NOTHING,",
            ),
        ),
        ("tests/unit/engine/test_orders.py",),
    ),
    Fault(
        "fill dedup off",
        "a fill that is told twice counts twice",
        (Edit(LEDGER, SEEN, "    if False:\n"),),
        LEDGER_TESTS,
    ),
    Fault(
        "dedup by order id only",
        "of an order only the first fill counts",
        (
            Edit(LEDGER, SEEN, "    if has_seen(ledger.fill_ids, fill.order_id):\n"),
            Edit(
                LEDGER,
                "fill_ids=remember(traded.fill_ids, fill.fill_id),",
                "fill_ids=remember(traded.fill_ids, fill.order_id),",
            ),
        ),
        LEDGER_TESTS,
    ),
    Fault(
        "late fill after cancel ignored",
        "a fill that comes after the end of its order is not counted",
        (
            Edit(
                ORDERS,
                "    filled = order.filled + fill.qty\n",
                "    if order.status in FINAL:\n"
                "        return order\n"
                "    filled = order.filled + fill.qty\n",
            ),
        ),
        LIFE_TESTS,
    ),
    Fault(
        "fill-before-ack dropped",
        "a fill that comes before the ack of its order is not booked",
        (
            Edit(
                ENGINE_ORDERS,
                "    if ledger is state.ledger:\n",
                "    sent = state.orders.get(fill.order_id)\n"
                "    if ledger is state.ledger or (sent and sent.status is OrderStatus.SENT):\n",
            ),
        ),
        LIFE_TESTS,
    ),
    Fault(
        "P&L limit before first reconcile",
        "P&L is measured from an account that nobody has stated yet",
        (
            Edit(
                "terminal/portfolio/pnl.py",
                "if worth is not None and known else None",
                "if worth is not None else None",
            ),
        ),
        ("tests/unit/portfolio/test_pnl.py", "tests/unit/engine"),
    ),
    Fault(
        "age from exchange time only",
        "the age of an account is taken from the venue's own stamp",
        (
            Edit(
                "terminal/engine/context.py",
                "return state.now if newest is None else state.now - newest.since",
                "return state.now if newest is None else state.now - newest.snapshot.stated_at",
            ),
        ),
        ("tests/unit/engine/test_reconcile.py", "tests/unit/engine/test_data_locks.py"),
    ),
)
