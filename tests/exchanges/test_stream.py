import json

import pytest
from websockets.asyncio.server import ServerConnection

from core.errors import ConfigError
from exchanges.stream import Bar
from tests.exchanges.streaming import T0, Venue, closed, collect, truth
from tests.fakes.stream import MINUTE, FakeStream, Script, candlestick, hears, kline, minutes, says, stays


class TestBinance:
    def test_closed_bars_leave_once_in_order(self, monkeypatch: pytest.MonkeyPatch) -> None:
        messages = [kline(ms, closed=state) for ms in minutes(T0, 3) for state in (False, False, True, True)]
        bars, server = collect(monkeypatch, says(*messages, then=stays), wanted=3)
        assert bars == truth(T0, 3)
        assert server.paths == ["/ws/btcusdt@kline_1m"]

    def test_open_bars_never_leave(self, monkeypatch: pytest.MonkeyPatch) -> None:
        # What an open bar says of its prices is not what it will be.
        lies = [kline(T0, closed=False, c="99.5", v=str(n)) for n in range(50)]
        bars, _ = collect(monkeypatch, says(*lies, kline(T0, closed=True), then=stays), wanted=1)
        assert bars == truth(T0, 1)

    @pytest.mark.parametrize("flag", ["true", 1, None, [True]])
    def test_only_the_word_true_closes_a_bar(self, monkeypatch: pytest.MonkeyPatch, flag: object) -> None:
        bars, _ = collect(monkeypatch, says(kline(T0, closed=False, x=flag, c="99.5"), kline(T0, closed=True), then=stays), wanted=1)
        assert bars == truth(T0, 1)

    def test_combined_streams_are_read_too(self, monkeypatch: pytest.MonkeyPatch) -> None:
        bars, _ = collect(monkeypatch, says(kline(T0, closed=True, combined=True), then=stays), wanted=1)
        assert bars == truth(T0, 1)

    def test_other_symbols_timeframes_and_answers_are_passed_over(self, monkeypatch: pytest.MonkeyPatch) -> None:
        noise = (kline(T0, closed=True, symbol="ETHUSDT"), kline(T0, closed=True, i="5m"), '{"result":null,"id":1}', '{"e":"trade"}')
        bars, _ = collect(monkeypatch, says(*noise, kline(T0 + MINUTE, closed=True), then=stays), wanted=1)
        assert bars == truth(T0 + MINUTE, 1)

    def test_stored_history_is_continued(self, monkeypatch: pytest.MonkeyPatch) -> None:
        venue = Venue(closed_until_ms=T0)
        first = T0 - 5 * MINUTE
        bars, _ = collect(monkeypatch, says(*closed(T0, 2), then=stays), wanted=7, backfill=venue, next_open_ms=first)
        assert bars == truth(first, 7)
        assert venue.asked == [(first, T0)]

    def test_a_lost_message_is_made_up_for(self, monkeypatch: pytest.MonkeyPatch) -> None:
        venue = Venue(closed_until_ms=T0 + 3 * MINUTE)
        messages = [kline(T0, closed=True), kline(T0 + MINUTE, closed=False), *closed(T0 + 3 * MINUTE, 1)]
        bars, _ = collect(monkeypatch, says(*messages, then=stays), wanted=4, backfill=venue)
        assert bars == truth(T0, 4)
        assert venue.asked == [(T0 + MINUTE, T0 + 3 * MINUTE)]

    def test_rest_that_lags_is_asked_again(self, monkeypatch: pytest.MonkeyPatch) -> None:
        venue = Venue(closed_until_ms=T0)

        def catch_up() -> None:
            venue.closed_until_ms = T0 + 2 * MINUTE if len(venue.asked) > 1 else T0

        venue.before_answer = catch_up
        bars, _ = collect(monkeypatch, says(*closed(T0, 1), *closed(T0 + 2 * MINUTE, 1), then=stays), wanted=3, backfill=venue)
        assert bars == truth(T0, 3)
        assert len(venue.asked) == 2

    def test_a_halt_is_a_hole_and_does_not_stop_the_stream(self, monkeypatch: pytest.MonkeyPatch) -> None:
        venue = Venue(closed_until_ms=T0 + 9 * MINUTE, missing=[T0 + MINUTE, T0 + 2 * MINUTE])
        bars, _ = collect(monkeypatch, says(*closed(T0, 1), *closed(T0 + 3 * MINUTE, 2), then=stays), wanted=3, backfill=venue)
        assert [bar.open_ms for bar in bars] == [T0, T0 + 3 * MINUTE, T0 + 4 * MINUTE]

    def test_stream_says_what_rest_says(self, monkeypatch: pytest.MonkeyPatch) -> None:
        live, _ = collect(monkeypatch, says(*closed(T0, 5), then=stays), wanted=5)
        late, _ = collect(
            monkeypatch, says(*closed(T0 + 5 * MINUTE, 1), then=stays), wanted=6, backfill=Venue(T0 + 5 * MINUTE), next_open_ms=T0
        )
        assert late[:5] == live


