import asyncio
import signal
import threading
from collections.abc import Iterator

import pytest

from core.errors import ConfigError
from exchanges.stream import Bar, rest_backfill, watch_candles
from tests.exchanges.streaming import T0, Venue, closed, quick, truth
from tests.fakes.binance import FakeBinance, kline_rows, spot
from tests.fakes.stream import MINUTE, FakeStream, says, stays
from tests.patience import PATIENCE_SECONDS


class TestWatching:
    @pytest.fixture
    def live_server(self) -> Iterator[str]:
        """A server with three closed bars for each who comes, in a thread of its own."""
        done, url, ready = threading.Event(), list[str](), threading.Event()

        async def serve_until_done() -> None:
            async with FakeStream(says(*closed(T0, 3), then=stays)) as server:
                url.append(server.url)
                ready.set()
                await asyncio.to_thread(done.wait, PATIENCE_SECONDS)

        server = threading.Thread(target=lambda: asyncio.run(serve_until_done()))
        server.start()
        assert ready.wait(PATIENCE_SECONDS)
        yield url[0]
        done.set()
        server.join(PATIENCE_SECONDS)
        assert not server.is_alive()

    def test_bars_are_handed_over_until_stopped(self, monkeypatch: pytest.MonkeyPatch, live_server: str) -> None:
        monkeypatch.setenv("BINANCE_STREAM_URL", live_server)
        stop, bars = threading.Event(), list[Bar]()

        def take(bar: Bar) -> None:
            bars.append(bar)
            if len(bars) == 3:
                stop.set()

        watch_candles("BINANCE", "BTCUSDT", "1m", take, backfill=Venue(), stop=stop, settings=quick())
        assert bars == truth(T0, 3)

    def test_ctrl_c_ends_between_bars(self, monkeypatch: pytest.MonkeyPatch, live_server: str) -> None:
        monkeypatch.setenv("BINANCE_STREAM_URL", live_server)
        bars: list[Bar] = []

        def take(bar: Bar) -> None:
            signal.raise_signal(signal.SIGINT)
            bars.append(bar)

        with pytest.raises(KeyboardInterrupt):
            watch_candles("BINANCE", "BTCUSDT", "1m", take, backfill=Venue(), stop=threading.Event(), settings=quick())
        # The other bars were waiting already.
        assert bars == truth(T0, 1)

    def test_ctrl_c_again_and_again_leaves_no_connection_behind(self, monkeypatch: pytest.MonkeyPatch, live_server: str) -> None:
        monkeypatch.setenv("BINANCE_STREAM_URL", live_server)

        def take(_bar: Bar) -> None:
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)

        with pytest.raises(KeyboardInterrupt):
            watch_candles("BINANCE", "BTCUSDT", "1m", take, backfill=Venue(), stop=threading.Event(), settings=quick())

    def test_stream_of_one_place_does_not_continue_the_history_of_another(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DELTA_BASE_URL", "https://api.delta.exchange")
        with pytest.raises(ConfigError, match="DELTA_BASE_URL is set, but DELTA_STREAM_URL is not"):
            watch_candles("DELTA", "BTCUSDT", "1m", lambda _bar: None, backfill=Venue(), stop=threading.Event())

    def test_back_fill_by_the_exchange_itself(self) -> None:
        rows = kline_rows(T0, 100, MINUTE)
        with FakeBinance({("BTCUSDT", "1m"): rows}, now_ms=lambda: T0 + 50 * MINUTE) as venue:
            backfill = rest_backfill(spot(venue), "btcusdt", "1m")
            found = backfill(T0 + 40 * MINUTE, T0 + 90 * MINUTE)
            assert found is not None
            assert (found.open_ms[0], found.end_ms) == (T0 + 40 * MINUTE, T0 + 50 * MINUTE)
            assert backfill(T0 + 50 * MINUTE, T0 + 90 * MINUTE) is None

    def test_venue_without_a_stream(self) -> None:
        with pytest.raises(ConfigError, match="ZERODHA has no live candles"):
            watch_candles("ZERODHA", "INFY", "1m", lambda _bar: None, backfill=Venue(), stop=threading.Event())

    @pytest.mark.parametrize(
        "address", ["ws://example.com", "http://127.0.0.1", "wss://user:pass@host", "wss://host?x=1", "nonsense", "wss://"]
    )
    def test_only_safe_addresses(self, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
        monkeypatch.setenv("BINANCE_STREAM_URL", address)
        with pytest.raises(ConfigError, match="BINANCE_STREAM_URL"):
            watch_candles("BINANCE", "BTCUSDT", "1m", lambda _bar: None, backfill=Venue(), stop=threading.Event())
