"""How fast stored candles are read, grown and resampled, how large they are, and what other codecs would do.

Usage: python -m benchmarks.store [HOURLY_FILE MINUTE_FILE]   (default: BTCUSDT in ../shared/data, 37,923 hours, 43,209 minutes)

The minutes are repeated until there are a million of them. Prints minima and medians of repeated calls in one process, variants in turn,
beside the limits that are held, and how busy the machine is: what runs beside it makes all of it slower, the floor too.
The floor is what any reading of such files takes that checks them: SHA-256 of their bytes, and polars turning them into columns.
"""

import csv
import hashlib
import io
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

import numpy as np
import polars as pl

from core.candles import Candles
from core.clock import utc_from_ms
from core.market import Market
from core.paths import Paths
from core.timeframe import Timeframe
from market_data import read_candle_file, resample
from market_data.store import CandleStore
from market_data.store.columns import columns_of, decode, encode, rows_at
from market_data.store.layout import PART_BARS

IpcCodec = Literal["uncompressed", "lz4", "zstd"]
ParquetCodec = Literal["uncompressed", "lz4", "zstd", "snappy"]
IPC_CODECS: tuple[IpcCodec, ...] = ("uncompressed", "lz4", "zstd")
PARQUET_CODECS: tuple[ParquetCodec, ...] = (*IPC_CODECS, "snappy")
YEAR_BARS, MILLION = 525_600, 1_000_000
START_MS = 1_704_067_200_000  # 2024-01-01
FILES = Path(__file__).resolve().parents[2] / "shared" / "data" / "candles"
HOURLY_FILE, MINUTE_FILE = FILES / "BINANCE_BTCUSDT_1h.parquet", FILES / "BINANCE_BTCUSDT_1m_2024.parquet"
MINUTE = Market("BINANCE", "BTCUSDT", Timeframe.parse("1m"))


def measured(actions: Mapping[str, Callable[[], object]], repeats: int) -> dict[str, list[float]]:
    """Return the milliseconds of ``repeats`` calls of each action, one after the other in turn, after one that warms up."""
    taken: dict[str, list[float]] = {label: [] for label in actions}
    for number in range(repeats + 1):
        for label, action in actions.items():
            start = time.perf_counter()
            action()
            if number:
                taken[label].append(1e3 * (time.perf_counter() - start))
    return taken


def report(taken: Mapping[str, list[float]], notes: Mapping[str, str] | None = None) -> None:
    """Print a line for each action."""
    for label, values in taken.items():
        print(f"  {label:44s} min {min(values):8.2f} ms   median {statistics.median(values):8.2f} ms   {(notes or {}).get(label, '')}")


def many_minutes(candles: Candles) -> Candles:
    """Return a million minutes: ``candles`` over and over, at new times."""
    columns = {name: np.resize(values, MILLION) for name, values in columns_of(candles).items()}
    columns["timestamp"] = START_MS + MINUTE.timeframe.ms * np.arange(MILLION, dtype=np.int64)
    return Candles.from_arrays(MINUTE, columns)


def csv_bytes(candles: Candles) -> float:
    """Return the bytes per candle of a plain CSV file with times as numbers."""
    return len(candles.to_polars().write_csv()) / len(candles)


def venue_csv_bytes(candles: Candles) -> float:
    """Return the bytes per candle of a venue's CSV: twelve columns, as in Binance's archive, trades and taker volumes as zeros."""
    text = io.StringIO()
    rows, step = csv.writer(text), candles.timeframe.ms
    for open_ms, *values in candles[:10_000].to_polars().rows():
        prices = [f"{value:.8f}" for value in values]
        rows.writerow([open_ms, *prices, open_ms + step - 1, "0.00000000", 0, "0.00000000", "0.00000000", 0])
    return len(text.getvalue()) / min(len(candles), 10_000)


def busy() -> str:
    """Return how many processes wanted a core in the last minute."""
    return f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"


def sizes(folder: Path, rows: int) -> str:
    """Return what each stored file takes per candle."""
    paths = sorted(path for path in folder.iterdir() if path.stat().st_size)
    parts = [path.stat().st_size / len(pl.read_parquet(path)) for path in paths if path.suffix == ".parquet"]
    others = "".join(f", {path.name} {path.stat().st_size / rows:.2f}" for path in paths if path.suffix != ".parquet")
    return f"parts {min(parts):.1f} to {max(parts):.1f}{others}"


