"""The report of a backtest: its sums, its strains, its look-ahead audit, and what it refuses."""

import json
import statistics
from concurrent.futures import BrokenExecutor, Future
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from terminal.core.errors import ConfigError, DataError
from terminal.core.units import DAY, HOUR, MINUTE
from terminal.journal.tape import Header, read_header
from terminal.model.messages import Mode
from terminal.model.report import Chart, Curve, Kind, Report, Section, Table
from terminal.model.risk import Autonomy
from terminal.runtime.opening import open_replay
from terminal.runtime.outcome import outcome
from terminal.runtime.profiles import load, save_file
from terminal.runtime.reporting.backtest import LONG, MOST_POINTS, backtest_report, suited
from terminal.runtime.reporting.breakeven import paying_vol
from terminal.runtime.reporting.days import by_day, scatter_of
from terminal.runtime.reporting.files import SUMS, contents
from terminal.runtime.reporting.hours import Hour, hours_of
from terminal.runtime.reporting.listening import Listening, sha256_of
from terminal.runtime.reporting.lived import Lived
from terminal.runtime.reporting.make import made
from terminal.runtime.reporting.page import page
from terminal.runtime.reporting.span import day_span
from terminal.runtime.reporting.variants import (
    STRAINS,
    Again,
    Audit,
    Came,
    Trade,
    again,
    audited,
    came,
    came_of,
    half_of,
    played,
    trades_of,
)
from terminal.runtime.reporting.walk import Mark
from terminal.runtime.session import Session
from terminal.runtime.settings import Settings
from terminal.runtime.verbs import backtest
from tests.bench.backtest import make_tape

pytestmark = pytest.mark.usefixtures("no_keychain")

BARS = 4_000
"""Nearly three days of minutes."""


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    tape = tmp_path_factory.mktemp("backtest") / "days.tape"
    make_tape(tape, BARS)
    return Settings(mode=Mode.BACKTEST, tape=tape, speed=0.0, autonomy=Autonomy.AUTO)


@pytest.fixture(scope="module")
def told(settings: Settings) -> tuple[Lived, Listening, Header]:
    """The run, heard."""
    session = open_replay(settings, None)
    session.recorder = listening = Listening(session)
    session.play()
    session.close()
    assert settings.tape is not None
    lived = listening.lived(session, settings.tape, sha256_of(settings.tape))
    return lived, listening, read_header(settings.tape)


@pytest.fixture(scope="module")
def made_again(settings: Settings, told: tuple[Lived, Listening, Header]) -> Again:
    parts: list[float] = []
    found = again(settings, told[0], lambda part, what: parts.append(part), workers=2)
    assert parts == sorted(parts)
    assert parts[-1] == 1.0
    return found


@pytest.fixture(scope="module")
def report(settings: Settings, told: tuple[Lived, Listening, Header], made_again: Again) -> Report:
    return backtest_report(*told, settings, made_again)


def table(found: Report, name: str) -> Table:
    tables = [each for section in found.sections for each in section.tables]
    return next(each for each in tables if each.name == name)


def value(found: Report, name: str, row: str, column: int = 1) -> object:
    return next(each[column] for each in table(found, name).rows if each[0] == row)


def test_every_sum_is_that_of_the_run(
    report: Report, told: tuple[Lived, Listening, Header]
) -> None:
    day = told[0]
    result = outcome(day.state, day.heard.records)
    total = table(report, "pnl_by_cause").rows[-1][-1]
    assert isinstance(total, Decimal)
    assert float(total) == pytest.approx(result["pnl_usd"], abs=0.006)
    *days, whole = table(report, "by_day").rows
    assert len(days) == 3  # the last of them in part
    usd = [row[1] for row in days if isinstance(row[1], Decimal)]
    assert sum(usd) == whole[1] == total
    assert sum(int(str(row[2])) for row in days) == whole[2] == result["approvals"] > 0
    assert value(report, "counts", "orders") == result["orders"]
    assert value(report, "counts", "fills") == result["fills"]
    assert value(report, "data", "SHA-256 of the tape") == day.origin.link
    assert len(table(report, "hedges").rows) == result["approvals"]
    assert table(report, "sensitivity").rows[0][1] == pytest.approx(result["pnl_usd"])


