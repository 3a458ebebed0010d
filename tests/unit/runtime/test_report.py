"""Reports of a day: sums to the cent, the same bytes, escapes, and what cannot be reported."""

import hashlib
import json
import shutil
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from terminal.core.errors import ConfigError, DataError, JournalError
from terminal.core.units import DAY, MINUTE, SECOND
from terminal.engine.state import State
from terminal.journal.segments import segment_paths
from terminal.model.messages import ArmLive, Rearm, Reject, SetProfile, Stop, StopStage
from terminal.model.report import Form, Kind, Report, Table
from terminal.model.risk import Autonomy
from terminal.oracle.chain import read
from terminal.runtime.guard import guarded_step
from terminal.runtime.journal_reader import opened
from terminal.runtime.opening import open_session, ready
from terminal.runtime.oracle import folder_of
from terminal.runtime.report_verb import report
from terminal.runtime.reporting.decided import decisions_of
from terminal.runtime.reporting.files import SUMS, contents, save
from terminal.runtime.reporting.make import made
from terminal.runtime.reporting.page import page
from terminal.runtime.reporting.span import Span, day_span
from terminal.runtime.settings import Settings
from terminal.venues import keychain
from terminal.venues.keychain import Keychain

pytestmark = pytest.mark.usefixtures("no_keychain")

