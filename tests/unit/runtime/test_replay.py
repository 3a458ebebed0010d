"""A journal replayed gives the bytes that were lived, from the start and from a snapshot."""

import hashlib
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from terminal.core.units import SECOND
from terminal.engine.state import State, restored, saved
from terminal.model.messages import (
    Approve,
    CancelAll,
    Disturb,
    DisturbanceKind,
    HedgeNow,
    Rearm,
    SetAutonomy,
    Stop,
    StopStage,
)
from terminal.model.risk import Autonomy
from terminal.runtime.guard import guarded_step
from terminal.runtime.profiles import presets
from terminal.runtime.session import Session
from tests.unit.runtime.making import BEGIN, Logbook, simulated

ROOT = Path(__file__).resolve().parents[3]


def approve(session: Session, share: Decimal) -> None:
    """Click on every proposal that is on the table."""
    for desk in tuple(session.state.desks.values()):
        if desk.proposal is not None:
            qty = (desk.proposal.qty * share).to_integral_value()
            session.command(
                Approve(desk.proposal.proposal_id, desk.proposal.revision, qty or None)
            )


def lived() -> tuple[Session, Logbook]:
    """Live a few minutes with a person at the desk and a venue that misbehaves."""
    book = Logbook()
    session = simulated(book, presets()["Balanced"], autonomy=Autonomy.APPROVE)
    at = BEGIN

    def on(seconds: float) -> None:
        nonlocal at
        at += round(seconds * SECOND)
        session.advance(at)

    on(5)
    approve(session, Decimal("0.5"))
    on(20)
    session.command(SetAutonomy("ETH", Autonomy.AUTO))
    session.command(Disturb(DisturbanceKind.PARTIAL, "", 0.3, 20.0))
    approve(session, Decimal(1))
    on(15)
    session.command(Disturb(DisturbanceKind.LOSE_REPLY, "", 1.0, 5.0))
    session.command(HedgeNow("SOL"))
    on(3)
    approve(session, Decimal(1))
    on(20)
    session.command(Disturb(DisturbanceKind.JUMP, "BTC", 0.03, 1.0))
    on(15)
    approve(session, Decimal(1))
    session.command(CancelAll("test"))
    session.command(Stop(StopStage.NEUTRALISE, "test"))
    on(20)
    session.command(Rearm("test"))
    on(15)
    return session, book


@pytest.fixture(scope="module")
def story() -> tuple[Session, Logbook]:
    return lived()


def test_the_story_is_worth_replaying(story: tuple[Session, Logbook]) -> None:
    counts = story[0].state.counts
    assert counts.orders > 5
    assert counts.fills > 5
    assert counts.approvals > 3


def test_replaying_the_journal_gives_the_same_bytes(story: tuple[Session, Logbook]) -> None:
    session, book = story
    state = State()
    for record in book.read():
        state, _ = guarded_step(state, record)
    assert saved(state) == saved(session.state)


def test_replaying_from_a_snapshot_gives_the_same_bytes(story: tuple[Session, Logbook]) -> None:
    session, book = story
    rows = list(book.read())
    cut = len(rows) // 2
    state = State()
    for record in rows[:cut]:
        state, _ = guarded_step(state, record)
    state = restored(saved(state))
    for record in rows[cut:]:
        state, _ = guarded_step(state, record)
    assert saved(state) == saved(session.state)


SCRIPT = """
import hashlib
from terminal.engine.state import saved
from tests.unit.runtime.test_replay import lived
session, book = lived()
print(hashlib.sha256(b"".join(book.rows) + saved(session.state)).hexdigest())
"""


def test_hash_seeds_change_no_byte(story: tuple[Session, Logbook]) -> None:
    session, book = story
    here = hashlib.sha256(b"".join(book.rows) + saved(session.state)).hexdigest()
    for seed in ("0", "99"):
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT],
            cwd=ROOT,
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip() == here


def test_every_order_at_most_once_and_never_past_its_approval(
    story: tuple[Session, Logbook],
) -> None:
    state = story[0].state
    ids = list(state.orders)
    assert len(set(ids)) == len(ids)
    for order in state.orders.values():
        assert order.filled <= order.intent.qty