def reading(store: CandleStore, candles: Candles, repeats: int, limit_ms: float) -> None:
    """Measure reading a stored series, and the floor beneath it."""
    store.merge(candles.market, candles, source="rest")
    info = store.info(candles.market)
    assert info is not None
    contents = [path.read_bytes() for path in sorted(store.folder(candles.market).glob("*.parquet"))]
    print(
        f"\n{len(candles):,} bars of {candles.timeframe} in {info.parts} parts: {info.bytes / info.rows:.1f} bytes per candle "
        f"({sizes(store.folder(candles.market), info.rows)}; plain CSV {csv_bytes(candles):.1f}, the venue's own CSV "
        f"{venue_csv_bytes(candles):.1f}); {busy()}"
    )
    whole = write_parquet(candles.to_polars(), "lz4")
    actions: dict[str, Callable[[], object]] = {
        "read, SHA-256 of every part checked": lambda: store.read(candles.market),
        "floor: SHA-256 of the parts, one thread": lambda: [hashlib.sha256(content).digest() for content in contents],
        "floor: parts to columns": lambda: decode(contents),
        "floor: polars, one bare lz4 file from memory": lambda: pl.read_parquet(whole),
    }
    report(measured(actions, repeats), {"read, SHA-256 of every part checked": f"limit {limit_ms:g} ms"})


def write_ipc(frame: pl.DataFrame, compression: IpcCodec) -> bytes:
    """Return an Arrow file."""
    content = io.BytesIO()
    frame.write_ipc(content, compression=compression)
    return content.getvalue()


def write_parquet(frame: pl.DataFrame, compression: ParquetCodec) -> bytes:
    """Return a Parquet file as polars writes it."""
    content = io.BytesIO()
    frame.write_parquet(content, compression=compression, statistics=False)
    return content.getvalue()


def codecs(candles: Candles, repeats: int) -> None:
    """Measure SHA-256 and decoding, without files, of a series in parts under several codecs."""
    columns = columns_of(candles)
    pieces = [rows_at(columns, slice(start, start + PART_BARS)) for start in range(0, len(candles), PART_BARS)]
    frames = [pl.DataFrame(piece) for piece in pieces]
    kinds: dict[str, list[bytes]] = {"the store's: times as differences, lz4": [encode(piece, {}) for piece in pieces]}
    for parquet in PARQUET_CODECS:
        kinds[f"polars Parquet, {parquet}"] = [write_parquet(frame, parquet) for frame in frames]
    for ipc in IPC_CODECS:
        kinds[f"Arrow IPC, {ipc}"] = [write_ipc(frame, ipc) for frame in frames]

    def load(label: str, contents: list[bytes]) -> Callable[[], object]:
        def check_and_decode() -> object:
            for content in contents:
                hashlib.sha256(content).digest()
            if label.startswith("Arrow"):
                frame = pl.concat([pl.read_ipc(io.BytesIO(content)) for content in contents])
                return [frame[name].to_numpy() for name in frame.columns]
            return decode(contents)

        return check_and_decode

    print(f"\nSHA-256 in one thread and decoding of {len(candles):,} bars in {len(pieces)} parts, from memory")
    notes = {label: f"{sum(map(len, contents)) / len(candles):5.1f} bytes per candle" for label, contents in kinds.items()}
    report(measured({label: load(label, contents) for label, contents in kinds.items()}, repeats), notes)


def growing(store: CandleStore, candles: Candles, repeats: int) -> None:
    """Measure adding one candle at a time to a million."""
    first = len(candles) - repeats
    start = time.perf_counter()
    store.merge(candles.market, candles[:first], source="rest")
    took = time.perf_counter() - start
    print(f"\nadding to {first:,} bars, which took {took:.2f} s to store ({first / took:,.0f} bars/s), each addition synced to the disk")
    seconds, written, folder = [], [], store.folder(candles.market)
    for row in range(first, len(candles)):
        before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
        start = time.perf_counter()
        store.merge(candles.market, candles[row : row + 1], source="rest")
        seconds.append(1e3 * (time.perf_counter() - start))
        # Counted at the files that are new or were written again, whatever the store says of itself.
        written.append(sum(path.stat().st_size for path in folder.iterdir() if before.get(path.name) != path.stat().st_mtime_ns))
    note = f"max {max(seconds):.2f} ms, limit 50; {max(written):,} bytes written at most, limit 1,000,000"
    report({"one candle more": seconds}, {"one candle more": note})


def main() -> None:
    """Measure and print."""
    hourly_file, minute_file = sys.argv[1:3] if len(sys.argv) > 2 else (HOURLY_FILE, MINUTE_FILE)
    hourly, minutes = read_candle_file(hourly_file), many_minutes(read_candle_file(minute_file))
    year = minutes[:YEAR_BARS]
    print(f"first bar {utc_from_ms(int(hourly.open_ms[0])):%Y-%m-%d}; polars {pl.__version__} with {pl.thread_pool_size()} threads")
    with tempfile.TemporaryDirectory() as folder:
        store = CandleStore(Paths.under(Path(folder)))
        reading(store, hourly, 200, 3)
        reading(store, year, 60, 25)
        codecs(year, 15)
        growing(CandleStore(Paths.under(Path(folder) / "growing")), minutes, 100)
    print(f"\nresampling {len(year):,} bars of 1m; {busy()}")
    actions = {f"to {name}": lambda name=name: resample(year, Timeframe.parse(name)) for name in ("5m", "1h", "1d")}
    report(measured(actions, 50), {"to 1h": "limit 4 ms"})


if __name__ == "__main__":
    main()
