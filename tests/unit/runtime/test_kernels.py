"""Compiled kernels are a bonus: whatever goes wrong with them, numpy prices."""

import pytest

from terminal.core.errors import ConfigError
from terminal.runtime import kernels


def test_an_engine_that_is_not_there_is_named() -> None:
    with pytest.raises(ConfigError, match="abacus"):
        kernels.ready_engine("abacus")


@pytest.mark.logs
@pytest.mark.parametrize("error", [ConfigError("no numba"), RuntimeError("full"), SyntaxError()])
def test_a_compiler_that_fails_leaves_numpy(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    def broken(name: str) -> None:
        raise error

    monkeypatch.setattr(kernels, "load", broken)
    caplog.set_level("INFO")
    assert kernels.compiled_if_possible() == "numpy"
    assert "compiled pricing is not used" in caplog.text


def test_kernels_are_kept_in_the_users_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert str(kernels.cache_dir()).startswith("/somewhere/gammadesk/kernels-")
    monkeypatch.setenv("NUMBA_CACHE_DIR", "/mine")
    kernels.ready_engine("numpy")
