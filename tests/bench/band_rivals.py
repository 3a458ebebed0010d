"""The band job in other backtest engines: run by their Python, ``band_rivals.py JOB ENGINE``.

JOB is an .npz with closes and the option's delta at each; every engine hedges back to zero, in
whole lots at the close, when net delta is beyond the band. Prints one JSON object.
"""

import json
import math
import sys
import time
from importlib import import_module
from typing import Any

import numpy as np

MINUTE_NS = 60_000_000_000
CASH = 1e7


def backtrader(job: dict[str, Any]) -> tuple[float, int, float]:
    """Seconds, trades and P&L of hedges after fees."""
    bt, pd = import_module("backtrader"), import_module("pandas")
    close, delta, lot, band = job["close"], job["delta"], job["lot"], job["band"]
    index = pd.to_datetime(job["at"])
    table = pd.DataFrame(dict.fromkeys(("open", "high", "low", "close"), close), index=index)
    table["volume"], table["delta"] = 1.0, delta
    trades = [0]

    feed_of = type(
        "Feed",
        (bt.feeds.PandasData,),
        {"lines": ("delta",), "params": (("delta", "delta"), ("openinterest", None))},
    )

    def follow(self: Any) -> None:
        net = self.data.delta[0] + self.position.size
        if abs(net) > band:
            size = math.floor(abs(net) / lot + 5e-10) * lot
            trades[0] += 1
            (self.sell if net > 0.0 else self.buy)(size=size)

    strategy = type("Band", (bt.Strategy,), {"next": follow})
    engine = bt.Cerebro(preload=True, runonce=True, stdstats=False)
    engine.adddata(feed_of(dataname=table))
    engine.addstrategy(strategy)
    engine.broker.setcash(CASH)
    engine.broker.set_coc(True)
    engine.broker.setcommission(commission=job["fee"])
    begun = time.perf_counter()
    engine.run()
    return time.perf_counter() - begun, trades[0], engine.broker.getvalue() - CASH


def vectorbt(job: dict[str, Any]) -> tuple[float, int, float]:
    """The same, with an order function that its numba compiles; compiled before it is timed."""
    vbt, numba = import_module("vectorbt"), import_module("numba")
    order_nb, no_order = vbt.portfolio.nb.order_nb, vbt.portfolio.enums.NoOrder
    lot, band, fee = job["lot"], job["band"], job["fee"]

    @numba.njit  # type: ignore[untyped-decorator]
    def follow(c: Any, delta: Any) -> Any:
        net = delta[c.i] + c.position_now
        if abs(net) <= band:
            return no_order
        size = -np.sign(net) * math.floor(abs(net) / lot + 5e-10) * lot
        return order_nb(size=size, price=c.close[c.i, c.col], fees=fee)

    def run(close: Any, delta: Any) -> Any:
        return vbt.Portfolio.from_order_func(
            close, follow, delta, init_cash=CASH, update_value=False, freq="1min"
        )

    run(job["close"][:1000], job["delta"][:1000])
    begun = time.perf_counter()
    found = run(job["close"], job["delta"])
    seconds = time.perf_counter() - begun
    return seconds, int(found.orders.count()), float(found.final_value() - CASH)


def hftbacktest(job: dict[str, Any]) -> tuple[float, int, float]:
    """The same on a book with its ask at the close and its bid a tick below: four events a bar."""
    hft, orders, numba = (
        import_module(name) for name in ("hftbacktest", "hftbacktest.order", "numba")
    )
    count, lot, band = job["close"].size, job["lot"], job["band"]
    at_once, limit = orders.FOK, orders.LIMIT

    @numba.njit  # type: ignore[untyped-decorator]
    def follow(machine: Any, delta: Any) -> Any:
        trades = 0
        for i in range(delta.size):
            machine.elapse(MINUTE_NS if i else 1)
            net = delta[i] + machine.position(0)
            if abs(net) <= band:
                continue
            size = math.floor(abs(net) / lot + 5e-10) * lot
            depth = machine.depth(0)
            trades += 1
            if net > 0.0:
                machine.submit_sell_order(0, trades, depth.best_bid, size, at_once, limit, True)
            else:
                machine.submit_buy_order(0, trades, depth.best_ask, size, at_once, limit, True)
            machine.clear_inactive_orders(0)
        return trades

    events = _book_events(job, hft)  # the machine reads it where it is: it must outlive it

    def machine_of() -> Any:
        asset = (
            hft.BacktestAsset()
            .data(events)
            .linear_asset(1.0)
            .constant_order_latency(0, 0)
            .no_partial_fill_exchange()
            .trading_value_fee_model(job["fee"], job["fee"])
            .tick_size(job["tick"])
            .lot_size(lot)
        )
        return hft.HashMapMarketDepthBacktest([asset])

    follow(machine_of(), job["delta"][:1])  # compiles
    machine = machine_of()
    begun = time.perf_counter()
    trades = follow(machine, job["delta"])
    seconds = time.perf_counter() - begun
    state = machine.state_values(0)
    worth = state.balance - state.fee + state.position * float(job["close"][count - 1])
    return seconds, int(trades), float(worth)


