"""Bad questions are refused with every fault named; unusable books are set aside."""

import math
from decimal import Decimal

import pytest
from msgspec import structs

from terminal.hedging.solver.problem import DELTA, Band, Outlook, Problem, Status, Terms
from terminal.hedging.solver.solve import solve
from tests.unit.hedging.solver.builders import instrument, question

SOUND = question((3.0,), ((-1.0, 1.0),), instrument("PERP"))
OUTLOOK = Outlook(spot=100.0, vol=0.5, vol_of_vol=1.0)


def with_terms(**fields: object) -> Problem:
    terms = Terms(**({"max_qty": 5.0} | fields))  # type: ignore[arg-type]
    return question((3.0,), ((-1.0, 1.0),), instrument("PERP", sell=terms))


def with_candidate(**fields: object) -> Problem:
    return question((3.0,), ((-1.0, 1.0),), instrument("PERP", **fields))  # type: ignore[arg-type]


def with_outlook(**fields: object) -> Problem:
    return structs.replace(SOUND, outlook=structs.replace(OUTLOOK, **fields))


REFUSED = [
    (structs.replace(SOUND, net={DELTA: math.nan}), "net delta is not a finite number"),
    (structs.replace(SOUND, net={DELTA: "3"}), "net delta is not a finite number"),
    (structs.replace(SOUND, net={}), "net delta is not a finite number"),
    (structs.replace(SOUND, bands=()), "no band is given"),
    (structs.replace(SOUND, bands=SOUND.bands * 2), "band delta appears more than once"),
    (structs.replace(SOUND, bands=(Band(DELTA, 1.0, -1.0),)), "band of delta is empty"),
    (structs.replace(SOUND, bands=(Band(DELTA, math.inf, math.inf),)), "band of delta is empty"),
    (structs.replace(SOUND, bands=(Band(DELTA, math.nan, 1.0),)), "an end that is no number"),
    (structs.replace(SOUND, candidates=()), "there is no instrument to trade"),
    (structs.replace(SOUND, candidates=SOUND.candidates * 2), "PERP appears more than once"),
    (structs.replace(SOUND, most_instruments=0), "most_instruments must be a whole number"),
    (structs.replace(SOUND, most_instruments=True), "most_instruments must be a whole number"),
    (structs.replace(SOUND, alternatives=-1), "alternatives must be a whole number"),
    (structs.replace(SOUND, most_nodes=0), "most_nodes must be a whole number"),
    (with_candidate(greeks={DELTA: math.nan}), "PERP: delta of one contract"),
    (with_candidate(greeks={}), "PERP: delta of one contract"),
    (with_candidate(lot=Decimal(0)), "PERP: lot must be a Decimal above 0"),
    (with_candidate(lot=Decimal("NaN")), "PERP: lot must be a Decimal above 0"),
    (with_candidate(lot=0.1), "PERP: lot must be a Decimal above 0"),
    (with_candidate(min_qty=Decimal(-1)), "PERP: min_qty"),
    (with_candidate(position=Decimal("Infinity")), "PERP: position"),
    (with_candidate(bid=math.nan), "PERP: bid"),
    (with_candidate(ask=-1.0), "PERP: ask"),
    (with_candidate(fee_base=-1.0), "PERP: fee_base"),
    (with_candidate(order_cost=-1.0), "PERP: order_cost"),
    (with_candidate(carry=math.inf), "PERP: carry"),
    (with_terms(max_qty=-1.0), "PERP sell: max_qty"),
    (with_terms(max_qty=math.inf), "PERP sell: max_qty"),
    (with_terms(max_qty=1e12), "max_qty is over a billion lots"),
    (with_terms(fee_rate=-1e-4), "PERP sell: fee_rate"),
    (with_terms(impact=math.nan), "PERP sell: impact"),
    (with_terms(convexity=-1.0), "PERP sell: convexity"),
    (with_outlook(spot=0.0), "outlook: spot"),
    (with_outlook(vol=math.nan), "outlook: vol"),
    (with_outlook(vol_of_vol=-1.0), "outlook: vol_of_vol"),
    (with_outlook(correlation=1.5), "outlook: correlation"),
]


@pytest.mark.parametrize(("problem", "words"), REFUSED)
def test_bad_question_is_refused_by_name(problem: Problem, words: str) -> None:
    answer = solve(problem)
    assert answer.status is Status.REFUSED
    assert answer.hedge is None
    assert any(words in reason for reason in answer.reasons)
    assert words in answer.words


def test_every_fault_is_named_at_once() -> None:
    problem = structs.replace(SOUND, net={}, most_nodes=0)
    assert len(solve(problem).reasons) == 2


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"bid": None}, "one side only"),
        ({"ask": None}, "one side only"),
        ({"bid": 101.0}, "crossed"),
    ],
)
def test_unusable_book_is_set_aside(fields: dict[str, float | None], words: str) -> None:
    bad = structs.replace(instrument("A"), **fields)
    answer = solve(question((3.0,), ((-1.0, 1.0),), bad, instrument("PERP")))
    assert answer.status is Status.OPTIMAL
    assert answer.hedge is not None
    assert [each.key for each in answer.hedge.trades] == ["PERP"]
    assert len(answer.set_aside) == 1
    assert words in answer.set_aside[0]
    assert answer.set_aside[0] in answer.words


def test_nothing_usable_leaves_the_book_as_it_is() -> None:
    crossed = instrument("A", bid=101.0)
    outside = solve(question((3.0,), ((-1.0, 1.0),), crossed))
    assert outside.status is Status.NEAREST
    assert outside.hedge is not None
    assert outside.hedge.outside == {DELTA: 2.0}
    inside = solve(question((0.5,), ((-1.0, 1.0),), crossed))
    assert inside.status is Status.OPTIMAL
    assert inside.hedge is not None
    assert inside.hedge.trades == ()