TODAY = "2026-01-05"
WHOLE = day_span(TODAY)
CANARY = "CANARY0f0f0fKEY"
HOSTILE = "<b>stop</b>"


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated run of five minutes with a person at the desk, restarted in the middle."""
    directory = tmp_path_factory.mktemp("report") / "journal"
    settings = Settings(history_hours=0.1, autonomy=Autonomy.AUTO)
    for words in ("first", HOSTILE):
        session = open_session(settings, directory)
        session.advance(session.opens_at + 2 * MINUTE)
        session.command(Stop(StopStage.FREEZE, f"stop {words}"))
        session.advance(session.state.now + 20 * SECOND)
        session.command(Rearm(f"again {words}"))
        profile = session.state.profile
        assert profile is not None
        cap = profile.delta_cap_usd + 1.0
        session.command(SetProfile(msgspec.structs.replace(profile, delta_cap_usd=cap)))
        session.command(Reject("nothing", f"no {words}"))
        session.command(ArmLive(CANARY, (CANARY,)))
        session.advance(session.state.now + 10 * SECOND)
        session.close()
    return directory


@pytest.fixture(scope="module")
def end(journal: Path) -> Report:
    return made(journal, Kind.END, WHOLE)


def table(found: Report, name: str) -> Table:
    tables = [each for section in found.sections for each in section.tables]
    return next(each for each in tables if each.name == name)


def test_every_table_of_profit_and_loss_sums_to_the_same_cents(end: Report) -> None:
    totals = set()
    for name in ("pnl_by_cause", "pnl_by_coin", "pnl_by_venue", "pnl_by_expiry"):
        found = table(end, name)
        *rows, last = found.rows
        for at, column in enumerate(found.columns):
            if column.form is Form.MONEY:
                cells = [row[at] for row in rows]
                exact = [each for each in cells if isinstance(each, Decimal)]
                assert exact == cells
                assert sum(exact, Decimal(0)) == last[at], (name, column.name)
        totals.add(last[-1])
    assert len(totals) == 1
    assert totals.pop() not in (None, Decimal(0))


def test_the_profits_of_two_parts_of_a_day_are_that_of_the_day(journal: Path, end: Report) -> None:
    last = opened(journal).last_at
    middle = last - 2 * MINUTE
    parts = [
        table(made(journal, Kind.END, span), "pnl_by_cause").rows[-1][-1]
        for span in (Span(WHOLE.first, middle), Span(middle, WHOLE.last))
    ]
    known = [each for each in parts if isinstance(each, Decimal)]
    assert len(known) == 2
    whole = table(end, "pnl_by_cause").rows[-1][-1]
    assert isinstance(whole, Decimal)
    assert abs(sum(known) - whole) <= Decimal("0.01")  # each is rounded by itself


def test_the_same_journal_gives_the_same_bytes_wherever_it_lies(
    journal: Path, tmp_path: Path, end: Report
) -> None:
    copy = tmp_path / "elsewhere"
    for suffix in ("", "-decisions"):
        beside = journal.with_name(journal.name + suffix)
        shutil.copytree(beside, copy.with_name(copy.name + suffix))
    assert contents(made(copy, Kind.END, WHOLE)) == contents(end)


def test_a_report_changes_nothing_and_needs_no_lock(journal: Path, tmp_path: Path) -> None:
    copy = tmp_path / "journal"
    shutil.copytree(journal, copy)
    session = open_session(Settings(), copy)  # a desk at work holds it
    try:
        before = {each: each.read_bytes() for each in segment_paths(copy)}
        made(copy, Kind.END, WHOLE)
        assert {each: each.read_bytes() for each in segment_paths(copy)} == before
    finally:
        session.close()


def test_each_kind_has_its_sections_and_the_end_of_day_knows_every_hedge(
    journal: Path, end: Report
) -> None:
    names = {
        kind: [section.name for section in made(journal, kind, WHOLE).sections]
        for kind in (Kind.START, Kind.HANDOVER)
    }
    assert names[Kind.START] == ["standing", "risk", "volatility", "carry", "parameters"]
    assert names[Kind.HANDOVER] == ["standing", "events", "pnl", "hours", "risk", "carry"]
    hedges = table(end, "hedges")
    assert hedges.rows
    assert all(row[2] for row in hedges.rows)
    words = [line for section in end.sections for line in section.words]
    assert any(f" {len(hedges.rows)} hedges," in line for line in words)
    deeds = [row[2] for row in table(end, "deeds").rows]
    assert deeds.count("stop") == deeds.count("re-arm") == 2
    assert sum("delta_cap_usd" in str(row[3]) for row in table(end, "deeds").rows) == 2


def test_costs_by_profile_and_hour_sum_to_those_by_place(end: Report) -> None:
    whole = table(end, "hedge_costs").rows[-1][4:]
    names = {}
    for name in ("hedge_costs_by_profile", "hedge_costs_by_hour"):
        found = table(end, name)
        *rows, last = found.rows
        assert last[1:] == pytest.approx(whole, nan_ok=True)
        names[name] = {row[0] for row in rows or [last]}
    assert names["hedge_costs_by_profile"] == {"Balanced"}
    assert all(str(hour).endswith(":00") for hour in names["hedge_costs_by_hour"])


def test_hours_sum_to_the_day_and_every_look_at_a_band_is_counted(end: Report) -> None:
    *hours, whole = table(end, "by_hour").rows
    usd = [row[2] for row in hours if isinstance(row[2], Decimal)]
    assert len(usd) == len(hours) >= 2
    assert sum(usd) == whole[2] == table(end, "pnl_by_cause").rows[-1][-1]
    decided = [row[5] for row in hours if isinstance(row[5], int)]
    assert sum(decided) == whole[5] == len(table(end, "hedges").rows)
    for _, looks, _, *parts in table(end, "band_use").rows:
        assert isinstance(looks, int)
        assert looks > 12  # of 30 in five minutes
        assert sum(each for each in parts if isinstance(each, float)) == pytest.approx(1.0)


def test_delta_left_open_is_held_against_what_so_many_hedges_leave(end: Report) -> None:
    rows = table(end, "hedging_error").rows
    shares = table(end, "hedging_error_expected").rows
    assert [row[0] for row in rows] == ["BTC", "ETH", "SOL"]
    hedging = next(each for each in end.sections if each.name == "hedging")
    curves = {each.name: each.points for each in hedging.charts[0].curves}
    for coin, hedges, usd, deviation, samples, _, expected, ratio, _ in rows:
        assert isinstance(samples, int)
        assert samples >= 1
        assert curves[str(coin)][-1][1] == pytest.approx(usd)
        if expected is None:
            assert hedges == 0
            continue
        here = sum(row[-1] for row in shares if row[0] == coin and isinstance(row[-1], float))
        assert isinstance(deviation, float)
        assert isinstance(expected, float)
        assert expected == pytest.approx(abs(here))
        assert ratio == pytest.approx(deviation / expected)


def test_max_pain_is_of_every_option_listed_and_stands_by_those_held(
    journal: Path, end: Report
) -> None:
    start = made(journal, Kind.START, WHOLE)
    for found in (start, end):
        rows = table(found, "max_pain").rows
        assert {row[0] for row in rows} == {"BTC", "ETH", "SOL"}
        assert all(told == listed and by == "sim" for *_, told, listed, by in rows)
        strikes = {row[:2]: row[2] for row in rows}
        held = table(found, "expiring").rows
        assert held
        for symbol, _, expiry, *_, pain in held:
            coin = str(symbol).partition("-")[0].partition("_")[0]
            assert strikes[coin, str(expiry)[:10]] == pain
        assert table(found, "open_interest").rows


def test_greeks_change_by_what_lies_between_both_ends_and_sum_over_expiries(end: Report) -> None:
    rows = table(end, "greeks_by_coin").rows
    assert len(rows) == 9
    last = {row[0]: row for row in rows if row[1] == "end"}
    by_expiry = table(end, "greeks_by_expiry").rows
    for coin, row in last.items():
        parts = [each[3] for each in by_expiry if each[0] == coin]
        total = sum(each for each in parts if isinstance(each, float))
        assert row[2] == pytest.approx(total, abs=1e-9)


def test_venues_sum_to_their_coin_at_both_ends_and_liquidation_lies_around_the_price(
    end: Report,
) -> None:
    coins = {row[:2]: row[2] for row in table(end, "greeks_by_coin").rows}
    venues = table(end, "greeks_by_venue").rows
    for (coin, when), delta in coins.items():
        parts = [row[5] for row in venues if (row[0], row[3]) == (coin, when)]
        assert sum(x for x in parts if isinstance(x, float)) == pytest.approx(delta, abs=1e-9)
    rows = {row[0]: row for row in table(end, "margin").rows}
    _, _, missing, below, away, _, above, up, _, remark = rows["BTC"]
    assert isinstance(below, float)
    assert isinstance(above, float)
    assert below / (1.0 - float(str(away))) == pytest.approx(above / (1.0 + float(str(up))))
    assert (missing, remark) == (0.0, "")
    assert rows["ETH"][3] is None
    assert "unknown" in str(rows["ETH"][-1])


def test_what_is_counted_is_what_the_journal_holds(journal: Path, end: Report) -> None:
    source = opened(journal)
    state = State()
    fills, proposals = set(), set()
    for record in source.records(0):
        ready(record)
        state, _ = guarded_step(state, record)
        fills |= {note.fill.fill_id for note in state.fills}
        proposals |= {each.hedge_id for each in state.costs.open.values()}
    words = " ".join(line for section in end.sections for line in section.words)
    assert f"{len(proposals)} hedges," in words
    assert f"{len(fills)} fills," in words
    assert {row[1] for row in table(end, "hedges").rows} == proposals
    assert state.equity is not None
    assert state.opening is not None
    earned = Decimal(repr(state.equity - state.opening.equity)).quantize(Decimal("0.01"))
    assert table(end, "pnl_by_cause").rows[-1][-1] == earned
    curve = end.sections[0].charts[1].curves[0].points
    assert curve[-1][1] == pytest.approx(float(earned), abs=0.0051)


def test_no_key_is_in_a_report(journal: Path, end: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DERIBIT_API_KEY", "DERIBIT_API_SECRET", "ANTHROPIC_API_KEY", "GAMMADESK_KEY"):
        monkeypatch.setenv(name, CANARY)

    def asked(*_: object) -> None:
        raise AssertionError("a report asked the keychain")

    monkeypatch.setattr(Keychain, "read", asked)
    monkeypatch.setattr(keychain, "find", asked)
    handover = made(journal, Kind.HANDOVER, WHOLE)
    assert any(row[2] == "arm live" for row in table(handover, "deeds").rows)
    for found in (end, handover):
        for name, text in contents(found).items():
            assert CANARY not in text, name


def test_decisions_that_were_changed_explain_nothing(
    journal: Path, end: Report, tmp_path: Path
) -> None:
    copy = tmp_path / "journal"
    shutil.copytree(folder_of(journal), folder_of(copy))
    run = end.origin.run
    whole = decisions_of(copy, run)
    assert whole.faults == ()
    first, second = sorted(folder_of(copy).iterdir())
    first.write_bytes(first.read_bytes().replace(b"BTC", b"XTC", 1))
    damaged = decisions_of(copy, run)
    later = read(second.read_bytes().split(b"\n")[:-1])
    assert set(damaged.by_proposal) == {each.decision.proposal_id for each in later} - {""}
    assert set(damaged.by_proposal) < set(whole.by_proposal)
    assert first.name in damaged.faults[0]


def test_nothing_of_an_older_report_stays_in_its_folder(end: Report, tmp_path: Path) -> None:
    folder = save(end, tmp_path)
    for name in ("report.pdf", "scenarios_old.csv", "notes of mine.txt"):
        (folder / name).write_text("x", "utf-8")
    assert save(end, tmp_path) == folder
    assert {each.name for each in folder.iterdir()} == {*contents(end), "notes of mine.txt"}


def test_a_limit_says_how_much_of_it_is_used(end: Report) -> None:
    for name, _, used, most, share in table(end, "limits").rows:
        assert isinstance(used, float), name
        assert isinstance(most, float), name
        assert share == pytest.approx(used / most)


def test_the_verb_writes_files_whose_hashes_hold(
    journal: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["--journal", str(journal), "--out", str(tmp_path / "out"), "--json"]
    assert report(asked) == 0
    told = json.loads(capsys.readouterr().out)
    folder = Path(told["folder"])
    assert {each.name for each in folder.iterdir()} == set(told["files"])
    for line in (folder / SUMS).read_text("utf-8").splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    read = json.loads((folder / "report.json").read_text("utf-8"))
    assert read["kind"] == "end"
    assert (read["last"] - read["first"]) == DAY
    assert all(each.stat().st_mode & 0o077 == 0 for each in folder.iterdir())


def test_what_cannot_be_reported_is_said(journal: Path, tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="no journal directory: name the folder"):
        made(tmp_path / "nowhere", Kind.END, WHOLE)
    with pytest.raises(JournalError, match="holds no journal"):
        made(tmp_path, Kind.END, WHOLE)
    with pytest.raises(DataError, match=r"it holds 2026-01-0.*--day"):
        made(journal, Kind.END, day_span("2026-01-09"))
    with pytest.raises(DataError, match="no record between"):
        made(journal, Kind.END, day_span("2025-12-01"))
    occupied = tmp_path / "file"
    occupied.write_text("", "utf-8")
    with pytest.raises(ConfigError, match=r"cannot be written .*--out"):
        report(["--journal", str(journal), "--day", TODAY, "--out", str(occupied)])
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / f"{TODAY}-end").write_text("", "utf-8")
    with pytest.raises(ConfigError, match=r"cannot be written .*--out"):
        report(["--journal", str(journal), "--day", TODAY, "--out", str(tmp_path / "out")])


def test_a_damaged_journal_is_reported_as_far_as_it_is_whole(journal: Path, tmp_path: Path) -> None:
    copy = tmp_path / "journal"
    shutil.copytree(journal, copy)
    path = segment_paths(copy)[-1]
    content = bytearray(path.read_bytes())
    content[len(content) * 3 // 4] ^= 0xFF
    path.write_bytes(content)
    found = made(copy, Kind.END, WHOLE)
    assert any("is damaged" in each for each in found.origin.notes)
    assert "is damaged" in page(found)
    empty = tmp_path / "empty"
    open_session(Settings(), empty).close()
    path = segment_paths(empty)[0]
    path.write_bytes(path.read_bytes()[:4])
    with pytest.raises(JournalError, match="no journal that can be read"):
        made(empty, Kind.END, WHOLE)
