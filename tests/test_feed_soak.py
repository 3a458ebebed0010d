"""The judgement of the soak of feeds: what grows, what comes and goes, and too short a run."""

import math

from tests.feed_soak import GROWTH_MB_H, Reading, report


def readings(count: int, *, mb_h: float = 0.0, tasks_h: float = 0.0) -> list[Reading]:
    """What a process says whose connections come and go, ten seconds apart."""
    return [
        Reading(
            at_s=10.0 * each,
            kept_mb=150.0 + 0.2 * math.sin(each) + mb_h * each / 360.0,
            tasks=58 + each % 5 + round(tasks_h * each / 360.0),
            handles=29 + each % 3,
            threads=3 + each % 2,
            objects=3_000 + 200 * (each % 4),
        )
        for each in range(count)
    ]


def test_what_comes_and_goes_is_let_pass_and_what_grows_is_not() -> None:
    assert report(readings(360), 0.0)[1]
    assert report(readings(360, mb_h=0.5 * GROWTH_MB_H), 0.0)[1]
    text, sound = report(readings(360, mb_h=2.0 * GROWTH_MB_H), 0.0)
    assert not sound
    assert text.count("TOO MUCH") == 1
    text, sound = report(readings(360, tasks_h=60.0), 0.0)
    assert not sound
    assert "tasks" in next(line for line in text.splitlines() if "TOO MUCH" in line)


def test_a_run_that_was_too_short_proves_nothing() -> None:
    text, sound = report(readings(8), 60.0)
    assert not sound
    assert "too short" in text
