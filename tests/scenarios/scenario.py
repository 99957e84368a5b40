"""What a scenario is: candles in a table, settings that differ from the defaults, and what must come out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import nan

COLUMNS = ("O", "H", "L", "C", "V", "signal", "touch", "atr")
FIRST_OPEN_MS = 1_704_067_200_000  # 2024-01-01 00:00 UTC
BAR_MS = 3_600_000

Setting = bool | int | float | str


@dataclass(frozen=True)
class Row:
    """One bar with what the strategy says at its close."""

    open: float
    high: float
    low: float
    close: float
    volume: float
    signal: int
    touch_level: float
    atr: float


@dataclass(frozen=True)
class Trade:
    """An expected trade; entry and exit are bar indices, prices are those paid (slip included), ``net`` is checked where given."""

    direction: int
    entry_bar: int
    avg_entry: float
    tier: int
    exit_bar: int
    exit_price: float
    reason: str
    qty: float = 1.0
    net: float | None = None


@dataclass(frozen=True)
class Unfilled:
    """An expected missed, partial or rejected entry; ``bar`` is the bar at which it was cancelled or rejected."""

    kind: str
    reason: str
    signal_bar: int
    bar: int
    filled: float = 0.0


@dataclass(frozen=True)
class Scenario:
    """A law in its ``name``, the candles that show it, and the expected outcome.

    ``candles`` is a table with the columns O H L C V signal touch atr, one bar a line, bar 0 first; ``.`` is no signal, or no value.
    ``settings`` holds what differs from the defaults, among them ``order_qty`` (1 unless given), ``qty_step`` and ``min_qty`` (0) and
    ``has_volume`` (True). ``quote_volume`` has one value per bar where the data has that column. ``funding`` holds the rates of the data
    with their times, counted in bars.

    With ``detail_bars`` in the settings the rows are detail bars, so many to a decision bar, which is made of them; what the strategy says
    at a decision bar's close stands in its last row. ``signal_bar`` and the keys of ``equity`` then count decision bars, all others rows.
    """

    name: str
    candles: str
    settings: Mapping[str, Setting]
    trades: tuple[Trade, ...] = ()
    unfilled: tuple[Unfilled, ...] = ()
    quote_volume: tuple[float, ...] | None = None
    equity: Mapping[int, float] = field(default_factory=dict)
    ruined: bool = False
    funding: tuple[tuple[float, float], ...] = ()
    ambiguous: int | None = None

    @property
    def detail_bars(self) -> int:
        """How many rows make a decision bar."""
        return int(self.settings.get("detail_bars", 1))

    @property
    def rows(self) -> list[Row]:
        """Parse the table."""
        header, *lines = [line.split() for line in self.candles.strip().splitlines()]
        if tuple(header) != COLUMNS:
            raise ValueError(f"{self.name}: the table must have the columns {' '.join(COLUMNS)}, it has {' '.join(header)}")
        return [_row(cells) for cells in lines]

    @property
    def open_ms(self) -> list[int]:
        """The open time of every bar: hours from 2024-01-01 on."""
        return [FIRST_OPEN_MS + BAR_MS * t for t in range(len(self.rows))]


def _row(cells: list[str]) -> Row:
    open_, high, low, close, volume, signal, touch_level, atr = cells
    return Row(
        float(open_),
        float(high),
        float(low),
        float(close),
        float(volume),
        0 if signal == "." else int(signal),
        _value(touch_level),
        _value(atr),
    )


def _value(cell: str) -> float:
    return nan if cell == "." else float(cell)
