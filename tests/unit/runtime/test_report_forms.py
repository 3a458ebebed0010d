"""What a report is written as: cents, escapes, charts, units, and spans that are none."""

import base64
import csv
import hashlib
import io
import re
from decimal import Decimal
from html.parser import HTMLParser

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.core.errors import ConfigError
from terminal.core.units import DAY
from terminal.model.attribution import AttributionView, Bucket, Cell
from terminal.model.report import Chart, Column, Curve, Form, Kind, Origin, Report, Section, Table
from terminal.runtime.reporting.cents import ledger_of
from terminal.runtime.reporting.files import SUMS, contents, table_csv
from terminal.runtime.reporting.page import page
from terminal.runtime.reporting.span import day_span
from terminal.runtime.reporting.svg import drawn, nice

TODAY = "2026-01-05"
HOSTILE = "<script>alert(1)</script>=cmd|' /C calc'!A0\u202e"
EMPTY = Report(
    schema=1,
    kind=Kind.END,
    title="End of day",
    first=0,
    last=DAY,
    at=DAY,
    origin=Origin(run="r", mode="sim", first_seq=1, last_seq=2, link="00"),
    sections=(),
)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["BTC", "ETH"]),
            st.sampled_from(list(Bucket)),
            st.floats(-1e7, 1e7),
        ),
        max_size=30,
    ),
    st.integers(0, 30),
)
def test_cents_sum_exactly_whatever_is_rounded(
    amounts: list[tuple[str, Bucket, float]], split: int
) -> None:
    def view(part: list[tuple[str, Bucket, float]]) -> AttributionView:
        cells: dict[str, dict[Bucket, float]] = {}
        for coin, cause, usd in part:
            known = cells.setdefault(coin, {})
            known[cause] = known.get(cause, 0.0) + usd
        made_of = tuple(Cell(1, 1, coin, 0, "sim", usd) for coin, usd in cells.items())
        total = sum(usd for each in made_of for usd in each.usd.values())
        return AttributionView(cells=made_of, total=total)

    start, finish = view(amounts[:split]), view(amounts)
    found = ledger_of(start, finish)
    assert found.total is not None
    assert sum(found.amounts.values(), Decimal(0)) == found.total
    assert abs(float(found.total) - ((finish.total or 0.0) - (start.total or 0.0))) <= 0.0051


def test_an_unknown_total_is_said_and_not_zero() -> None:
    cells = (Cell(1, 1, "BTC", 0, "sim", {Bucket.GAMMA: 5.0}),)
    found = ledger_of(AttributionView(), AttributionView(cells=cells, missing="X has no price"))
    assert found.total is None
    assert found.missing == "X has no price"


def test_no_name_of_a_coin_leads_out_of_the_folder() -> None:
    odd = Table(name="scenarios_../../x y", title="T", columns=(Column("a", "A"),))
    section = Section(name="s", title="S", tables=(odd,))
    names = list(contents(msgspec.structs.replace(EMPTY, sections=(section,))))
    assert names == ["report.html", "report.json", "scenarios__x_y.csv", SUMS]


def test_a_fraction_is_called_one_where_it_is_not_shown_as_percent() -> None:
    found = Table(
        name="t",
        title="T",
        columns=(
            Column("vol", "V", "a year", Form.PERCENT),
            Column("part", "P", form=Form.PERCENT),
        ),
        rows=((0.5, 0.25),),
    )
    assert table_csv(found) == "vol [fraction a year],part [fraction]\n0.5,0.25\n"
    section = Section(name="s", title="S", tables=(found,))
    text = page(msgspec.structs.replace(EMPTY, sections=(section,)))
    assert "V, % a year" in text
    assert "P, %<" in text
    assert ">50.00<" in text


class Tags(HTMLParser):
    """Collects what could fetch or run."""

    def __init__(self) -> None:
        super().__init__()
        self.bad: list[str] = []
        self.open: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = {name for name, _ in attrs}
        if tag in {"script", "link", "iframe", "object", "img"} or names & {"src", "href", "style"}:
            self.bad.append(tag)
        if any(name.startswith("on") for name in names):
            self.bad.append(tag)
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open[-1] in {"rect", "line", "polyline"} and tag != self.open[-1]:
            self.open.pop()
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def test_the_page_fetches_nothing_runs_nothing_and_shows_hostile_words_as_words() -> None:
    hostile = Table(
        name="hostile",
        title=HOSTILE,
        columns=(Column("a", HOSTILE), Column("b", "B", HOSTILE, Form.MONEY)),
        rows=((HOSTILE, None),),
        note=HOSTILE,
    )
    bars = Chart(
        name="x",
        title=HOSTILE,
        unit=HOSTILE,
        curves=(Curve(HOSTILE, ((0.0, 1.0),)), Curve(HOSTILE, ())),
        labels=(HOSTILE,),
    )
    section = Section(
        name='"><b>', title=HOSTILE, words=(HOSTILE,), tables=(hostile,), charts=(bars,)
    )
    text = page(msgspec.structs.replace(EMPTY, sections=(section,)))
    read = Tags()
    read.feed(text)
    assert read.bad == []
    assert read.open == []
    assert "<script" not in text
    assert "\u202e" not in text
    assert "http" not in re.sub(r'xmlns="http://www.w3.org/2000/svg"|http-equiv', "", text)
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
    assert style is not None
    policy = re.search(r"sha256-([^']+)'", text)
    assert policy is not None
    digest = hashlib.sha256(style.group(1).encode()).digest()
    assert digest == base64.b64decode(policy.group(1))
    assert any("alert(1)" in each for each in read.text)


def test_no_cell_of_a_csv_is_a_formula_and_unknown_is_said() -> None:
    found = Table(
        name="t",
        title="T",
        columns=(Column("=name", "N"), Column("usd", "U", "USD", Form.MONEY)),
        rows=(("=1+1", Decimal("-12.30")), ("@x", None), ("+a\nb", -0.5)),
    )
    rows = list(csv.reader(io.StringIO(table_csv(found))))
    assert rows == [
        ["'=name", "usd [USD]"],
        ["'=1+1", "-12.30"],
        ["'@x", "unknown"],
        ["'+a b", "-0.5"],
    ]


@given(st.floats(-1e9, 1e9), st.floats(0.0, 1e9))
def test_ticks_enclose_what_they_measure(low: float, width: float) -> None:
    found = nice(low, low + width)
    room = 1e-6 * (width + abs(low) + 1e-300)
    assert found[0] <= low + room
    assert found[-1] >= low + width - room
    assert 2 <= len(found) <= 12
    assert list(found) == sorted(set(found))


def test_a_chart_of_nothing_says_so_and_a_gap_breaks_the_line() -> None:
    def lines(*ys: float | None) -> str:
        points = tuple((float(x), y) for x, y in enumerate(ys))
        return drawn(Chart(name="c", title="C", unit="USD", curves=(Curve("c", points),)))

    assert "nothing is known" in lines(None, None)
    assert lines(1.0, 2.0, 3.0).count("<polyline") == 1
    assert lines(1.0, 2.0, None, 3.0, 4.0).count("<polyline") == 2


@pytest.mark.parametrize("day", ["", "yesterday", "2026-13-01", "0001-01-01x"])
def test_a_day_that_is_none_is_refused(day: str) -> None:
    with pytest.raises(ConfigError, match="is no day"):
        day_span(day)


@pytest.mark.parametrize("until", ["8", "24:00", "00:00", "08:60", "a:b"])
def test_a_time_that_is_none_is_refused(until: str) -> None:
    with pytest.raises(ConfigError, match="is no time"):
        day_span(TODAY, until)
