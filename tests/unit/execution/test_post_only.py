"""Post-only hedges on the simulated venue: whatever the market does, none of them takes."""

from tests.helpers.post_only import run, total


def test_a_post_only_hedge_never_crosses() -> None:
    seen = total([run(seed) for seed in range(100)])
    assert seen.taken == seen.crossing == 0
    # The market ran through orders on their way, or the runs would prove nothing.
    assert seen.refused > 20
    assert seen.made > 50
    assert seen.orders > 200
