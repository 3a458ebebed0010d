"""Hedge with: what carries the next hedge at what cost, splits, option baskets and the proxy."""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from operator import is_

from msgspec import Struct
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton

from terminal.core.words import amount
from terminal.model.frame import Frame
from terminal.model.hedge import Ticket
from terminal.model.hedge_with import BasketRow, HedgeRow, HedgeWith, ProxyView, SplitRow
from terminal.model.messages import SendTickets
from terminal.model.order import Side
from ui.format import UNKNOWN, coin, duration, number, usd
from ui.panels.book_cells import desks_of, side_role, side_text
from ui.panels.table_page import TablePage
from ui.widgets.label import plain_label
from ui.widgets.table import Column, Table

SENDING = (
    "The orders of the selected row, each as a proposal of its own that waits for approval. A"
    " refusal is in the log."
)

_GREEKS = {"delta": "delta", "gamma_1pct_usd": "gamma", "vega_usd": "vega"}


class LegLine(Struct, frozen=True, kw_only=True):
    """One way to hedge. ``row`` has the parts of its cost where it is a single instrument."""

    underlying: str
    name: str
    why: str
    place: int = 0  # 1 is the cheapest instrument; 0 has no place
    side: Side | None = None
    coins: float | None = None
    total_bp: float | None = None
    total_usd: float | None = None
    row: HedgeRow | None = None
    whole_book: bool = False
    tickets: tuple[Ticket, ...] = ()  # what it would trade


class LegsPage(TablePage):
    """The ranked instruments of every coin, then what several of them together could do.

    Emits ``asked`` with the tickets of the selected row when they are sent.
    """

    asked = Signal(object)

    def __init__(self) -> None:
        table = Table(
            _COLUMNS,
            row_id=_row_id,
            is_total=lambda line: line.whole_book,
            empty="No instruments ranked yet: no coin of this desk has been looked at.",
        )
        super().__init__("Hedge with", table)
        self._drawn: tuple[tuple[object, ...], str] | None = None
        self.sizes = plain_label("", "mut", wrap=True)
        self.sizes.setContentsMargins(8, 4, 8, 4)
        self.send = QPushButton("Send as tickets")
        self.send.setAccessibleName("Send as tickets")
        self.send.setToolTip(SENDING)
        self.send.setEnabled(False)
        self.send.clicked.connect(self._on_send)
        table.selected.connect(self._offer_to_send)
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 8, 0)
        head.setSpacing(8)
        head.addWidget(self.sizes, 1)
        head.addWidget(self.send, 0, Qt.AlignmentFlag.AlignTop)
        self.column.insertLayout(0, head)
        self._lines: tuple[LegLine, ...] = ()

    def show_frame(self, frame: Frame, underlying: str) -> None:
        """Show the rankings, unless they are those that are shown."""
        names = (desk.underlying for desk in desks_of(frame, underlying))
        views = [frame.hedge_with[name] for name in names if name in frame.hedge_with]
        parts = (*views, frame.proxy)
        drawn = self._drawn
        same = drawn and drawn[1] == underlying and len(drawn[0]) == len(parts)
        if drawn and same and all(map(is_, drawn[0], parts)):
            return
        self._drawn = parts, underlying
        self.sizes.setText(" · ".join(map(size_text, views)))
        self.sizes.setVisible(bool(views))
        lines = [line for view in views for line in leg_lines(view)]
        self._lines = tuple(lines)
        self.table.show_rows([*lines, *proxy_lines(frame.proxy)] if lines else [])
        self._offer_to_send()

    def _chosen(self) -> LegLine | None:
        name = self.table.selected_id()
        return next((line for line in self._lines if _row_id(line) == name), None)

    def _offer_to_send(self, _row: object = None) -> None:
        line = self._chosen()
        self.send.setEnabled(line is not None and bool(line.tickets))

    def _on_send(self) -> None:
        line = self._chosen()
        if line is not None and line.tickets:
            self.asked.emit(SendTickets(line.underlying, line.tickets))


def _row_id(line: LegLine) -> str:
    return f"{line.underlying} {line.row.key if line.row else line.name}"


def size_text(view: HedgeWith) -> str:
    """Say which size the costs of a coin are for."""
    if view.side is None:
        return f"{view.underlying}: not ranked"
    size = coin(view.coins, view.underlying, signed=False)
    held = "" if view.holding is None else f", held about {duration(view.holding)}"
    return f"{view.side.value} {size} ({view.occasion}{held})"


def leg_lines(view: HedgeWith) -> Iterator[LegLine]:
    """Lines of one coin, instruments first."""
    if view.side is None:
        yield LegLine(underlying=view.underlying, name="No ranking", why=view.occasion)
    elif not view.rows:
        why = "no perpetual, future or spot pair of this coin is listed"
        yield LegLine(underlying=view.underlying, name="No instrument", why=why)
    for row in view.rows:
        yield LegLine(
            underlying=view.underlying,
            name=row.symbol,
            why=f"{row.reason}; {row.margin_note}" if row.margin_note else row.reason,
            place=row.rank,
            side=view.side if row.rank else None,
            coins=row.coins if row.rank else None,
            total_bp=row.total_bp,
            total_usd=row.total_usd,
            row=row,
            tickets=_tickets(view.side, [(row.key, row.qty)]) if row.rank else (),
        )
    if view.split is not None:
        yield _split_line(view, view.split)
    for basket in view.baskets:
        yield _basket_line(view.underlying, basket)
    if view.basket_note:
        yield LegLine(underlying=view.underlying, name="With options", why=view.basket_note)


