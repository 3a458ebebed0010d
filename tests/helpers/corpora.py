"""Messages of every exchange that can be read, for tests that run over all of them."""

from typing import Final

from tests.helpers import (
    frames_bybit,
    frames_deribit,
    frames_derive,
    frames_hyperliquid,
    frames_paradex,
)
from tests.helpers.frames import Corpus

CORPORA: Final[tuple[Corpus, ...]] = (
    frames_deribit.CORPUS,
    frames_hyperliquid.CORPUS,
    frames_bybit.CORPUS,
    frames_derive.CORPUS,
    frames_paradex.CORPUS,
)
