"""Questions are answered beside the loop: the newest one, and a fault is an answer too."""

import gc
import time
from decimal import Decimal

import pytest

from terminal.core.units import SECOND
from terminal.engine.state import State
from terminal.model.what_if import SupposedLeg, WhatIf, WhatIfView
from terminal.runtime import explorer
from terminal.runtime.collector import collector_off
from terminal.runtime.explorer import EVERY, Explorer

NOW = 1_000 * SECOND


def answered(asked: Explorer, state: State) -> WhatIfView:
    """Wait for an answer to the open question."""
    deadline = time.monotonic() + 20.0
    while time.monotonic() < deadline:
        view = asked.of(state)
        if view is not None and view.question == asked.question:
            return view
        time.sleep(0.005)
    raise AssertionError("no answer came")


def test_the_newest_question_is_answered_until_it_is_closed() -> None:
    asked, state = Explorer(), State(now=NOW)
    assert asked.of(state) is None
    asked.ask(WhatIf("BTC"))
    first = answered(asked, state)
    assert "no index price" in first.fault
    assert first.took_ms > 0.0
    assert asked.of(state) is first
    asked.ask(WhatIf("ETH", (SupposedLeg("X@sim", Decimal(1)),)))
    assert answered(asked, state).question.underlying == "ETH"
    asked.ask(WhatIf(""))
    assert asked.of(state) is None
    asked.close()


def test_an_answer_grows_old() -> None:
    asked, state = Explorer(), State(now=NOW)
    asked.ask(WhatIf("BTC"))
    first = answered(asked, state)
    assert asked.of(State(now=NOW + EVERY - 1)) is first
    later = State(now=NOW + EVERY)
    deadline = time.monotonic() + 20.0
    while asked.of(later) is first and time.monotonic() < deadline:
        time.sleep(0.005)
    again = asked.of(later)
    assert again is not None
    assert again.at == NOW + EVERY
    asked.close()


def test_a_fault_of_the_program_is_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(state: State, question: WhatIf) -> WhatIfView:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(explorer, "answer", broken)
    asked = Explorer()
    asked.ask(WhatIf("BTC"))
    assert answered(asked, State(now=NOW)).fault == "ZeroDivisionError: a bug"
    asked.close()


def test_closing_waits_and_closing_twice_does_nothing() -> None:
    asked = Explorer()
    asked.ask(WhatIf("BTC"))
    asked.of(State(now=NOW))
    asked.close()
    asked.close()
    assert gc.isenabled()


def test_the_collector_runs_again_when_the_last_thread_is_done() -> None:
    with collector_off():
        with collector_off():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()
