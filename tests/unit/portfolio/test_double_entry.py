"""Random fills, funding, settlements and transfers: the ledger to the last digit."""

import pytest

from tests.accounts import main, report, run


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_ledger_agrees_with_an_independent_book_keeper(seed: int) -> None:
    found = run(2_000, seed, every=200)
    assert found.wrong == []
    assert min(found.repeats, found.payments, found.settlements, found.transfers) > 5
    assert found.residual > 0  # it did trade in thirds


def test_a_digit_that_does_not_agree_ends_the_run_badly(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tests.accounts.book_funding", lambda ledger, paid: ledger)
    assert main(["--fills", "300", "--seed", "4"]) == 1
    assert "funding" in capsys.readouterr().out
    assert "USDC" in report(run(300, 4))