def _book_events(job: dict[str, Any], hft: Any) -> Any:
    """Events of a book of one level a side: the old levels go, the new ones come."""
    close, tick = job["close"], job["tick"]
    before = np.concatenate((close[:1], close[:-1]))
    events = np.zeros(4 * close.size, dtype=hft.event_dtype)
    both = hft.EXCH_EVENT | hft.LOCAL_EVENT | hft.DEPTH_EVENT
    stamps = np.repeat(job["at"] - job["at"][0] + MINUTE_NS, 4)
    events["exch_ts"], events["local_ts"] = stamps, stamps
    for place, (side, price, size) in enumerate(
        (
            (hft.BUY_EVENT, before - tick, 0.0),
            (hft.SELL_EVENT, before, 0.0),
            (hft.BUY_EVENT, close - tick, 1e6),
            (hft.SELL_EVENT, close, 1e6),
        )
    ):
        events["ev"][place::4], events["px"][place::4] = both | side, price
        events["qty"][place::4] = size
    return events


def nautilus(job: dict[str, Any]) -> tuple[float, int, float]:
    """The same as market orders on bars, risk checks bypassed and its log off."""
    engines = import_module("nautilus_trader.backtest.engine")
    config = import_module("nautilus_trader.config")
    enums, model = (
        import_module(f"nautilus_trader.model.{name}") for name in ("enums", "currencies")
    )
    objects = import_module("nautilus_trader.model.objects")
    strategies = import_module("nautilus_trader.trading.strategy")
    contract = _perpetual(job["fee"])
    kind = import_module("nautilus_trader.model.data").BarType.from_str(
        f"{contract.id}-1-MINUTE-LAST-EXTERNAL"
    )
    delta, lot, band = job["delta"].tolist(), job["lot"], job["band"]
    book = {"held": 0.0, "money": 0.0}
    bars, trades = iter(delta), [0]
    buy, sell = enums.OrderSide.BUY, enums.OrderSide.SELL

    def started(self: Any) -> None:
        self.subscribe_bars(kind)

    def followed(self: Any, bar: Any) -> None:
        del bar
        net = next(bars) + book["held"]
        if abs(net) > band:
            size = contract.make_qty(math.floor(abs(net) / lot + 5e-10) * lot)
            side = sell if net > 0.0 else buy
            self.submit_order(self.order_factory.market(contract.id, side, size))

    def filled(self: Any, event: Any) -> None:
        del self
        coins = float(event.last_qty) * (1.0 if event.order_side == buy else -1.0)
        book["held"] = round(book["held"] + coins, 9)
        book["money"] -= coins * float(event.last_px) + float(event.commission)
        trades[0] += 1

    follow = type(
        "Band",
        (strategies.Strategy,),
        {"on_start": started, "on_bar": followed, "on_order_filled": filled},
    )
    engine = engines.BacktestEngine(
        config.BacktestEngineConfig(
            logging=config.LoggingConfig(bypass_logging=True),
            risk_engine=config.RiskEngineConfig(bypass=True),
        )
    )
    engine.add_venue(
        venue=contract.venue,
        oms_type=enums.OmsType.NETTING,
        account_type=enums.AccountType.MARGIN,
        base_currency=None,
        starting_balances=[objects.Money(CASH, model.USDT)],
    )
    engine.add_instrument(contract)
    engine.add_data(_bars(job, kind, contract))
    engine.add_strategy(follow())
    begun = time.perf_counter()
    engine.run()
    seconds = time.perf_counter() - begun
    return seconds, trades[0], book["money"] + book["held"] * float(job["close"][-1])


def _perpetual(fee: float) -> Any:
    """A contract of one coin in thousandths, at a tenth of a dollar."""
    kinds = import_module("nautilus_trader.model.instruments")
    names = import_module("nautilus_trader.model.identifiers")
    money = import_module("nautilus_trader.model.currencies")
    objects = import_module("nautilus_trader.model.objects")
    decimal = import_module("decimal").Decimal
    symbol = names.Symbol("BTCUSDT-PERP")
    return kinds.CryptoPerpetual(
        instrument_id=names.InstrumentId(symbol, names.Venue("SIM")),
        raw_symbol=symbol,
        base_currency=money.BTC,
        quote_currency=money.USDT,
        settlement_currency=money.USDT,
        is_inverse=False,
        price_precision=1,
        size_precision=3,
        price_increment=objects.Price(0.1, 1),
        size_increment=objects.Quantity(0.001, 3),
        margin_init=decimal("0.01"),
        margin_maint=decimal("0.005"),
        maker_fee=decimal(repr(fee)),
        taker_fee=decimal(repr(fee)),
        ts_event=0,
        ts_init=0,
    )


def _bars(job: dict[str, Any], kind: Any, contract: Any) -> Any:
    pd = import_module("pandas")
    wranglers = import_module("nautilus_trader.persistence.wranglers")
    index = pd.to_datetime(job["at"], utc=True)
    names = ("open", "high", "low", "close")
    table = pd.DataFrame(dict.fromkeys(names, job["close"]), index=index)
    table["volume"] = 1e6
    return wranglers.BarDataWrangler(kind, contract).process(table)


def main() -> None:
    """Run the job with the engine named, and print what it came to."""
    path, name, bars = sys.argv[1], sys.argv[2], int(sys.argv[3])
    with np.load(path, allow_pickle=False) as file:
        job: dict[str, Any] = {key: file[key] for key in file.files}
    job |= {key: float(job[key]) for key in ("lot", "band", "fee", "tick")}
    job |= {key: np.ascontiguousarray(job[key][:bars]) for key in ("at", "close", "delta")}
    seconds, trades, profit = ENGINES[name](job)
    found = {"seconds": seconds, "trades": trades, "profit": profit, "bars": job["close"].size}
    sys.stdout.write(json.dumps(found) + "\n")


ENGINES = {
    "backtrader": backtrader,
    "vectorbt": vectorbt,
    "hftbacktest": hftbacktest,
    "nautilus_trader": nautilus,
}

if __name__ == "__main__":
    main()
