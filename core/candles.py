"""Candles: one checked, read-only series of closed bars."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from core.candle_checks import PRICE_NAMES, Floats, Times, require_sound
from core.clock import format_utc
from core.errors import DataError
from core.market import Market
from core.timeframe import Timeframe

if TYPE_CHECKING:
    import pandas as pd

_REQUIRED = ("timestamp", *PRICE_NAMES, "volume")


@dataclass(frozen=True, eq=False)
class Candles:
    """Equal-length, C-contiguous, read-only arrays of closed bars, strictly increasing on the timeframe's grid.

    ``open_ms`` int64 UTC milliseconds of each bar's open; ``open``, ``high``, ``low``, ``close`` float64 in the quote currency
    (0 < low <= open, close <= high); ``volume`` float64 in the base currency, >= 0; ``quote_volume`` float64 or None.
    ``has_volume`` is declared by the source and says whether volume means anything; ``synthetic`` marks generated prices.
    Holes are allowed, everything else raises DataError with the count and the first offender. Build with ``from_arrays`` or
    ``from_frame``; ``between`` and slicing share memory.
    """

    market: Market
    open_ms: Times
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    quote_volume: Floats | None = None
    has_volume: bool = True
    synthetic: bool = False

    @classmethod
    def from_arrays(
        cls, market: Market, columns: Mapping[str, ArrayLike], *, has_volume: bool = True, synthetic: bool = False
    ) -> "Candles":
        """Check and freeze ``columns`` (timestamp, open, high, low, close, volume, optional quote_volume)."""
        missing = [name for name in _REQUIRED if name not in columns]
        if missing:
            raise DataError(f"{market}: there is no column {', '.join(missing)}; there is {', '.join(columns)}.")
        arrays = {name: _frozen(_whole(columns[name]) if name == "timestamp" else columns[name], _dtype(name)) for name in _REQUIRED}
        quote = columns.get("quote_volume")
        quote_volume = None if quote is None else _frozen(quote, np.float64)
        columns_given = arrays if quote_volume is None else arrays | {"quote_volume": quote_volume}
        lengths = {name: len(array) for name, array in columns_given.items()}
        if len(set(lengths.values())) != 1:
            raise DataError(f"{market}: the columns differ in length: {lengths}.")
        if not lengths["timestamp"]:
            raise DataError(f"{market}: the series has no bars.")
        prices = {name: arrays[name] for name in PRICE_NAMES}
        require_sound(arrays["timestamp"], prices, arrays["volume"], market.timeframe, str(market))
        if quote_volume is not None and not (np.isfinite(quote_volume) & (quote_volume >= 0)).all():
            raise DataError(f"{market}: the quote volume is missing, not finite or negative in some bars.")
        return cls(
            market, arrays["timestamp"], arrays["open"], arrays["high"], arrays["low"], arrays["close"], arrays["volume"],
            quote_volume, has_volume, synthetic,
        )  # fmt: skip

    @classmethod
    def from_frame(
        cls, frame: "pl.DataFrame | pd.DataFrame", exchange: str, symbol: str, timeframe: str | Timeframe, *, has_volume: bool = True
    ) -> "Candles":
        """Build from a polars or pandas frame with ``timestamp`` (UTC ms or datetimes), open, high, low, close, volume[, quote_volume]."""
        missing = [name for name in _REQUIRED if name not in frame.columns]
        if missing:
            raise DataError(f"the frame has no column {', '.join(missing)}; it has {', '.join(map(str, frame.columns))}.")
        names = [*_REQUIRED, *(["quote_volume"] if "quote_volume" in frame.columns else [])]
        columns = {name: _column(frame, name) for name in names}
        return cls.from_arrays(Market(exchange, symbol, Timeframe.parse(timeframe)), columns, has_volume=has_volume)

    def __len__(self) -> int:
        return len(self.open_ms)

    def __getitem__(self, bars: slice) -> "Candles":
        """Return the bars of a forward slice without copying."""
        start, stop, step = bars.indices(len(self))
        if step != 1 or stop <= start:
            raise DataError(f"{self.market}: bars {start}:{stop} of {len(self)} are no forward slice with at least one bar.")
        cut = slice(start, stop)
        return Candles(
            self.market, self.open_ms[cut], self.open[cut], self.high[cut], self.low[cut], self.close[cut], self.volume[cut],
            None if self.quote_volume is None else self.quote_volume[cut], self.has_volume, self.synthetic,
        )  # fmt: skip

    def index_of(self, ms: int) -> int:
        """Return the number of the first bar that opens at or after ``ms`` (``len`` when there is none)."""
        return int(np.searchsorted(self.open_ms, ms, side="left"))

    def between(self, start_ms: int, end_ms: int) -> "Candles":
        """Return the bars with ``start_ms <= open < end_ms`` without copying; DataError names the span there is."""
        first, last = self.index_of(start_ms), self.index_of(end_ms)
        if last <= first:
            raise DataError(
                f"{self.market}: no bars from {format_utc(start_ms)} to {format_utc(end_ms)} UTC; "
                f"the series spans {format_utc(self.open_ms[0])} to {format_utc(self.end_ms)} UTC."
            )
        return self[first:last]

    @property
    def timeframe(self) -> Timeframe:
        """The length and grid of the bars."""
        return self.market.timeframe

    @property
    def end_ms(self) -> int:
        """The close time of the last bar, exclusive."""
        return int(self.open_ms[-1]) + self.timeframe.ms

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) of the content: the market, whether volume counts, and every array's bytes."""
        sha = hashlib.sha256(f"{self.market}|{self.has_volume}|{self.quote_volume is not None}|{len(self)}".encode())
        for array in (self.open_ms, self.open, self.high, self.low, self.close, self.volume, self.quote_volume):
            if array is not None:
                sha.update(array.data)
        return sha.hexdigest()

    def to_polars(self) -> pl.DataFrame:
        """Return a frame with timestamp (UTC ms), open, high, low, close, volume and, where known, quote_volume."""
        columns: dict[str, Any] = {"timestamp": self.open_ms} | {name: getattr(self, name) for name in (*PRICE_NAMES, "volume")}
        return pl.DataFrame(columns | ({} if self.quote_volume is None else {"quote_volume": self.quote_volume}))

    def to_pandas(self) -> "pd.DataFrame":
        """Return a pandas frame indexed by the UTC open time."""
        import pandas as pd

        columns = {name: getattr(self, name) for name in (*PRICE_NAMES, "volume")}
        if self.quote_volume is not None:
            columns["quote_volume"] = self.quote_volume
        return pd.DataFrame(columns, index=pd.to_datetime(self.open_ms, unit="ms", utc=True).rename("timestamp"))