def test_it_says_what_it_was_made_of(report: Report, settings: Settings) -> None:
    assert {section.name for section in report.sections} >= {
        "setup", "pnl", "days", "hedging", "activity", "sensitivity", "policies", "risk",
        "margin_path", "volatility", "carry", "parameters",
    }  # fmt: skip
    policies = next(each for each in report.sections if each.name == "policies")
    assert policies.words[1].startswith("BTC was not compared: 0 windows have their 7 days")
    assert value(report, "data", "profile") == "Balanced"
    assert value(report, "data", "seed") == str(settings.seed)
    costs = table(report, "cost_model").rows
    assert [row[0] for row in costs] == ["BTC_USDC-PERPETUAL@sim"]
    assert all(isinstance(number, float) for number in costs[0][1:])
    assert len(str(value(report, "versions", "the program, SHA-256 of its sources"))) == 64
    html = page(report)
    assert "of a tape whose SHA-256 begins with" in html
    assert "of the journal" not in html
    assert "Decisions are not kept in a backtest." in html


def test_what_hedging_cost_stands_beside_the_model(report: Report) -> None:
    (row,) = table(report, "cost_against_model").rows
    coin, hedges, paid, expected, ratio, _, vol, why = row
    assert (coin, why) == ("BTC", "")
    assert hedges == value(report, "counts", "fills")
    assert isinstance(paid, float)
    assert isinstance(expected, float)
    assert expected > 0.0
    assert ratio == pytest.approx(paid / expected)
    assert vol == pytest.approx(0.6, rel=0.1)  # of the tape


def test_the_distance_to_liquidation_is_known_where_the_rules_are(report: Report) -> None:
    (row,) = table(report, "least_distance").rows
    coin, below, _, above, _, known, unknown, why = row
    assert coin == "BTC"
    assert known
    assert not unknown, why
    sides = [each for each in (below, above) if each != "none"]
    assert sides  # a million USD and ten straddles: some move liquidates
    assert all(isinstance(each, float) and each > 0.0 for each in sides)
    most = table(report, "margin_use").rows[0][1]
    assert isinstance(most, float)
    assert 0.0 < most < 1.0


def test_the_same_run_gives_the_same_bytes(
    settings: Settings, told: tuple[Lived, Listening, Header], made_again: Again
) -> None:
    once = contents(backtest_report(*told, settings, made_again))
    assert contents(backtest_report(*told, settings, made_again)) == once
    assert SUMS in once


def test_every_strain_was_lived_through_and_said(report: Report, made_again: Again) -> None:
    names = [name for name, _ in STRAINS]
    assert list(made_again.strained) == names
    assert [row[0] for row in table(report, "sensitivity").rows] == ["as run", *names]
    assert not [each.fault for each in made_again.strained.values() if each.fault]
    lower = made_again.strained["volatility 5 points lower"].pnl
    higher = made_again.strained["volatility 5 points higher"].pnl
    assert lower is not None
    assert higher is not None
    assert lower > higher  # straddles that are held pay theta for volatility
    outside = table(report, "sensitivity").rows[0][8]
    assert isinstance(outside, float)
    assert made_again.strained["30 s to the venue and back"].outside_s > outside


def test_the_first_half_alone_makes_the_same_trades(
    made_again: Again, report: Report, told: tuple[Lived, Listening, Header]
) -> None:
    audit = made_again.audit
    assert audit.differs == ""
    assert 0 < audit.trades < len(told[0].heard.fills)
    (section,) = (each for each in report.sections if each.name == "sensitivity")
    assert section.words[0].startswith("Look-ahead audit passed")


