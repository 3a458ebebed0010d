"""Faults in sending: orders that are lost, doubled, or believed to be gone."""

from typing import Final

from tests.mutants.fault import Edit, Fault

SESSION = "terminal/runtime/session.py"
HEDGES = "terminal/execution/hedges.py"
OUTCOMES = "terminal/venues/dialects/outcomes.py"
PLACING = "terminal/venues/gateway/placing.py"
GATEWAY_TESTS = (
    "tests/unit/venues/gateway",
    "tests/contracts/trading",
)
OUTCOME_TESTS = ("tests/unit/venues/dialects/test_outcomes.py",)
HEDGE_TESTS = (
    "tests/unit/execution/test_hedges.py",
    "tests/unit/execution/test_hedge_machine.py",
    "tests/unit/engine/test_orders.py",
)
DONE = "    if order is not None and done(order):\n        hedge = _closed"

SENDING: Final = (
    Fault(
        "send before journal",
        "an order leaves while its record is still in memory",
        (
            Edit(
                SESSION,
                "                durable = self._durable()\n",
                "                durable = True\n",
            ),
        ),
        ("tests/unit/runtime/test_session.py", "tests/e2e/test_kill.py"),
    ),
    Fault(
        "resend on timeout",
        "an order without an answer is placed again",
        (
            Edit(
                PLACING,
                "OrderStatus.UNKNOWN, words))\n    line.spawn(search(line, slip))",
                "OrderStatus.UNKNOWN, words))\n    line.spawn(place(line, slip))",
            ),
        ),
        GATEWAY_TESTS,
    ),
    Fault(
        "resend on timeout",
        "an exchange instance that repeats requests by itself is taken for trading",
        (
            Edit(
                "terminal/venues/gateway/wire.py",
                'if int(exchange.options.get("maxRetriesOnFailure") or 0) or exchange',
                "if exchange",
            ),
        ),
        GATEWAY_TESTS,
    ),
    Fault(
        "new id on resend without proof",
        "a hedge sends its next order while the outcome of the last is unknown",
        (
            Edit(
                HEDGES,
                DONE,
                "    if order is not None and (done(order) or order.status == 'unknown'):\n"
                "        hedge = _closed",
            ),
        ),
        HEDGE_TESTS,
    ),
    Fault(
        "replace without cancel proof",
        "a hedge sends its next order while the cancel of the last is not proven",
        (
            Edit(
                HEDGES,
                DONE,
                "    if order is not None and (done(order) or order.status == 'cancel_pending'):\n"
                "        hedge = _closed",
            ),
        ),
        HEDGE_TESTS,
    ),
    Fault(
        "RequestTimeout=REJECTED",
        "a time-out is taken for a refusal",
        (
            Edit(
                OUTCOMES,
                '        "MarketClosed": Outcome.REFUSED,\n',
                '        "MarketClosed": Outcome.REFUSED,\n'
                '        "RequestTimeout": Outcome.REFUSED,\n',
            ),
        ),
        OUTCOME_TESTS,
    ),
    Fault(
        "503=REJECTED",
        "a service that is not available is taken for a refusal",
        (
            Edit(
                OUTCOMES,
                '        "MarketClosed": Outcome.REFUSED,\n',
                '        "MarketClosed": Outcome.REFUSED,\n'
                '        "ExchangeNotAvailable": Outcome.REFUSED,\n',
            ),
        ),
        OUTCOME_TESTS,
    ),
    Fault(
        "not-found on first poll=REJECTED",
        "one search in vain proves that an order never arrived",
        (
            Edit(
                "terminal/venues/gateway/inquiry.py",
                "return replace(inquiry, absent_at=began, epoch=epoch)",
                "return replace(inquiry, absent_at=began, epoch=epoch, absent=True)",
            ),
        ),
        ("tests/unit/venues/gateway/test_inquiry.py",),
    ),
    Fault(
        "cancel ok=terminal",
        "a yes to a cancel is taken for the end of the order",
        (
            Edit(
                PLACING,
                "            await line.ask(line.asks.cancel(slip.ref), Priority.CANCEL)\n",
                "            await line.ask(line.asks.cancel(slip.ref), Priority.CANCEL)\n"
                "            filled = line.fills.filled(slip.intent.order_id)\n"
                "            gone = OrderStatus.CANCELLED\n"
                '            line.hear(OrderUpdate(slip.intent.order_id, gone, "", filled))\n',
            ),
        ),
        ("tests/unit/venues/gateway/test_cancelling.py", *GATEWAY_TESTS),
    ),
    Fault(
        "cancel ok=terminal",
        "an end that does not say what had filled frees the reserve",
        (
            Edit(
                "terminal/execution/orders.py",
                "    return OrderStatus.CANCEL_PENDING if uncounted else update.status\n",
                "    return update.status\n",
            ),
        ),
        ("tests/unit/engine/test_ambiguity.py",),
    ),
    Fault(
        "verdict reused for other payload",
        "a hedge trades the size that was proposed and not the one that was approved",
        (Edit(HEDGES, "        qty=approved.qty,\n", "        qty=proposal.qty,\n"),),
        (*HEDGE_TESTS, "tests/unit/engine/test_proposals.py"),
    ),
    Fault(
        "overshoot through zero",
        "an order after a partial fill is sized as if nothing had filled",
        (
            Edit(
                HEDGES,
                "    contract, left = at.contract, hedge.qty - hedge.filled\n",
                "    contract, left = at.contract, hedge.qty\n",
            ),
        ),
        HEDGE_TESTS,
    ),
    Fault(
        "overshoot through zero",
        "an order that goes through zero passes for one that reduces",
        (
            Edit(
                "terminal/risk/limits.py",
                "    return side is towards and qty <= abs(position)\n",
                "    return side is towards\n",
            ),
        ),
        ("tests/unit/risk/test_limits.py", "tests/unit/execution"),
    ),
)
