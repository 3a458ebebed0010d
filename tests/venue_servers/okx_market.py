"""OKX's public requests: instruments, prices, books, trades, funding and Greeks."""

from collections.abc import Callable, Mapping
from typing import Any

from tests.venue_servers import okx_words as words
from tests.venue_servers.hosting import Json
from tests.venue_servers.listing import Terms
from tests.venue_servers.okx_streams import OkxStreams


class ApiError(Exception):
    """An error reply."""

    def __init__(self, code: int, message: str, status: int = 200) -> None:
        super().__init__(message)
        self.code = str(code)
        self.message = message
        self.status = status


class OkxMarket(OkxStreams):
    """The part of OKX that answers about the market."""

    def public_routes(self) -> Mapping[str, Callable[[Json], list[Any]]]:
        """Return the public requests."""
        told: dict[str, Callable[[Json], list[Any]]] = {
            "public/time": lambda _: [{"ts": str(self.exchange.now_ms())}],
            "public/instruments": self._instruments,
            "public/mark-price": self._each(words.mark_price),
            "public/funding-rate": self._each(words.funding),
            "public/funding-rate-history": self._funding_rates,
            "public/opt-summary": self._each(words.greeks),
            "market/ticker": self._each(words.ticker),
            "market/tickers": self._each(words.ticker),
            "market/books": self._books,
            "market/trades": self._trades,
            "market/index-tickers": self._indices,
            "system/status": lambda _: [],
        }
        return {f"GET /api/v5/{name}": each for name, each in told.items()}

    def chosen(self, given: Json) -> list[Terms]:
        """Return the instruments a request is about."""
        found = [
            each
            for each in self.exchange.listed.values()
            if given.get("instType", "ANY") in ("ANY", words.kind(each))
            and given.get("instId", each.name) in (each.name, "ANY")
            and given.get("uly", words.family(each)) == words.family(each)
            and given.get("instFamily", words.family(each)) == words.family(each)
            and given.get("expTime", each.name) in each.name
        ]
        if not found and given.get("instId"):
            raise ApiError(51001, "Instrument ID does not exist")
        return found

    def _instruments(self, given: Json) -> list[Json]:
        numbers = {name: 10_458 + place for place, name in enumerate(self.exchange.listed)}
        return [words.instrument(each, numbers[each.name]) for each in self.chosen(given)]

    def _each(self, told: Callable[..., Json]) -> Callable[[Json], list[Any]]:
        return lambda given: [told(self.exchange, each) for each in self.chosen(given)]

    def _books(self, given: Json) -> list[Json]:
        depth = int(given.get("sz", 1))
        return [words.book(self.exchange, each, depth) for each in self.chosen(given)]

    def _trades(self, given: Json) -> list[Json]:
        chosen = self.chosen(given)
        tape = [each for each in reversed(self.exchange.tape) if each.terms in chosen]
        return [words.public_trade(each) for each in tape]

    def _indices(self, given: Json) -> list[Json]:
        base, _, quote = given["instId"].partition("-")
        return [words.index(self.exchange, base, quote)]

    def _funding_rates(self, given: Json) -> list[Json]:
        (terms,) = self.chosen(given)
        last = self.exchange.now_ms() // words.FUNDING_MS * words.FUNDING_MS
        rates = {"fundingRate": words.FUNDING, "realizedRate": words.FUNDING}
        told = {"instType": "SWAP", "instId": terms.name, "method": "current_period", **rates}
        times = range(last, last - 10 * words.FUNDING_MS, -words.FUNDING_MS)
        return [{**told, "fundingTime": str(at)} for at in times]
