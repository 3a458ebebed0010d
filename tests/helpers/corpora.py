"""Messages of every exchange that can be read, for tests that run over all of them."""

from typing import Final

from tests.helpers import (
    frames_binance,
    frames_binance_options,
    frames_bybit,
    frames_deribit,
    frames_derive,
    frames_dydx,
    frames_gate,
    frames_hyperliquid,
    frames_krakenfutures,
    frames_okx,
    frames_paradex,
)
from tests.helpers.frames import Corpus

CORPORA: Final[tuple[Corpus, ...]] = (
    frames_deribit.CORPUS,
    frames_hyperliquid.CORPUS,
    frames_bybit.CORPUS,
    frames_binance.USDM_CORPUS,
    frames_binance.COINM_CORPUS,
    frames_binance_options.CORPUS,
    frames_okx.CORPUS,
    frames_krakenfutures.CORPUS,
    frames_gate.CORPUS,
    frames_dydx.CORPUS,
    frames_derive.CORPUS,
    frames_paradex.CORPUS,
)