def _split_line(view: HedgeWith, split: SplitRow) -> LegLine:
    parts = " + ".join(f"{amount(leg.coins)} {leg.symbol}" for leg in split.legs)
    return LegLine(
        underlying=view.underlying,
        name=f"Split over {len(split.legs)} books" if split.legs else "Split",
        why=f"{parts}: {split.reason}" if parts else split.reason,
        side=view.side if split.legs else None,
        coins=split.coins if split.legs else None,
        total_bp=split.total_bp,
        total_usd=split.total_usd,
        tickets=_tickets(view.side, [(leg.key, leg.qty) for leg in split.legs]),
    )


def _basket_line(underlying: str, basket: BasketRow) -> LegLine:
    orders = ", ".join(f"{each.side.value} {each.qty:f} {each.symbol}" for each in basket.trades)
    moved = ", ".join(
        f"{_GREEKS.get(name, name)} {amount(value)} → {amount(basket.after[name])}"
        for name, value in basket.before.items()
        if name in basket.after
    )
    why = "; ".join(filter(None, (orders, moved, basket.reason)))
    tickets = tuple(
        [
            Ticket(each.key, each.qty if each.side is Side.BUY else -each.qty)
            for each in basket.trades
        ]
    )
    return LegLine(
        underlying=underlying,
        name=basket.name,
        why=why,
        total_usd=basket.cost_usd,
        tickets=tickets,
    )


def _tickets(side: Side | None, parts: Sequence[tuple[str, Decimal]]) -> tuple[Ticket, ...]:
    if side is None:
        return ()
    return tuple([Ticket(key, qty if side is Side.BUY else -qty) for key, qty in parts])


def proxy_lines(proxy: ProxyView | None) -> Iterator[LegLine]:
    """The line of the whole book hedged in one coin."""
    if proxy is None:
        return
    hedge = proxy.hedge_coins
    betas = ", ".join(f"{each.underlying} {each.beta:.2f}" for each in proxy.coins)
    risk = (
        f"one-day risk {usd(proxy.sd_before_usd, 0)} → {usd(proxy.sd_after_usd, 0)} stays"
        if proxy.sd_after_usd is not None
        else ""
    )
    adjusted = (
        f"beta-adjusted {usd(proxy.delta_usd, 0, signed=True)}"
        if proxy.delta_usd is not None
        else ""
    )
    known = f"betas {betas}" if betas else ""
    yield LegLine(
        underlying="All",
        name=f"{proxy.proxy} for the whole book",
        why="; ".join(filter(None, (adjusted, risk, known, proxy.reason))),
        side=None if not hedge else Side.BUY if hedge > 0.0 else Side.SELL,
        coins=abs(hedge) if hedge else None,
        whole_book=True,
    )


def _trade(line: LegLine) -> str:
    if line.side is None or line.coins is None:
        return UNKNOWN
    return f"{side_text(line.side)} {amount(line.coins)}"


def _bp_column(title: str, part: Callable[[HedgeRow], float | None], tooltip: str) -> Column:
    """Column of one part of the cost, bp."""

    def get(line: LegLine) -> float | None:
        return part(line.row) if line.row else None

    return Column(
        title=title,
        get=get,
        show=lambda line: number(get(line), 2) if line.row else "",
        width=88,
        role=lambda line: "text" if line.place else "mut",
        tooltip=tooltip,
    )


_COLUMNS = (
    Column(
        title="Coin",
        get=lambda line: line.underlying,
        show=lambda line: line.underlying,
        align="left",
        width=60,
    ),
    Column(
        title="#",
        get=lambda line: line.place or None,
        show=lambda line: str(line.place) if line.place else "",
        width=36,
        tooltip="1 is the cheapest; without a number it cannot carry this size",
    ),
    Column(
        title="Hedge with",
        get=lambda line: line.name,
        show=lambda line: line.name,
        align="left",
        width=184,
    ),
    Column(
        title="Venue",
        get=lambda line: line.row.venue if line.row else "",
        show=lambda line: line.row.venue if line.row else "",
        align="left",
        width=88,
    ),
    Column(
        title="Trade, coin",
        get=lambda line: line.coins,
        show=_trade,
        align="left",
        width=136,
        role=lambda line: side_role(line.side) if line.side else "mut",
    ),
    Column(
        title="Total bp",
        get=lambda line: line.total_bp,
        show=lambda line: number(line.total_bp, 2),
        width=84,
        tooltip="Known costs over the notional, until the policy is expected to trade again",
    ),
    Column(
        title="Cost $",
        get=lambda line: line.total_usd,
        show=lambda line: usd(line.total_usd, 2),
        width=112,
    ),
    _bp_column("Fee bp", lambda row: row.fee_bp, "Taker fee"),
    _bp_column("Half spr. bp", lambda row: row.spread_bp, "Half of the bid-ask spread"),
    _bp_column("Impact bp", lambda row: row.impact_bp, "Of this size, walking the book shown"),
    _bp_column(
        "Carry bp",
        lambda row: row.carry_bp,
        "Funding or basis and borrow fee over the holding time; negative is earned",
    ),
    Column(
        title="Margin / free $",
        get=lambda line: line.row.margin_usd if line.row else None,
        show=lambda line: _margin(line.row) if line.row else "",
        width=136,
        tooltip="Initial margin that the hedge needs, and collateral free for it",
    ),
    Column(
        title="Why",
        get=lambda line: line.why,
        show=lambda line: line.why,
        align="left",
        sort=False,
        width=480,
        role=lambda _line: "mut",
    ),
)


def _margin(row: HedgeRow) -> str:
    if row.margin_usd is None:
        return "unknown"
    free = usd(row.free_usd, 0, short=True)
    return f"{usd(row.margin_usd, 0, short=True)} / {free}"