class TestDelta:
    def collect(self, monkeypatch: pytest.MonkeyPatch, *scripts: Script, wanted: int, backfill: Venue) -> tuple[list[Bar], FakeStream]:
        return collect(monkeypatch, *scripts, wanted=wanted, backfill=backfill, exchange="DELTA", symbol="BTCUSD")

    def test_subscribes_to_the_channel(self, monkeypatch: pytest.MonkeyPatch) -> None:
        heard: list[object] = []

        async def script(connection: ServerConnection) -> None:
            heard.extend(await hears(connection, 2))
            await says(candlestick(T0 + 1), candlestick(T0 + MINUTE + 1), then=stays)(connection)

        self.collect(monkeypatch, script, wanted=1, backfill=Venue(T0 + MINUTE))
        assert heard == [
            {"type": "enable_heartbeat"},
            {"type": "subscribe", "payload": {"channels": [{"name": "candlestick_1m", "symbols": ["BTCUSD"]}]}},
        ]

    def test_bar_is_closed_when_the_next_one_begins_and_complete(self, monkeypatch: pytest.MonkeyPatch) -> None:
        venue = Venue(T0 + 2 * MINUTE)
        times = [T0 + 1, T0 + 20_000, T0 + 59_999, T0 + MINUTE, T0 + MINUTE + 1, T0 + 2 * MINUTE + 3]
        bars, _ = self.collect(monkeypatch, says(*(candlestick(ms) for ms in times), then=stays), wanted=2, backfill=venue)
        assert bars == truth(T0, 2)  # the stream's own prices were those of open bars
        assert venue.asked == [(T0, T0 + MINUTE), (T0 + MINUTE, T0 + 2 * MINUTE)]

    def test_messages_with_a_start_time_and_nulls(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def old(open_ms: int, close: float | None) -> str:
            values = dict.fromkeys(("open", "high", "low", "close"), close)
            rest = {"resolution": "1m", "symbol": "BTCUSD", "timestamp": open_ms * 1000 + 77, "type": "candlestick_1m", "volume": 0}
            return json.dumps({"candle_start_time": open_ms * 1000, **values, **rest})

        venue = Venue(T0 + 9 * MINUTE, missing=[T0 + MINUTE])
        messages = [old(T0, 5.0), old(T0 + MINUTE, None), old(T0 + 2 * MINUTE, 5.0), old(T0 + 3 * MINUTE, None)]
        bars, _ = self.collect(monkeypatch, says(*messages, then=stays), wanted=2, backfill=venue)
        assert [bar.open_ms for bar in bars] == [T0, T0 + 2 * MINUTE]
        assert len(venue.asked) == 3  # the minute without trades is not asked for again and again

    def test_traded_bar_that_rest_does_not_have_yet_is_asked_again(self, monkeypatch: pytest.MonkeyPatch) -> None:
        venue = Venue(T0)

        def catch_up() -> None:
            venue.closed_until_ms = T0 + MINUTE if len(venue.asked) > 1 else T0

        venue.before_answer = catch_up
        bars, _ = self.collect(monkeypatch, says(candlestick(T0 + 1), candlestick(T0 + MINUTE + 1), then=stays), wanted=1, backfill=venue)
        assert bars == truth(T0, 1)

    def test_unknown_symbol(self, monkeypatch: pytest.MonkeyPatch) -> None:
        answer = {"type": "subscriptions", "channels": [{"name": "candlestick_1m", "error": "invalid symbol"}]}
        with pytest.raises(ConfigError, match="DELTA does not stream BTCUSD 1m: invalid symbol"):
            self.collect(monkeypatch, says(json.dumps(answer), then=stays), wanted=1, backfill=Venue())
