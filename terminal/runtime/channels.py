"""When each channel of a venue last said something: for the lights of the header."""

from terminal.model.account import AccountSnapshot
from terminal.model.health import Channel
from terminal.model.market import Depth, Funding, Quote, Trade
from terminal.model.messages import Record
from terminal.model.order import Fill
from terminal.portfolio.accounts import venue_of

KINDS = {
    Quote: Channel.BOOK,
    Depth: Channel.BOOK,
    Funding: Channel.TICKER,
    Trade: Channel.TRADES,
    Fill: Channel.ORDERS,
}


class Channels:
    """Hears every record; ``heard`` holds when, UtcNs, by venue and channel."""

    def __init__(self) -> None:
        self.heard: dict[tuple[str, Channel], int] = {}

    def hear(self, record: Record) -> None:
        """Note a record that a venue's channel brought."""
        event = record.event
        if isinstance(event, Quote | Depth | Funding | Trade | Fill):
            self.heard[venue_of(event.key), KINDS[type(event)]] = record.at
        elif isinstance(event, AccountSnapshot):
            self.heard[event.venue, Channel.ACCOUNT] = record.at
            if event.orders is not None:
                self.heard[event.venue, Channel.ORDERS] = record.at
