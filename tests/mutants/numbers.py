"""Faults in numbers: units, signs, ages and what counts as a price."""

from typing import Final

from tests.mutants.fault import Edit, Fault
from tests.mutants.knowing import LEDGER, LEDGER_TESTS

QUALITY = "terminal/market/quality.py"
MARKET_TESTS = ("tests/unit/market/test_state.py", "tests/unit/market/test_data_health.py")
INSTRUMENT = "terminal/model/instrument.py"
UNIT_TESTS = ("tests/unit/hedging/test_legs.py", "tests/unit/portfolio/test_exposure.py")

NUMBERS: Final = (
    Fault(
        "wall clock in age",
        "the age of a quote is measured by the machine's clock",
        (
            Edit(
                "terminal/market/state.py",
                "    return max(0, now - seen.at - seen.span)\n",
                '    return max(0, __import__("time").time_ns() - seen.at - seen.span)\n',
            ),
        ),
        (*MARKET_TESTS, "tests/unit/risk/test_limits.py"),
    ),
    Fault(
        "sequence gap ignored",
        "a missed change of a book is passed over",
        (
            Edit(
                "terminal/venues/sequences.py",
                "        if step.before is None or latest == step.before:\n",
                "        if step.after:\n",
            ),
        ),
        ("tests/unit/venues/test_ccxt_exchange.py", "tests/contracts/test_public_feed.py"),
    ),
    Fault(
        "crossed book accepted",
        "a bid above the ask is traded on",
        (
            Edit(
                QUALITY,
                "    if quote.bid is not None and quote.ask is not None and quote.bid >= quote.ask:\n",  # noqa: E501
                "    if quote.bid is None and quote.ask is None and quote.bid_qty > 0.0:\n",
            ),
        ),
        MARKET_TESTS,
    ),
    Fault(
        "NaN falls to market",
        "a price that is no number passes for one",
        (
            Edit(
                QUALITY,
                "    return price is not None and not 0.0 < price < math.inf\n",
                "    return price is not None and price <= 0.0\n",
            ),
        ),
        MARKET_TESTS,
        "no order is sent at market here, whatever its price; so the price itself is let through",
    ),
    Fault(
        "round half up on size",
        "a size is rounded to the nearest lot, and may trade past its target",
        (
            Edit(
                "terminal/hedging/legs.py",
                '+ Decimal("5e-10")).to_integral_value(ROUND_DOWN)',
                '+ Decimal("5e-10")).to_integral_value("ROUND_HALF_UP")',
            ),
        ),
        UNIT_TESTS,
    ),
    Fault(
        "contract size ignored",
        "a contract counts as one coin whatever it stands for",
        (
            Edit(
                INSTRUMENT,
                "    units = qty * float(contract.multiplier)\n",
                "    units = qty\n",
            ),
        ),
        UNIT_TESTS,
    ),
    Fault(
        "inverse treated as linear",
        "dollars of an inverse contract count as coins",
        (
            Edit(
                INSTRUMENT,
                "    return units / price if contract.payoff is Payoff.INVERSE else units\n",
                "    return units\n",
            ),
        ),
        UNIT_TESTS,
    ),
    Fault(
        "inverse treated as linear",
        "the profit of an inverse contract is booked as if it were linear",
        (
            Edit(
                "terminal/portfolio/holding.py",
                "    return gain / (entry * price) if is_inverse(instrument) else gain\n",
                "    return gain\n",
            ),
        ),
        LEDGER_TESTS,
    ),
    Fault(
        "funding sign flipped",
        "funding received is booked as paid",
        (
            Edit(
                LEDGER,
                "flow = {paid.currency: paid.amount.quantize(CASH_STEP)}",
                "flow = {paid.currency: -paid.amount.quantize(CASH_STEP)}",
            ),
        ),
        LEDGER_TESTS,
    ),
    Fault(
        "funding interval fixed 8 h",
        "every rate is taken as of eight hours",
        (
            Edit(
                "terminal/portfolio/carry.py",
                "    hours = funding.interval / HOUR\n",
                "    hours = 8.0 * HOUR / HOUR\n",
            ),
        ),
        ("tests/unit/portfolio/test_carry.py",),
    ),
    Fault(
        "expiry in local time",
        "the daily settlement is at eight o'clock of a zone one hour off",
        (
            Edit(
                "terminal/portfolio/settlement_clock.py",
                "    today = now - now % DAY + SETTLES_AT\n",
                "    today = now - now % DAY + SETTLES_AT - HOUR\n",
            ),
        ),
        ("tests/unit/portfolio/test_settlement_clock.py",),
        "expiries are instants of the venue's own, in ns: there is no text of a local time",
    ),
)