def test_a_run_that_knew_the_future_is_caught(
    settings: Settings, told: tuple[Lived, Listening, Header]
) -> None:
    day = told[0]
    until = (day.span.first + day.state.now) // 2
    whole = trades_of(day, until)
    assert whole == trades_of(played(settings, until), until)
    at, key, side, qty, price = whole[3]
    moved = (*whole[:3], (at - MINUTE, key, side, qty, price), *whole[4:])
    others: tuple[tuple[tuple[Trade, ...] | str, str], ...] = (
        (moved, "trade 4 is not the same"),
        (whole[:-1], f"{len(whole) - 1} trades alone"),
        ("the disk is full", "could not be played: the disk is full"),
    )
    for other, said in others:
        found = audited(whole, other, until)
        assert said in found.differs
        bad = backtest_report(*told, settings, Again({}, found))
        (section,) = (each for each in bad.sections if each.name == "sensitivity")
        assert "FAILED" in section.words[0]
        assert said in section.words[0]


def test_what_was_not_tried_says_so(
    settings: Settings, told: tuple[Lived, Listening, Header]
) -> None:
    quick = backtest_report(*told, settings, None)
    (section,) = (each for each in quick.sections if each.name == "sensitivity")
    assert "--quick" in section.words[0]
    assert not table(quick, "sensitivity").rows
    failed = Again({"costs doubled": Came(fault="no such tape")}, Audit(0, 0, ""))
    row = table(backtest_report(*told, settings, failed), "sensitivity").rows[1]
    assert row[1] is None
    assert row[-1] == "no such tape"


def test_scatter_is_that_of_the_sample(told: tuple[Lived, Listening, Header]) -> None:
    day = told[0]
    found = scatter_of(day)
    assert found is not None
    assert found.unit == "hour"  # two whole days are too few
    results = [float(each.usd) for each in hours_of(day)[:-1] if each.usd is not None]
    assert found.count == len(results)
    assert (found.worst, found.best) == (min(results), max(results))
    assert found.mean == pytest.approx(statistics.fmean(results))
    assert found.deviation == pytest.approx(statistics.stdev(results))
    losses = np.sort([-each for each in results])[::-1]
    (level, var, shortfall), _ = found.shortfalls
    assert level == 0.95
    worst = 0.05 * losses.size
    whole = int(worst)
    beyond = losses[:whole].sum() + (worst - whole) * losses[whole]
    assert shortfall == pytest.approx(beyond / worst)  # Acerbi and Tasche
    assert var == losses[whole]


def test_days_sum_their_hours_and_an_unknown_hour_makes_the_day_unknown() -> None:
    def hour(number: int, usd: str | None) -> Hour:
        first, last = (
            Mark(at=20_000 * DAY + each * HOUR, pnl=None, at_risk=None, margin={})
            for each in (number, number + 1)
        )
        return Hour(first, last, None if usd is None else Decimal(usd), None)

    hours = [*(hour(each, "1.25") for each in range(24)), hour(24, "2.00"), hour(25, None)]
    one, other = by_day(hours)
    assert (one.usd, one.whole) == (Decimal("30.00"), True)
    assert (other.usd, other.whole) == (None, False)


def test_gamma_that_earned_its_theta_paid_at_what_was_realised() -> None:
    gamma, variance, implied = 3.0, 0.4**2, 0.6
    earned, rent = 0.5 * gamma * variance, -0.5 * gamma * implied**2
    assert paying_vol(0.4, earned, rent) == pytest.approx(implied, rel=1e-15)
    assert paying_vol(0.4, -earned, -rent) == pytest.approx(implied, rel=1e-15)  # short
    assert paying_vol(None, 1.0, -1.0) is None
    assert paying_vol(0.4, 0.0, -1.0) is None
    assert paying_vol(0.4, 1.0, 1.0) is None


def test_long_charts_lose_points_but_not_their_ends() -> None:
    points = tuple((float(hour), float(hour) ** 2) for hour in range(3 * MOST_POINTS + 1))
    section = Section(
        name="x",
        title="X",
        charts=(
            Chart(name="a", title="A", unit="USD", curves=(Curve("c", points),)),
            Chart(name="b", title="B", unit="%", curves=(Curve("c", points[:3]),), x_unit="days"),
            Chart(name="c", title="C", unit="%", curves=(Curve("c", points[:1]),), labels=("l",)),
        ),
    )
    long, other, bars = suited(section, 2 * LONG).charts
    (curve,) = long.curves
    assert len(curve.points) <= MOST_POINTS + 1
    assert long.x_unit == "days"
    assert curve.points[0] == (0.0, 0.0)
    assert curve.points[-1] == (points[-1][0] / 24.0, points[-1][1])
    assert (other, bars) == section.charts[1:]
    short = suited(section, HOUR).charts[0]
    assert short.x_unit == "hours UTC"


