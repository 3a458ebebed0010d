"""Numbers, money and time as the trader reads them."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.core.units import DAY, HOUR, MILLISECOND, MINUTE, SECOND
from ui import format as fmt

FINITE = st.floats(-1e300, 1e300)
ANY = st.one_of(FINITE, st.decimals(allow_nan=False, allow_infinity=False, places=9))
SPANS = st.integers(-(10**18), 10**18)

WRITERS: list[Callable[[float | Decimal | None], str]] = [
    lambda x: fmt.number(x, 2),
    lambda x: fmt.number(x, 0, signed=True),
    fmt.usd,
    lambda x: fmt.usd(x, 0, signed=True),
    lambda x: fmt.usd(x, short=True),
    lambda x: fmt.coin(x, "BTC"),
    fmt.price,
    lambda x: fmt.price(x, tick=Decimal("0.05")),
    fmt.bps,
    fmt.percent,
    fmt.vol_points,
]
SPAN_WRITERS: list[Callable[[int | None], str]] = [fmt.age, fmt.countdown, fmt.duration]


@pytest.mark.parametrize("write", WRITERS)
@given(x=ANY)
def test_text_is_plain(write: Callable[[float | Decimal | None], str], x: float | Decimal) -> None:
    text = write(x)
    assert "e+" not in text.lower()
    assert "e-" not in text.lower()
    assert "-" not in text   # the typographic minus only
    figures = [each for each in text if each.isdigit()]
    if x >= 0 or set(figures) == {"0"}:
        assert fmt.MINUS not in text
    else:
        assert text.startswith(fmt.MINUS)


@given(x=FINITE, decimals=st.integers(0, 8))
def test_plus_is_kept_when_signed(x: float, decimals: int) -> None:
    text = fmt.number(x, decimals, signed=True)
    nothing = not set(text) & set("123456789")
    assert (text[0] == "+") == (x > 0 and not nothing)


@given(x=st.floats(-1e12, 1e12), decimals=st.integers(0, 8))
def test_number_reads_back(x: float, decimals: int) -> None:
    text = fmt.number(x, decimals).replace(",", "").replace(fmt.MINUS, "-")
    assert float(text) == pytest.approx(x, abs=0.51 * 10**-decimals)


@given(x=FINITE)
def test_opposite_values_differ_in_sign_only(x: float) -> None:
    assert fmt.usd(abs(x), short=True) == fmt.usd(-abs(x), short=True).removeprefix(fmt.MINUS)


@given(x=st.floats(-9.9e14, 9.9e14))
def test_short_money_is_short(x: float) -> None:
    assert len(fmt.usd(x, 0, short=True)) <= len("−$999.9T")
    assert "1,000" not in fmt.usd(x, short=True)


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("x", [None, float("nan"), float("inf"), Decimal("NaN")])
def test_unknown_is_a_dash(
    write: Callable[[float | Decimal | None], str], x: float | Decimal | None
) -> None:
    assert write(x) == fmt.UNKNOWN


@pytest.mark.parametrize(
    "write", [*SPAN_WRITERS, fmt.clock, fmt.date, fmt.count, fmt.size_bytes]
)
def test_unknown_span_is_a_dash(write: Callable[[int | None], str]) -> None:
    assert write(None) == fmt.UNKNOWN


@pytest.mark.parametrize("write", SPAN_WRITERS)
@given(ns=SPANS)
def test_span_has_digits_and_no_hyphen(write: Callable[[int | None], str], ns: int) -> None:
    text = write(ns)
    assert any(each.isdigit() for each in text)
    assert "-" not in text


@given(ns=st.integers(1, 10**16))
def test_countdown_ends_only_at_the_end(ns: int) -> None:
    assert fmt.countdown(ns) != "00:00"
    assert fmt.countdown(-ns) == "00:00"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (fmt.number(-0.001, 2), "0.00"),
        (fmt.number(1234.5, 2), "1,234.50"),
        (fmt.number(7, 0, signed=True), "+7"),
        (fmt.number(0, 1, signed=True), "0.0"),
        (fmt.usd(1231.4, signed=True), "+$1,231.40"),
        (fmt.usd(-86, 0), "−$86"),
        (fmt.usd(1_234_567, short=True), "$1.2M"),
        (fmt.usd(999_960, short=True), "$1.0M"),
        (fmt.usd(-999.999, short=True), "−$1.0K"),
        (fmt.usd(950, 0, short=True), "$950"),
        (fmt.usd(0, short=True), "$0.00"),
        (fmt.coin(-0.312, "BTC"), "−0.3120 BTC"),
        (fmt.coin(1.5, "SOL"), "+1.50 SOL"),
        (fmt.coin(1.5, "", 1, signed=False), "1.5"),
        (fmt.price(64000.25, tick=0.5), "64,000.2"),
        (fmt.price(Decimal("64000.25"), tick=Decimal("0.0500")), "64,000.25"),
        (fmt.price(64000, tick=10), "64,000"),
        (fmt.price(1.23456, decimals=4), "1.2346"),
        (fmt.price(1.0, tick=1e-7), "1.0000000"),
        (fmt.bps(3.21), "3.2 bps"),
        (fmt.percent(0.1234), "12.3%"),
        (fmt.percent(-0.1234, 0, signed=True), "−12%"),
        (fmt.vol_points(0.012), "+1.2 vol pts"),
        (fmt.count(1234567), "1,234,567"),
        (fmt.size_bytes(512), "512 B"),
        (fmt.size_bytes(1_234_567), "1.2 MB"),
        (fmt.size_bytes(999_999), "1.0 MB"),
        (fmt.age(0), "0.0 s"),
        (fmt.age(400 * MILLISECOND), "0.4 s"),
        (fmt.age(-400 * MILLISECOND), "−0.4 s"),
        (fmt.age(-1), "0.0 s"),
        (fmt.age(59 * SECOND), "59 s"),
        (fmt.age(119 * SECOND), "1 min"),
        (fmt.age(3 * HOUR), "3 h"),
        (fmt.age(5 * DAY), "5 d"),
        (fmt.countdown(1), "00:01"),
        (fmt.countdown(90 * SECOND), "01:30"),
        (fmt.countdown(26 * HOUR), "26:00:00"),
        (fmt.clock(52_327 * SECOND), "14:32:07 UTC"),
        (fmt.date(DAY), "1970-01-02"),
        (fmt.duration(850 * MILLISECOND), "850 ms"),
        (fmt.duration(12_400 * MILLISECOND), "12.4 s"),
        (fmt.duration(200 * SECOND), "3 min 20 s"),
        (fmt.duration(2 * HOUR + 5 * MINUTE), "2 h 05 min"),
        (fmt.duration(-(2 * DAY + 4 * HOUR)), "−2 d 04 h"),
    ],
)
def test_example(text: str, expected: str) -> None:
    assert text == expected
