"""Compiled kernels are a bonus: whatever goes wrong with them, numpy prices."""

from pathlib import Path

import pytest

from terminal.core.errors import ConfigError
from terminal.model.messages import UsePricing
from terminal.pricing.engines import NUMPY
from terminal.runtime import kernels
from terminal.runtime.opening import open_session
from terminal.runtime.settings import Settings


def test_an_engine_that_is_not_there_is_named() -> None:
    with pytest.raises(ConfigError, match="abacus"):
        kernels.ready_engine("abacus")


@pytest.mark.parametrize("error", [ConfigError("no numba"), RuntimeError("full"), SyntaxError("x")])
async def test_a_compiler_that_fails_says_why(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def broken(name: str) -> None:
        raise error

    monkeypatch.setattr(kernels, "load", broken)
    assert str(error) in await kernels.why_not_compiled()


async def test_a_compiler_that_works_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernels, "load", lambda _: NUMPY)
    assert not await kernels.why_not_compiled()


def test_kernels_are_kept_in_the_users_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert str(kernels.cache_dir()).startswith("/somewhere/gammadesk/kernels-")
    monkeypatch.setenv("NUMBA_CACHE_DIR", "/mine")
    kernels.ready_engine("numpy")


def test_a_journal_waits_for_the_engine_that_priced_it(tmp_path: Path) -> None:
    session = open_session(Settings(history_hours=0.0), tmp_path / "journal")
    session.command(UsePricing("abacus"))
    session.close()
    with pytest.raises(ConfigError, match="abacus"):
        open_session(Settings(history_hours=0.0), tmp_path / "journal")
