"""Parameters of a report: every one listed, and suggestions only on enough evidence."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from terminal.engine.state import State
from terminal.model.attribution import AttributionView
from terminal.model.report import Origin
from terminal.model.risk import RiskProfile
from terminal.runtime.reporting.hearing import Hearing
from terminal.runtime.reporting.lived import Lived
from terminal.runtime.reporting.parameters import (
    LEAST_LOOKS,
    flattened,
    parameters_section,
)
from terminal.runtime.reporting.span import Span
from terminal.runtime.reporting.walk import Bands, Mark
from tests.helpers.builders import profile

HOUR = 3_600_000_000_000


def lived(change: Callable[[Hearing], None] = lambda _: None) -> Lived:
    state = State(profile=profile())
    heard = Hearing(state)
    change(heard)
    return Lived(
        journal=Path("nowhere"),
        span=Span(0, 24 * HOUR),
        before=state,
        opened=state,
        start=AttributionView(),
        state=state,
        end=AttributionView(total=0.0),
        heard=heard,
        tracks={},
        origin=Origin(run="r", mode="sim", first_seq=1, last_seq=1, link=""),
    )


def suggested(day: Lived) -> list[Any]:
    return [row[0] for row in parameters_section(day, None).tables[0].rows]


def test_every_parameter_is_listed_with_its_value() -> None:
    listed = {str(row[0]): row[1] for row in parameters_section(lived(), None).tables[1].rows}
    assert {each.partition(".")[0] for each in listed} >= set(RiskProfile.__struct_fields__)
    assert listed["approval_ttl_s"] == str(profile().approval_ttl_s)


def test_paths_of_nested_fields() -> None:
    assert list(flattened({"a": {"b": 1, "c": None}, "d": "x", "e": {}})) == [
        ("a.b", "1"),
        ("a.c", "none"),
        ("d", "x"),
        ("e", "none"),
    ]


def test_a_quiet_day_suggests_nothing_and_says_so() -> None:
    section = parameters_section(lived(), None)
    assert section.tables[0].rows == ()
    assert "evidence" in section.tables[0].empty


def test_without_a_profile_there_are_no_parameters() -> None:
    day = lived()
    section = parameters_section(replace(day, state=State()), None)
    assert [each.rows for each in section.tables] == [(), ()]


@pytest.mark.parametrize(
    ("looks", "outside", "expected"),
    [
        (LEAST_LOOKS, LEAST_LOOKS // 2, ["min_gap_s"]),
        (LEAST_LOOKS, LEAST_LOOKS // 20, []),
        (LEAST_LOOKS - 1, LEAST_LOOKS // 2, []),
    ],
)
def test_delta_outside_its_band_is_told_on_an_hour_of_looks(
    looks: int, outside: int, expected: list[str]
) -> None:
    def change(heard: Hearing) -> None:
        heard.walk.bands["BTC"] = Bands([looks - outside, 0, 0, 0, outside])

    assert suggested(lived(change)) == expected


def test_losses_beyond_value_at_risk_are_told_when_they_are_too_many() -> None:
    def hours(loss: float, count: int) -> Callable[[Hearing], None]:
        def change(heard: Hearing) -> None:
            heard.walk.marks = [
                Mark(at=at * HOUR, pnl=-loss * min(at, count), at_risk=10.0, margin={})
                for at in range(25)
            ]

        return change

    assert suggested(lived(hours(20.0, 6))) == ["delta_cap_usd"]
    assert suggested(lived(hours(20.0, 1))) == []
    assert suggested(lived(hours(9.0, 24))) == []
