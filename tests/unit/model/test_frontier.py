"""A frontier's file: what the lab wrote is read as it was, all else is refused in words."""

import contextlib
import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.core.errors import DataError
from terminal.lab.compare import Cell
from terminal.model.frontier import ERROR, MOST_CELLS, NET, FrontierCell, frontier_of
from tests.helpers.frontiers import CHEAP, REFERENCE, cell, cells, frontier_json


def test_every_number_is_what_the_lab_wrote() -> None:
    found = frontier_of(frontier_json())
    assert (found.name, found.windows, found.left_out) == ("BTC", 222, 3)
    for ours, theirs in zip(found.cells, cells(), strict=True):
        for name in FrontierCell.__struct_fields__:
            assert getattr(ours, name) == getattr(theirs, name)
    assert len(found.of(NET)) == len(found.of(ERROR)) == 6
    assert found.reference() == REFERENCE


def test_a_ratio_to_a_reference_that_costs_nothing_is_unknown() -> None:
    free = cell(CHEAP, ratio=math.inf, ratio_band=(0.5, math.nan))
    found = frontier_of(frontier_json([cell(), free]))
    assert found.cells[1].ratio is None
    assert found.cells[1].ratio_band == (0.5, None)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "not what the lab writes"),
        (b"\xff\xfe", "not what the lab writes"),
        (b"[]", "not what the lab writes"),
        (b"{}", "missing required field `name`"),
        (frontier_json([]), "holds no policy"),
        (frontier_json([cell(measure=ERROR)]), "holds no policy"),
        (frontier_json([cell(), cell()]), "is given twice"),
        (frontier_json([cell(), cell(CHEAP, measure="luck")]), "which is neither net nor error"),
        (frontier_json([cell(risk=0.0)]), "has a risk of 0 USD"),
        (frontier_json([cell(cost=-1.0)]), "costs less than nothing"),
        (frontier_json([cell(CHEAP, ratio=-0.5)]), "costs less than nothing"),
        (frontier_json([cell(CHEAP, ratio_band=(2.0, 1.5))]), "has a band from 2 down to 1.5"),
        (frontier_json([cell(CHEAP, ratio_band=(0.5, 0.9))]), "no policy in it is the reference"),
        (frontier_json([cell()] * (MOST_CELLS + 1)), "5,001 cells, 5,000 at most"),
    ],
)
def test_what_cannot_be_is_refused_in_words(raw: bytes, said: str) -> None:
    with pytest.raises(DataError, match=said):
        frontier_of(raw)


WHOLE = frontier_json()


@given(st.integers(0, len(WHOLE) - 1), st.integers(0, 255))
def test_a_damaged_byte_gives_a_frontier_or_a_refusal(place: int, byte: int) -> None:
    damaged = WHOLE[:place] + bytes([byte]) + WHOLE[place + 1 :]
    with contextlib.suppress(DataError):
        assert frontier_of(damaged).reference()


def test_the_lab_and_the_screen_mean_the_same_fields() -> None:
    theirs = {each.encode_name for each in msgspec.structs.fields(Cell)}
    assert set(FrontierCell.__struct_fields__) <= theirs
