"""Which list of instruments is used when the exchange gives none."""

from collections.abc import Callable
from typing import Any

import ccxt
import pytest
from msgspec.structs import replace

from terminal.runtime import paper
from terminal.runtime.paper import FRESH, MarketLoader
from terminal.venues.ccxt_exchange import Connection
from terminal.venues.dialects.registry import dialect
from terminal.venues.markets import CACHE_VERSION, Fetched

NOW = 10 * FRESH
OLD = Fetched(
    version=CACHE_VERSION,
    venue="deribit",
    endpoint="",
    underlyings=("BTC",),
    at=0,
    markets=({"symbol": "kept"},),
)


class Cache:
    def __init__(self, kept: Fetched | None) -> None:
        self.kept = kept

    def read(self, *_: object) -> Fetched | None:
        return self.kept

    def write(self, _dialect: object, _connection: object, fetched: Fetched) -> None:
        self.kept = fetched


class Noon:
    def __call__(self) -> int:
        return NOW


def failing(error: Exception) -> Callable[..., Fetched]:
    def fetch(*_: object) -> Fetched:
        raise error

    return fetch


def loader(kept: Fetched | None) -> MarketLoader:
    cache: Any = Cache(kept)
    clock: Any = Noon()
    return MarketLoader(dialect("deribit"), Connection(), ("BTC",), cache, clock)


@pytest.mark.parametrize("error", [ccxt.NetworkError("x"), ccxt.BadResponse("x"), OSError("x")])
def test_old_terms_serve_while_the_exchange_does_not_answer(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setattr(paper, "fetch_markets", failing(error))
    assert loader(OLD)._fetched(renew=False) is OLD
    for held, renew in ((None, False), (OLD, True)):
        with pytest.raises(type(error)):
            loader(held)._fetched(renew=renew)


def test_a_fault_of_this_program_is_not_hidden_by_old_terms(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(paper, "fetch_markets", failing(KeyError("bug")))
    with pytest.raises(KeyError):
        loader(OLD)._fetched(renew=False)


def test_a_fresh_list_is_not_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paper, "fetch_markets", failing(AssertionError("asked")))
    fresh = replace(OLD, at=NOW - 1)
    assert loader(fresh)._fetched(renew=False) is fresh
