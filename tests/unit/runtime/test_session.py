"""Journal first, then act: what happens when the journal cannot."""

from decimal import Decimal

import pytest

from terminal.core.errors import JournalError
from terminal.core.units import SECOND
from terminal.journal.disk import JournalFull
from terminal.model.frame import Machine
from terminal.model.messages import (
    Approve,
    Disturb,
    DisturbanceKind,
    Fault,
    Rearm,
    SetAutonomy,
    Started,
    Submit,
)
from terminal.model.risk import Autonomy
from terminal.risk.halts import HaltCode
from terminal.runtime.session import Session
from tests.helpers.builders import NOW, fill, quote
from tests.unit.runtime.making import Logbook, Stage, freeze, on_stage

MACHINE = Machine(lag_ms=0.0, records_per_s=0.0, speed=1.0, paused=False, progress=None)


def codes(session: Session) -> list[HaltCode]:
    return [halt.code for halt in session.state.halts]


def approve(session: Session) -> None:
    offer = session.state.desks["BTC"].proposal
    assert offer is not None
    session.command(Approve(offer.proposal_id, offer.revision))


def sent(stage: Stage) -> int:
    return len(stage.sent)


def test_an_order_leaves_after_its_cause_is_durable() -> None:
    book = Logbook()
    session, stage = on_stage(book)
    session.advance(NOW + SECOND)
    approve(session)
    assert len(stage.sent) == 1
    assert book.durable_seq == session.state.seq
    causes = [record.event for record in book.read()]
    assert isinstance(causes[-1], Approve)


@pytest.mark.logs
def test_a_journal_that_fails_to_append_halts_and_nothing_leaves(
    caplog: pytest.LogCaptureFixture,
) -> None:
    for broken_at in range(1, 40, 3):
        book = Logbook()
        book.append_fault = (broken_at, JournalError("disk gone"))
        session, stage = on_stage(book, autonomy=Autonomy.AUTO)
        session.advance(NOW + 5 * SECOND)
        taken = {record.seq for record in book.read()}
        assert codes(session) == [HaltCode.FAULT]
        assert session.broken
        session.command(Rearm("try anyway"))
        session.command(SetAutonomy("BTC", Autonomy.AUTO))
        before = sent(stage)
        session.advance(NOW + 20 * SECOND)
        assert sent(stage) == before
        assert {record.seq for record in book.read()} == taken
    assert "disk gone" in caplog.text


@pytest.mark.logs
def test_a_journal_that_fails_to_sync_halts_and_the_order_stays(
    caplog: pytest.LogCaptureFixture,
) -> None:
    book = Logbook()
    session, stage = on_stage(book)
    session.advance(NOW + SECOND)
    book.sync_fault = (book.syncs + 1, JournalError("drive gone"))
    approve(session)
    assert not stage.sent
    assert codes(session) == [HaltCode.FAULT]
    lines = [line.text for line in session.frame(MACHINE).log]
    assert any("was not sent" in line for line in lines)
    assert session.frame(MACHINE).notices[0].level == "crit"
    assert session.frame(MACHINE).journal.read_only
    assert "drive gone" in caplog.text


@pytest.mark.logs
@pytest.mark.parametrize("error", [JournalError("gone"), JournalFull("full")])
def test_cancels_and_the_stop_work_on_a_broken_or_full_journal(
    error: JournalError, caplog: pytest.LogCaptureFixture
) -> None:
    book = Logbook()
    book.taken_though_full = True
    session, stage = on_stage(book)
    session.advance(NOW + SECOND)
    approve(session)
    session.advance(NOW + 2 * SECOND)
    book.append_fault = (book.appends + 1, error)
    session.command(freeze())
    assert stage.cancelled == [stage.sent[0].order_id]
    assert session.state.stop is not None
    assert HaltCode.FAULT in codes(session)
    assert len(stage.sent) == 1
    assert caplog.text


@pytest.mark.logs
@pytest.mark.parametrize("where", ["append", "sync"])
def test_a_full_journal_has_taken_the_record_but_no_order_leaves(
    where: str, caplog: pytest.LogCaptureFixture
) -> None:
    book = Logbook()
    book.taken_though_full = True
    session, stage = on_stage(book)
    session.advance(NOW + SECOND)
    full = JournalFull("disk is full")
    if where == "append":
        book.append_fault = (book.appends + 1, full)
    else:
        book.sync_fault = (book.syncs + 1, full)
    approve(session)
    assert not stage.sent
    assert codes(session) == [HaltCode.FAULT]
    rows = list(book.read())
    assert [record.seq for record in rows] == list(range(1, session.state.seq + 1))
    assert isinstance(rows[-2].event, Approve)
    assert isinstance(rows[-1].event, Fault)
    session.command(Rearm("there is room again, I think"))
    session.advance(NOW + 50 * SECOND)
    assert not stage.sent
    assert caplog.text


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_an_unreadable_quote_is_refused_with_a_line(number: float) -> None:
    book = Logbook()
    session, _ = on_stage(book)
    session.advance(NOW + SECOND)
    before = session.state
    session.process(NOW + SECOND, "venue", quote(bid=number))
    assert session.state is before
    assert session.refused == 1
    assert "refused: bid is" in session.recorder.log()[-1].text


def test_an_unreadable_fill_halts() -> None:
    session, _ = on_stage(Logbook())
    session.advance(NOW + SECOND)
    session.process(NOW + SECOND, "venue", fill(1, "NaN"))
    assert codes(session) == [HaltCode.FAULT]
    assert "Fill" in session.state.halts[0].reason


def test_disturbances_reach_the_world() -> None:
    session, stage = on_stage(Logbook())
    shake = Disturb(DisturbanceKind.REJECT, "", 1.0, 5.0)
    session.command(shake)
    assert stage.disturbed == [shake]


def test_the_heart_beats_between_events_in_order() -> None:
    book = Logbook()
    session, _ = on_stage(book)
    session.advance(NOW + 3 * SECOND)
    times = [record.at for record in book.read()]
    assert times == sorted(times)
    beats = [record.at for record in book.read() if record.source == "clock"]
    assert beats == [NOW + n * SECOND // 4 for n in range(1, 13)]


def test_a_slice_of_time_is_kept() -> None:
    session, _ = on_stage(Logbook())
    assert session.advance(NOW + 50 * SECOND, budget_s=0.0) is False
    assert session.state.now < NOW + 50 * SECOND
    assert session.advance(NOW + 5 * SECOND) is True


@pytest.mark.logs
def test_closing_on_a_full_disk_closes(caplog: pytest.LogCaptureFixture) -> None:
    book = Logbook()
    session, _ = on_stage(book)
    book.sync_fault = (book.syncs + 1, JournalFull("full"))
    session.close()
    assert book.closed
    assert "full" in caplog.text


def test_what_the_state_holds_was_journaled() -> None:
    book = Logbook()
    session, _ = on_stage(book)
    session.advance(NOW + SECOND)
    rows = list(book.read())
    assert isinstance(rows[0].event, Started)
    assert rows[-1].seq == session.state.seq == session.records
    assert not any(isinstance(record.event, Submit) for record in rows)
    assert Decimal(1) == session.state.ledger.positions["BTC-FUT@sim"].qty
