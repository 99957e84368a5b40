import json
from pathlib import Path
from typing import Any

import pytest

from core.market import Market
from core.timeframe import Timeframe
from exchanges.stream_bars import Bar, Update, bars_of, candles_of
from exchanges.stream_messages import BadMessageError, delta_trouble, read_binance, read_delta

MINUTE = Timeframe.parse("1m")


def recorded(path: Path) -> list[tuple[int, dict[str, Any]]]:
    """Return (time in ms, message) of every message that a venue really sent."""
    found = []
    for line in path.read_text().splitlines():
        stamp, _, text = line.partition(": ")
        if text and not stamp.startswith("wss"):
            found.append((int(float(stamp) * 1000), json.loads(text)))
    return found


def test_messages_of_binance_as_recorded(shared_data: Path) -> None:
    messages = recorded(shared_data / "recorded" / "cryptofeed" / "BINANCE_FUTURES.ws.1.0.candles.txt")
    klines = [(now_ms, message, message["data"]["k"]) for now_ms, message in messages if "data" in message]
    assert len(klines) > 50
    updates = [read_binance(message, kline["s"], MINUTE, now_ms) for now_ms, message, kline in klines]
    assert [update.bar is not None for update in updates if update] == [kline["x"] for _now_ms, _message, kline in klines]
    finished = [(update.bar, kline) for update, (_now, _message, kline) in zip(updates, klines, strict=True) if update and update.bar]
    assert len(finished) == 4
    for bar, kline in finished:
        assert bar == Bar(kline["t"], *(float(kline[name]) for name in "ohlcvq"))


def test_messages_of_delta_as_recorded(shared_data: Path) -> None:
    messages = recorded(shared_data / "recorded" / "cryptofeed" / "DELTA.ws.1.0.candles.txt")
    candles = [(now_ms, message) for now_ms, message in messages if message["type"] == "candlestick_1m"]
    assert len(candles) >= 8
    for now_ms, message in candles:
        assert read_delta(message, message["symbol"], MINUTE, now_ms) == Update(1638147240000, traded=False)
    assert {delta_trouble(message) for _now_ms, message in messages} == {""}


@pytest.mark.parametrize("start", [1638147240000001, 1638147241000000, "1638147240000000", 1638147240, None, True])
def test_start_times_of_another_unit_or_grid(start: object) -> None:
    message = {"type": "candlestick_1m", "symbol": "X", "close": 5, "candle_start_time": start}
    with pytest.raises(BadMessageError):
        read_delta(message, "X", MINUTE, 1638147282540)


@pytest.mark.parametrize("ts", [None, "1638147240000000", 1638147240000000000, -5, True, 1.5e15])
def test_message_times_of_another_unit(ts: object) -> None:
    with pytest.raises(BadMessageError):
        read_delta({"type": "candlestick_1m", "sy": "X", "c": 5, "ts": ts}, "X", MINUTE, 1638147282540)


def test_bars_and_candles_are_the_same_thing() -> None:
    bars = [Bar(60_000 * n, 1.0 + n, 3.0 + n, 0.5 + n, 2.0 + n, 5.0, 7.0) for n in range(5)]
    candles = candles_of(Market("BINANCE", "X", MINUTE), bars)
    assert bars_of(candles) == bars
    assert bars_of(None) == []
    without = [Bar(0, 1.0, 1.0, 1.0, 1.0, 0.0)]
    assert candles_of(Market("BINANCE", "X", MINUTE), without).quote_volume is None
