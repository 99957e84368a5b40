"""Candles as lines of one width, for a terminal of 80 columns."""

from decimal import Decimal

from core.clock import format_utc
from exchanges.stream import Bar
from pipeline.tables import UNDEFINED

_HEADS = ("opens (UTC)", "open", "high", "low", "close", "volume", "change")
_WIDTHS = (16, 10, 10, 10, 10, 9, 8)
# Prices of a venue that tells no step are shown with this many digits.
_DIGITS = 8


class BarLines:
    """Turns closed candles into lines; ``previous`` is the close before the next one, None when it is not known."""

    def __init__(self, tick_size: float) -> None:
        """Show prices with the decimals of ``tick_size`` (0: none is known)."""
        # Through its shortest text: 0.1 has one decimal, its binary value dozens.
        exponent = Decimal(repr(tick_size)).normalize().as_tuple().exponent if tick_size > 0 else None
        self._decimals = max(-exponent, 0) if isinstance(exponent, int) else None
        self.previous: float | None = None

    @property
    def heads(self) -> str:
        """The line above the columns."""
        return _joined(_HEADS)

    def line(self, bar: Bar) -> str:
        """Return the line of ``bar``, with its change from the close before."""
        prices = (self._price(value) for value in (bar.open, bar.high, bar.low, bar.close))
        change = UNDEFINED if self.previous is None else f"{(bar.close / self.previous - 1) * 100:+.2f} %"
        self.previous = bar.close
        return _joined((format_utc(bar.open_ms), *prices, _volume(bar.volume), change))

    def _price(self, value: float) -> str:
        return f"{value:.{_DIGITS}g}" if self._decimals is None else f"{value:.{self._decimals}f}"


def _volume(value: float) -> str:
    """Return a volume in at most nine characters."""
    for divisor, unit in ((1e12, "T"), (1e9, "B"), (1e6, "M")):
        if value >= divisor:
            return f"{value / divisor:,.2f} {unit}"
    return f"{value:,.0f}" if value >= 10_000 else f"{value:.4f}".rstrip("0").rstrip(".")


def _joined(cells: tuple[str, ...]) -> str:
    first, *others = zip(cells, _WIDTHS, strict=True)
    return " ".join([first[0].ljust(first[1]), *(text.rjust(width) for text, width in others)])