def _frozen(values: ArrayLike, dtype: type[np.generic]) -> NDArray[Any]:
    """Return a read-only contiguous array of its own (or the very same when it is one already)."""
    try:
        array = np.ascontiguousarray(values, dtype=dtype)
    except (TypeError, ValueError) as error:
        raise DataError(f"a column holds something that is no number: {error}.") from error
    if array.ndim != 1:
        raise DataError(f"a column has {array.ndim} dimensions; candles are flat columns.")
    if _can_be_changed(array):
        array = array.copy() if np.shares_memory(array, np.asarray(values)) else array
        array.flags.writeable = False
    return array


def _dtype(name: str) -> type[np.generic]:
    return np.int64 if name == "timestamp" else np.float64


def _can_be_changed(array: NDArray[Any]) -> bool:
    """Return whether the array, or one that it is a view of, is writeable: pandas hands out read-only views of what it may change."""
    base: object = array
    while isinstance(base, np.ndarray):
        if base.flags.writeable:
            return True
        base = base.base
    return False


def _whole(times: ArrayLike) -> ArrayLike:
    """Return ``times`` unless a conversion to integers would change them."""
    array = np.asarray(times)
    if array.dtype.kind == "f":
        bad = ~(np.isfinite(array) & (array == np.floor(array)))
        if bad.any():
            row = int(np.argmax(bad))
            raise DataError(f"{bad.sum()} timestamp(s) are no whole milliseconds, first at row {row}: {array.flat[row]}.")
    return times


def _column(frame: "pl.DataFrame | pd.DataFrame", name: str) -> NDArray[Any]:
    if isinstance(frame, pl.DataFrame):
        series = frame[name]
        if series.null_count():
            row = int(series.is_null().arg_max() or 0)
            raise DataError(f"column {name} is empty in {series.null_count()} row(s), first at row {row}.")
        return (series.dt.epoch("ms") if name == "timestamp" and series.dtype in (pl.Datetime, pl.Date) else series).to_numpy()
    import pandas as pd

    values = frame[name]
    if name == "timestamp" and pd.api.types.infer_dtype(values, skipna=True) not in ("integer", "floating"):
        try:
            aware = pd.to_datetime(values, utc=True, format="ISO8601")
        except (TypeError, ValueError, OverflowError) as error:
            reason = str(error).partition(". ")[0]
            raise DataError(f"column timestamp holds something that is no time: {reason}.") from error
        empty = aware.isna().to_numpy()
        if empty.any():
            raise DataError(f"column timestamp is empty in {empty.sum()} row(s), first at row {empty.argmax()}.")
        return aware.astype("datetime64[ms, UTC]").astype("int64").to_numpy()
    return values.to_numpy()
