"""Part of what must never go wrong: an order under every sequence of up to six words."""

from collections import defaultdict
from decimal import Decimal

import pytest

from terminal.core.units import SECOND
from terminal.engine.order_rows import order_rows
from terminal.model.order import FINAL, OrderStatus, OrderUpdate
from tests.helpers.builders import profile
from tests.helpers.trial import alerts, ready, submits
from tests.unit.engine.ambiguity import (
    FILLS,
    LONGEST,
    QTY,
    WORDS,
    Maze,
    Node,
    Standing,
    begun,
    told,
)

S = OrderStatus
ENDED = {S.FILLED, S.CANCELLED, S.EXPIRED}
LEGAL = {
    S.SENT: {S.UNKNOWN, S.LIVE, S.CANCEL_PENDING, S.REJECTED, *ENDED},
    S.UNKNOWN: {S.LIVE, S.CANCEL_PENDING, S.REJECTED, *ENDED},
    S.LIVE: {S.CANCEL_PENDING, *ENDED},
    S.CANCEL_PENDING: ENDED,
}
NO_PROOF = {"unknown", "ask to cancel", "restart"}
OF_LIFE = {"accepted", "found open", "cancelled", "cancelled at 3", "expired at 3", *FILLS}
REFUSALS = {"rejected", "found absent", "cancel refused"}
ENDS = {"cancelled at 3", "expired at 3"}


@pytest.fixture(scope="module")
def maze() -> Maze:
    return Maze()


@pytest.fixture(scope="module")
def nodes(maze: Maze) -> dict[Node, int]:
    return maze.walked()


def booked(heard: frozenset[str]) -> Decimal:
    """Contracts of the fills that were told, each once."""
    return sum({each.fill_id: each.qty for name, each in FILLS.items() if name in heard}.values(),
               Decimal(0))  # fmt: skip


def agree(heard: frozenset[str]) -> bool:
    """Whether words can all be true of one order at a venue that keeps its promises."""
    if heard & REFUSALS:
        return not heard & OF_LIFE
    ends = heard & ENDS
    return booked(heard) <= QTY and (not ends or (len(ends) == 1 and booked(heard) <= 3))


def test_everything_that_can_come_was_tried(maze: Maze, nodes: dict[Node, int]) -> None:
    assert max(nodes.values()) == LONGEST
    assert {heard for _, heard in nodes if len(heard) == 1} == {
        frozenset({word}) for word in WORDS if word != "cancel refused"
    }
    assert {now.status for now, _ in nodes} == set(OrderStatus)
    assert len(nodes) > 10_000
    assert len(maze.steps) > 500


def test_an_order_moves_only_along_its_graph(maze: Maze, nodes: dict[Node, int]) -> None:
    for (before, word), after in maze.steps.items():
        if after.status is not before.status:
            assert after.status in LEGAL.get(before.status, set()), (before, word)
        assert after.filled >= before.filled
        assert after.stated >= before.stated
        assert after.booked >= before.booked
        assert after.halted >= before.halted


def test_only_proof_ends_a_doubt(maze: Maze, nodes: dict[Node, int]) -> None:
    for (before, word), after in maze.steps.items():
        if before.status is S.UNKNOWN and after.status is not S.UNKNOWN:
            assert word not in NO_PROOF
    for now, heard in nodes:
        if heard <= NO_PROOF:
            assert now.status in {S.SENT, S.UNKNOWN}
            assert now.left == QTY
            assert now.reserve == pytest.approx(float(QTY))


def test_a_fill_counts_once_whatever_comes(nodes: dict[Node, int]) -> None:
    for now, heard in nodes:
        assert now.filled == now.position == booked(heard)


def test_more_than_was_sent_never_passes_in_silence(nodes: dict[Node, int]) -> None:
    for now, heard in nodes:
        assert now.halted or now.filled <= QTY, heard
        if agree(heard):
            assert not now.halted, heard


def test_the_desk_counts_whatever_may_still_fill(nodes: dict[Node, int]) -> None:
    for now, heard in nodes:
        assert now.reserve == pytest.approx(float(now.left)), heard
        if now.status not in FINAL:
            assert now.left == max(QTY - now.filled, 0)
            assert not now.done
        if now.done and now.status is not S.REJECTED:
            assert heard & ENDS or now.filled >= QTY, heard


def test_the_same_word_again_changes_nothing(maze: Maze, nodes: dict[Node, int]) -> None:
    for (_, word), after in list(maze.steps.items()):
        assert maze.after(after, word) == after, word


def test_the_same_facts_end_alike_in_any_order(nodes: dict[Node, int]) -> None:
    ends: dict[frozenset[str], set[tuple[object, ...]]] = defaultdict(set)
    for now, heard in nodes:
        if agree(heard):
            ends[heard].add(_outcome(now))
    assert len(ends) > 1_000
    for heard, outcomes in ends.items():
        assert len(outcomes) == 1, (heard, outcomes)


def _outcome(now: Standing) -> tuple[object, ...]:
    """What must not depend on the order; having asked for a cancel is no fact of the venue's."""
    asked = S.LIVE if now.status is S.CANCEL_PENDING else now.status
    return asked, now.filled, now.stated, now.left, now.done


def test_an_end_without_a_count_keeps_the_reserve_until_it_is_counted() -> None:
    state, _ = told(begun(), OrderUpdate("o1", S.LIVE))
    state, _ = told(state, WORDS["cancelled"])
    assert state.orders["o1"].status is S.CANCEL_PENDING
    state, _ = told(state, WORDS["cancelled at 3"])
    assert state.orders["o1"].status is S.CANCELLED
    state, _ = told(state, WORDS["partial"])
    assert state.orders["o1"].filled == 3


def test_word_of_life_after_a_reject_is_told() -> None:
    state, _ = told(begun(), WORDS["rejected"])
    state, effects = told(state, WORDS["accepted"])
    assert state.orders["o1"].status is S.REJECTED
    assert "rejected order lives" in alerts(effects)
    _, effects = told(state, WORDS["unknown"])
    assert effects == ()


def test_a_doubt_ages_before_a_persons_eyes() -> None:
    trial = ready(profile(unknown_halt_s=60.0))
    (sent,) = submits(trial.approve())
    ages = []
    for _ in range(4):
        trial.tick(5.0)
        (row,) = (each for each in order_rows(trial.state) if each.order_id == sent.order_id)
        assert row.status == "unknown"
        assert row.working
        ages.append(row.age)
    assert ages == [5 * SECOND, 10 * SECOND, 15 * SECOND, 20 * SECOND]
