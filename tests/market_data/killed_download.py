"""A download into the store in a process of its own, for tests that kill it: ``python -m tests.market_data.killed_download NOW_MS``."""

import sys

from core.paths import Paths
from core.timeframe import Timeframe
from exchanges import ExchangeManager
from market_data.fetching import fetch_missing, market_of
from market_data.store import CandleStore

SYMBOL, MINUTE = "BTCUSDT", Timeframe.parse("1m")


def main(start_ms: int, now_ms: int) -> None:
    exchange, store = ExchangeManager().get("BINANCE"), CandleStore(Paths.default())
    fetch_missing(exchange, store, market_of(exchange, SYMBOL, MINUTE), start_ms, now_ms, now_ms=now_ms)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
