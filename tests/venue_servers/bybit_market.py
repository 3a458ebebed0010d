"""Bybit's public requests: instruments, prices, books, trades and funding."""

from tests.venue_servers import bybit_words as words
from tests.venue_servers.bybit_streams import BybitStreams
from tests.venue_servers.hosting import Json
from tests.venue_servers.listing import Terms


class ApiError(Exception):
    """An error reply; most come with HTTP status 200."""

    def __init__(self, code: int, message: str, status: int = 200) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


class BybitMarket(BybitStreams):
    """The part of Bybit that answers about the market."""

    def time(self) -> Json:
        """Return the time of the exchange."""
        now = self.exchange.now_ms()
        return {"timeSecond": str(now // 1000), "timeNano": str(now * 1_000_000)}

    def chosen(self, given: Json) -> list[Terms]:
        """Return the instruments a request is about: of a category, a coin, or one symbol."""
        found = [
            each
            for each in self.exchange.listed.values()
            if words.category(each) == given["category"]
            and given.get("symbol") in (None, each.name)
            and given.get("baseCoin") in (None, each.base)
            and given.get("settleCoin") in (None, each.settle)
        ]
        if not found and "symbol" in given:
            raise ApiError(10001, "params error: symbol invalid")
        return found

    def page(self, given: Json, entries: list[Json], most: int = 1_000) -> Json:
        """Return one page of a list, from where its cursor is."""
        start, size = int(given.get("cursor") or 0), min(int(given.get("limit", most)), most)
        end = start + size
        cursor = str(end) if end < len(entries) else ""
        told = {"category": given["category"], "list": entries[start:end]}
        return {**told, "nextPageCursor": cursor}

    def instruments(self, given: Json) -> Json:
        """Return ``instruments-info``; there are none before their launch."""
        early = given.get("status") == "PreLaunch"
        chosen = [] if early else self.chosen(given)
        return self.page(given, [words.instrument(each) for each in chosen])

    def tickers(self, given: Json) -> Json:
        """Return ``tickers``."""
        chosen = self.chosen(given)
        return self.page(given, [words.rest_ticker(self.exchange, each) for each in chosen])

    def book(self, given: Json) -> Json:
        """Return ``orderbook``."""
        told = words.book(self.exchange, self.chosen(given)[0], int(given.get("limit", 25)))
        return {**told, "ts": self.exchange.now_ms(), "cts": self.exchange.now_ms()}

    def recent(self, given: Json) -> Json:
        """Return ``recent-trade``, newest first."""
        chosen = self.chosen(given)
        tape = [words.rest_trade(e) for e in reversed(self.exchange.tape) if e.terms in chosen]
        return self.page(given, tape)

    def funding_rates(self, given: Json) -> Json:
        """Return the rates of the last ten payments, newest first."""
        (terms,) = self.chosen(given)
        last = self.exchange.now_ms() // words.FUNDING_MS * words.FUNDING_MS
        told = {"symbol": terms.name, "fundingRate": words.FUNDING}
        times = range(last, last - 10 * words.FUNDING_MS, -words.FUNDING_MS)
        return self.page(given, [{**told, "fundingRateTimestamp": str(at)} for at in times])
