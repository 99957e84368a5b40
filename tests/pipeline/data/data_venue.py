"""A Binance on loopback for the commands that keep the store up to date, and programs that run until they are told to stop."""

import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from core.clock import now_ms
from core.market import Market
from core.paths import Paths
from core.timeframe import Timeframe
from market_data.store import CandleStore
from tests.fakes.binance import HOUR_MS, FakeBinance, Listed, kline_rows, spot
from tests.pipeline.conftest import command, environment

HOUR = Timeframe.parse("1h")
SYMBOLS = ("BTCUSDT", "ETHUSDT")
BARS = 300
# The programs under test live in the present: their venues have bars up to the hour that is open now.
END_MS = now_ms() // HOUR_MS * HOUR_MS
START_MS = END_MS - BARS * HOUR_MS


def hourly_venue() -> FakeBinance:
    """Return a venue with hourly bars of two symbols; its clock stands a second after the last one has closed."""
    candles = {(symbol, "1h"): kline_rows(START_MS, BARS + 1, scale=100.0 * (at + 1)) for at, symbol in enumerate(SYMBOLS)}
    volumes = dict(zip(SYMBOLS, ("5000000.0", "70000000.0"), strict=True))
    return FakeBinance(
        candles, now_ms=lambda: END_MS + 1_000, listed={name: Listed(name[:3], quote_volume=volumes[name]) for name in SYMBOLS}
    )


def store_under(root: Path) -> CandleStore:
    return CandleStore(Paths.under(root))


def keep(root: Path, venue: FakeBinance, *symbols: str, bars: int = 250) -> None:
    """Store the first ``bars`` bars of each symbol."""
    for symbol in symbols:
        candles = spot(venue).fetch(symbol, HOUR, START_MS, START_MS + bars * HOUR_MS)
        store_under(root).merge(Market("BINANCE", symbol, HOUR), candles, source="rest")


def rows(root: Path, symbol: str) -> int:
    info = store_under(root).info(Market("BINANCE", symbol, HOUR))
    return 0 if info is None else info.rows


@dataclass
class Running:
    """A program whose lines are read as it writes them."""

    process: subprocess.Popen[str]
    lines: list[str]

    def read_until(self, part: str) -> str:
        """Return the first line, not read yet, that holds ``part``; fails when the program ends without it."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)
            if part in line:
                return line
        raise AssertionError(f"the program ended before it wrote {part!r}: {''.join(self.lines)}{_rest(self.process.stderr)}")

    def end(self, number: signal.Signals) -> tuple[int, str]:
        """Send a signal and return the exit code, and what is written to the end, errors too; sooner than a venue is given up."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=120)
        return self.process.returncode, out + err


@contextmanager
def running(root: Path, *arguments: str, **variables: str) -> Iterator[Running]:
    """Start a command in its own data folder under ``root``, killed at the end if it is still there."""
    env: Mapping[str, str] = environment(root) | variables
    process = subprocess.Popen(
        command(*arguments), env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )  # fmt: skip
    try:
        yield Running(process, [])
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def _rest(stream: IO[str] | None) -> str:
    return "" if stream is None else stream.read()
