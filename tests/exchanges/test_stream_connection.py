import asyncio
import json
import random
import threading

import pytest
from websockets.asyncio.server import ServerConnection

from core.errors import APIError
from exchanges.stream import Bar, StreamSettings, stream_candles
from tests.exchanges.streaming import T0, SetClock, Venue, closed, collect, quick, truth
from tests.fakes.stream import MINUTE, FakeStream, kline, says, stays
from tests.patience import PATIENCE_SECONDS


class TestConnection:
    def test_ping_is_answered_with_its_payload_also_while_history_is_fetched(self, monkeypatch: pytest.MonkeyPatch) -> None:
        fetching, answered = threading.Event(), threading.Event()
        venue = Venue(closed_until_ms=T0)

        def take_long() -> None:
            fetching.set()
            answered.wait(PATIENCE_SECONDS)

        venue.before_answer = take_long

        async def script(connection: ServerConnection) -> None:
            await asyncio.to_thread(fetching.wait, PATIENCE_SECONDS)
            pong = await connection.ping(b"1726000000000")
            await asyncio.wait_for(pong, PATIENCE_SECONDS)
            answered.set()
            await connection.send(kline(T0, closed=True))
            await stays(connection)

        bars, server = collect(monkeypatch, script, wanted=2, backfill=venue, next_open_ms=T0 - MINUTE)
        assert bars == truth(T0 - MINUTE, 2)
        assert len(server.paths) == 1

    def test_gap_over_a_reconnect_is_filled_and_nothing_doubled(self, monkeypatch: pytest.MonkeyPatch) -> None:
        clock = SetClock()
        venue = Venue(closed_until_ms=T0)

        async def second(connection: ServerConnection) -> None:
            venue.closed_until_ms = T0 + 6 * MINUTE
            await says(*closed(T0 + 4 * MINUTE, 4), then=stays)(connection)

        bars, server = collect(monkeypatch, says(*closed(T0, 2)), second, wanted=8, backfill=venue, settings=quick(clock))
        assert bars == truth(T0, 8)
        assert len(server.paths) == 2

    def test_bars_that_closed_while_away_come_without_waiting_for_a_message(self, monkeypatch: pytest.MonkeyPatch) -> None:
        clock, venue = SetClock(), Venue(closed_until_ms=T0)

        async def silent(connection: ServerConnection) -> None:
            await stays(connection)

        async def first(connection: ServerConnection) -> None:
            await connection.send(kline(T0, closed=True))
            venue.closed_until_ms, clock.ms = T0 + 4 * MINUTE, T0 + 4 * MINUTE + 10

        bars, _ = collect(monkeypatch, first, silent, wanted=4, backfill=venue, settings=quick(clock))
        assert bars == truth(T0, 4)

    def test_announced_shutdown_is_left_at_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        shutdown = json.dumps({"e": "serverShutdown", "E": T0})
        combined = json.dumps({"stream": "!serverShutdown", "data": {"e": "serverShutdown", "E": T0}})
        scripts = [says(*closed(T0, 1), shutdown, then=stays), says(*closed(T0 + MINUTE, 1), combined, then=stays)]
        bars, server = collect(monkeypatch, *scripts, says(*closed(T0 + 2 * MINUTE, 1), then=stays), wanted=3)
        assert bars == truth(T0, 3)
        assert len(server.paths) == 3

    def test_connection_is_replaced_before_the_venue_cuts_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        clock = SetClock()

        async def first(connection: ServerConnection) -> None:
            await connection.send(kline(T0, closed=True))
            clock.sleep(24 * 3600 - 60)
            await connection.send(kline(T0 + MINUTE, closed=False))
            await stays(connection)

        bars, server = collect(monkeypatch, first, says(*closed(T0 + MINUTE, 2), then=stays), wanted=3, settings=quick(clock))
        assert bars == truth(T0, 3)
        assert len(server.paths) == 2

    def test_silence_ends_a_connection(self, monkeypatch: pytest.MonkeyPatch) -> None:
        # The second one says everything: the first may be given up before its bar is read.
        bars, server = collect(
            monkeypatch, says(*closed(T0, 1), then=stays), says(*closed(T0, 2), then=stays), wanted=2, settings=quick(idle_s=0.05)
        )
        assert bars == truth(T0, 2)
        assert len(server.paths) >= 2

    def test_large_and_fragmented_frames_are_read(self, monkeypatch: pytest.MonkeyPatch) -> None:
        large = json.dumps({"e": "other", "padding": "x" * 10_000_000})

        async def script(connection: ServerConnection) -> None:
            await connection.send(large)
            text = kline(T0, closed=True)
            await connection.send(text[i : i + 7] for i in range(0, len(text), 7))
            await stays(connection)

        bars, server = collect(monkeypatch, script, wanted=1)
        assert bars == truth(T0, 1)
        assert len(server.paths) == 1

    def test_frame_beyond_all_measure_ends_the_connection_only(self, monkeypatch: pytest.MonkeyPatch) -> None:
        scripts = says("x" * 100_000, then=stays), says(*closed(T0, 1), then=stays)
        bars, server = collect(monkeypatch, *scripts, wanted=1, settings=quick(most_bytes=65_536))
        assert bars == truth(T0, 1)
        assert len(server.paths) == 2

    @pytest.mark.parametrize(
        "junk",
        [
            "", "nonsense", "[1,2]", "null", "[" * 100_000, '{"e":NaN}',
            kline(T0, closed=True, t=T0 * 1000), kline(T0, closed=True, t=T0 + 1), kline(T0, closed=True, t=str(T0)),
            kline(T0, closed=True, T=T0 + 59_998), kline(T0, closed=True, h="1"), kline(T0, closed=True, l="0"),
            kline(T0, closed=True, c="nan"), kline(T0, closed=True, c="1e400"), kline(T0, closed=True, o="1_00"),
            kline(T0, closed=True, o=None), kline(T0, closed=True, o=True), kline(T0, closed=True, v="-1"), kline(T0, closed=True, q="-5"),
        ],
    )  # fmt: skip
    def test_damaged_messages_give_no_bar(self, monkeypatch: pytest.MonkeyPatch, junk: str) -> None:
        bars, server = collect(monkeypatch, says(junk, *closed(T0 + MINUTE, 1), then=stays), says(*closed(T0, 2), then=stays), wanted=2)
        assert bars == truth(T0, 2)
        assert len(server.paths) == 2

    def test_rest_trouble_drops_no_bar(self, monkeypatch: pytest.MonkeyPatch) -> None:
        venue = Venue(closed_until_ms=T0 + 2 * MINUTE)

        def fail_twice() -> None:
            if len(venue.asked) <= 2:
                raise APIError("the venue does not answer")

        venue.before_answer = fail_twice
        bars, server = collect(monkeypatch, says(*closed(T0 + 2 * MINUTE, 2), then=stays), wanted=4, backfill=venue, next_open_ms=T0)
        assert bars == truth(T0, 4)
        assert len(server.paths) == 3

    def test_stream_that_always_fails_ends_when_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with pytest.raises(APIError, match=r"BINANCE BTCUSDT 1m: 3 connections in a row failed, last: .*127\.0\.0\.1"):
            collect(monkeypatch, says(), wanted=1, settings=quick(most_failures=3))

    def test_half_open_connection_is_given_up(self, monkeypatch: pytest.MonkeyPatch) -> None:
        async def run() -> list[Bar]:
            accepted = asyncio.Event()

            async def accept_only(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                accepted.set()
                await reader.read()
                writer.close()
                await writer.wait_closed()

            stop, bars = asyncio.Event(), list[Bar]()
            dead = await asyncio.start_server(accept_only, "127.0.0.1", 0)
            async with dead, FakeStream(says(*closed(T0, 1), then=stays)) as alive:
                monkeypatch.setenv("BINANCE_STREAM_URL", f"ws://127.0.0.1:{dead.sockets[0].getsockname()[1]}")
                stream = stream_candles("BINANCE", "BTCUSDT", "1m", backfill=Venue(), stop=stop, settings=quick(open_s=0.5))
                taking = asyncio.create_task(anext(stream))
                await accepted.wait()
                monkeypatch.setenv("BINANCE_STREAM_URL", alive.url)
                bars.append(await asyncio.wait_for(taking, PATIENCE_SECONDS))
                await stream.aclose()
            return bars

        assert asyncio.run(run()) == truth(T0, 1)

    def test_connections_come_back_within_five_seconds_and_who_stays_away_is_asked_less_often(self) -> None:
        waits_s = StreamSettings().waits_s
        assert waits_s[0] == 0
        assert max(waits_s[:5]) <= 5
        assert list(waits_s) == sorted(waits_s)
        assert waits_s[-1] == 30

    @pytest.mark.parametrize("seed", range(100))
    def test_whatever_happens_every_bar_comes_once(self, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
        """Messages are lost, come twice or late, connections end anywhere and in any way, REST lags or fails."""
        rng, clock, count = random.Random(seed), SetClock(), 40
        venue, now = Venue(T0), [0]

        def trouble() -> None:
            if rng.random() < 0.2:
                raise APIError("the venue does not answer")

        venue.before_answer = trouble

        def move_to(bar: int) -> None:
            now[0] = bar
            clock.ms = T0 + bar * MINUTE + 1
            venue.closed_until_ms = T0 + (bar - rng.choice((0, 0, 1))) * MINUTE

        async def script(connection: ServerConnection) -> None:
            move_to(now[0] + rng.choice((0, 0, 1, 5)))
            while rng.random() < 0.9:
                bar = now[0]
                venue.closed_until_ms = max(venue.closed_until_ms, T0 + bar * MINUTE)
                for message in rng.choices(
                    (kline(T0 + bar * MINUTE, closed=False, c="99"), kline(T0 + (bar - 1) * MINUTE, closed=True)), k=3
                ):
                    await connection.send(message)
                move_to(bar + 1)
                if rng.random() < 0.7:
                    await connection.send(kline(T0 + bar * MINUTE, closed=True))
            await connection.send(rng.choice(("junk", '{"e":"serverShutdown"}', '{"e":"other"}')))

        settings = quick(clock, waits_s=(0.0, 0.0), late_waits_s=(0.0,) * 20)
        bars, _ = collect(monkeypatch, script, wanted=count, backfill=venue, next_open_ms=T0, settings=settings)
        assert len(bars) >= count
        assert bars == truth(T0, len(bars))

    def test_no_one_there(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("BINANCE_STREAM_URL", "ws://127.0.0.1:9")

        async def run() -> None:
            settings = quick(most_failures=2)
            async for _ in stream_candles("BINANCE", "BTCUSDT", "1m", backfill=Venue(), stop=asyncio.Event(), settings=settings):
                pass

        with pytest.raises(APIError, match="cannot be reached"):
            asyncio.run(run())