def test_the_verb_writes_it(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = [str(settings.tape), "--report", str(tmp_path), "--quick", "--json"]
    assert backtest([*command, "--for", "12h"]) == 0
    found = json.loads(capsys.readouterr().out)
    told = found["report"]
    folder = Path(told["folder"])
    assert folder.parent == tmp_path
    assert folder.name.endswith("-backtest")
    assert sorted(told["files"]) == sorted(each.name for each in folder.iterdir())
    assert found["approvals"] > 0
    html = (folder / "report.html").read_text("utf-8")
    assert "The tape was not played to its end" in html


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--speed", "60"], "leave --speed, --data"),
        (["--data", "journal"], "leave --speed, --data"),
        (["--profile", "nobody"], "nobody"),
    ],
)
def test_what_cannot_be_reported_is_said(
    settings: Settings, tmp_path: Path, more: list[str], said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        backtest([str(settings.tape), "--report", str(tmp_path / "reports"), *more])
    assert not (tmp_path / "reports").exists()


def test_quick_is_of_a_report(settings: Settings) -> None:
    with pytest.raises(ConfigError, match="give --report"):
        backtest([str(settings.tape), "--quick"])


def test_who_stops_it_gets_no_report_and_is_told(
    settings: Settings,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Session, "play", stopped)
    assert backtest([str(settings.tape), "--report", str(tmp_path / "reports")]) == 1
    assert "no report was written" in capsys.readouterr().err
    assert not (tmp_path / "reports").exists()


def test_a_process_that_dies_is_a_row_that_says_so() -> None:
    run: Future[Came] = Future()
    run.set_exception(BrokenExecutor("killed"))
    assert came_of(run).fault == "its process ended: killed"
    half: Future[tuple[Trade, ...] | str] = Future()
    half.set_exception(BrokenExecutor("killed"))
    assert half_of(half) == "its process ended: killed"


def test_a_damaged_tape_makes_no_report(settings: Settings, tmp_path: Path) -> None:
    assert settings.tape is not None
    whole = settings.tape.read_bytes()
    broken = tmp_path / "broken.tape"
    broken.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match=r"broken\.tape"):
        backtest([str(broken), "--report", str(tmp_path / "reports")])
    assert not (tmp_path / "reports").exists()


def test_no_day_of_a_journal_is_a_backtest() -> None:
    with pytest.raises(ConfigError, match="backtest TAPE --report"):
        made(Path("nowhere"), Kind.BACKTEST, day_span("2026-01-05"))


def test_proposals_that_nobody_was_there_to_approve_are_counted(
    settings: Settings, report: Report, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (usual,) = (each for each in report.sections if each.name == "activity")
    assert not usual.words
    small = replace(load("balanced"), name="Small", auto_hedge_usd=1.0)
    save_file(small, tmp_path / "small.toml")
    command = [str(settings.tape), "--report", str(tmp_path), "--quick", "--for", "12h"]
    assert backtest([*command, "--profile", str(tmp_path / "small.toml")]) == 0
    folder = Path(capsys.readouterr().out.split(" files in ")[1].split(";")[0])
    said = json.loads((folder / "report.json").read_text("utf-8"))
    (words,) = (each["words"] for each in said["sections"] if each["name"] == "activity")
    assert "larger than automatic hedging may approve (1.00 USD" in words[0]


def test_came_counts_what_the_run_counted(told: tuple[Lived, Listening, Header]) -> None:
    day = told[0]
    found = came(day)
    assert (found.orders, found.fills) == (day.state.counts.orders, day.state.counts.fills)
    assert found.fall is not None
    assert found.fall >= 0.0
