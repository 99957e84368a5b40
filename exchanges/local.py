"""LOCAL: candle files as an exchange."""

import os
from pathlib import Path

from core.candles import Candles
from core.clock import now_ms
from core.errors import ConfigError, DataError
from core.market import MarketRules
from core.paths import Paths
from core.suggest import did_you_mean
from core.timeframe import TIMEFRAMES, Timeframe
from exchanges.base import ConnectivityStatus, VenueFees
from exchanges.candle_files import SUFFIXES, read_candles
from exchanges.span import cut

# A file younger than this may change again without a change of its time stamp, so what was read of it is not reused.
_FRESH_NS = 2_000_000_000

_FileIdentity = tuple[Path, int, int, int]


class LocalExchange:
    """Candle files (Parquet, Feather, CSV) as an exchange with one market per file, on the file's own timeframe.

    A symbol is the name of a file, with or without its suffix, in the folder named by LOCAL_CANDLES_DIR (default: ``candles`` in
    the data folder), or the path of a file anywhere, relative to the current folder. The market is called like the file's stem,
    whatever path led to it. Files are read strictly, see ``read_candles``.
    """

    name = "LOCAL"
    synthetic = False
    has_volume = True
    is_spot = False
    default_fees = VenueFees(maker=0.0002, taker=0.0004, source="assumed: a candle file names no venue")

    def __init__(self, paths: Paths) -> None:
        """Look for files in ``paths.data / "candles"`` unless LOCAL_CANDLES_DIR names another folder."""
        self._default_folder = paths.data / "candles"
        self._last_read: tuple[_FileIdentity, Candles] | None = None

    @property
    def folder(self) -> Path:
        """Where files are looked for by name."""
        named = os.environ.get("LOCAL_CANDLES_DIR")
        return Path(os.path.expanduser(named)) if named else self._default_folder

    def check_connectivity(self) -> ConnectivityStatus:
        """Return whether the folder can be listed; without one, files can still be named by their path."""
        folder = self.folder
        if not folder.exists():
            return ConnectivityStatus(self.name, True, None, None, f"no folder {folder} yet: name candle files by their path")
        try:
            count = len(self._files())
        except DataError as error:
            return ConnectivityStatus(self.name, False, None, None, str(error), error)
        return ConnectivityStatus(self.name, True, None, None, f"{count} candle file(s) in {folder}")

    def symbols(self) -> list[str]:
        """Return the stems of the candle files in the folder, sorted; none when there is no folder."""
        return sorted({path.stem for path in self._files()})

    def market_rules(self, symbol: str) -> MarketRules:
        """Return no rules: a file names no venue."""
        return MarketRules()

    def source_timeframe(self, symbol: str, timeframe: Timeframe) -> Timeframe:
        """Return the file's own timeframe; DataError unless ``timeframe`` is that or a multiple of it."""
        return _source(self._read(symbol, timeframe), timeframe)

    def available_span(self, symbol: str, timeframe: Timeframe) -> tuple[int, int] | None:
        """Return the span of the file's bars."""
        candles = self._read(symbol, timeframe)
        return int(candles.open_ms[0]), candles.end_ms

    def fetch(self, symbol: str, timeframe: Timeframe, start_ms: int | None, end_ms: int | None) -> Candles:
        """Return the closed bars of the file in the range; see ``Exchange.fetch``."""
        candles = self._read(symbol, timeframe)
        own = _source(candles, timeframe)
        if own != timeframe:
            raise DataError(
                f"{symbol} holds {own} candles, not {timeframe}. Ask for {own}; market_data.load_candles makes {timeframe} candles of them."
            )
        return cut(candles, start_ms, end_ms)

    def find(self, symbol: str) -> Path:
        """Return the file that ``symbol`` names; ConfigError with the nearest name when there is none."""
        named = Path(os.path.expanduser(symbol))
        if named.suffix.lower() in SUFFIXES or len(named.parts) != 1:
            return self._by_path(named)
        matching = [path for path in self._files() if path.stem == symbol]
        if len(matching) > 1:
            raise ConfigError(f"'{symbol}' is {len(matching)} files: {', '.join(path.name for path in matching)}. Add the suffix of one.")
        if matching:
            return matching[0]
        if os.path.lexists(named):
            return named
        raise ConfigError(f"LOCAL has no candles '{symbol}' in {self.folder}.{self._suggestion(symbol)}")

    def _by_path(self, named: Path) -> Path:
        in_folder = self.folder / named
        for path in (named, in_folder):
            if os.path.lexists(path):
                return path
        raise ConfigError(f"there is no candle file {named}.{self._suggestion(named.stem)}")

    def _suggestion(self, symbol: str) -> str:
        names = self.symbols()
        advice = f" Put a {', '.join(SUFFIXES)} file there, set LOCAL_CANDLES_DIR, or give the path of a file."
        return did_you_mean(symbol, names) if names else advice

    def _files(self) -> list[Path]:
        folder = self.folder
        try:
            return sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and not path.name.startswith("."))
        except FileNotFoundError:
            return []
        except OSError as error:
            raise DataError(
                f"the candle folder {folder} cannot be listed: {error.strerror or error}. Set LOCAL_CANDLES_DIR to another."
            ) from error

    def _read(self, symbol: str, timeframe: Timeframe) -> Candles:
        """Read a file, or hand out again what was read last if it is that file, unchanged."""
        path = self.find(symbol)
        identity = _identify(path)
        if identity is not None and self._last_read is not None and self._last_read[0] == identity:
            return self._last_read[1]
        candles = read_candles(path, exchange=self.name, timeframe=timeframe)
        if identity is not None and len(candles) > 1 and now_ms() * 1_000_000 - identity[1] > _FRESH_NS:
            self._last_read = (identity, candles)
        return candles


def _source(candles: Candles, timeframe: Timeframe) -> Timeframe:
    own = candles.timeframe
    if timeframe.ms % own.ms:
        possible = " or ".join(name for name, each in TIMEFRAMES.items() if each.ms % own.ms == 0)
        name = f"{candles.market.exchange} {candles.market.symbol}"
        raise DataError(f"{name} has {own} candles, of which no {timeframe} candles can be made. Use {possible}.")
    return own


def _identify(path: Path) -> _FileIdentity | None:
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return path.absolute(), status.st_mtime_ns, status.st_size, status.st_ino
