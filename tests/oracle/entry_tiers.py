"""The entry tiers: where and how much of a working entry fills in one traded bar."""

from dataclasses import dataclass
from enum import Enum

from tests.oracle.bars import Bar
from tests.oracle.prices import order_price, taker_price
from tests.oracle.settings import Settings

MARKET_TIER = 4


class FillKind(Enum):
    """How a fill came about, which decides what the rest of its bar may do to the position."""

    AT_OPEN = "at the open"
    RESTING_LIMIT = "intrabar, by a resting limit"
    STOP_ORDER = "intrabar, by a stop order"
    SLICE = "averaged over the bar"


@dataclass(frozen=True)
class Fill:
    """``price`` is what was paid, slip included; ``quoted`` the price before slip."""

    tier: int
    kind: FillKind
    quoted: float
    price: float
    qty: float
    maker: bool


@dataclass
class WorkingEntry:
    """An entry order that still wants ``remaining`` of its ``wanted`` quantity."""

    direction: int
    signal_bar: int
    signal_price: float
    entry_atr: float
    regime: float
    wanted: float
    remaining: float
    tier: int
    age: int = 0
    limit_price: float = 0.0
    filled: float = 0.0


def next_tier(settings: Settings, after: int) -> int | None:
    """Return the next enabled tier with a timeout > 0, None past the last one."""
    for tier in range(after + 1, MARKET_TIER + 1):
        if settings.tier_enabled(tier) and settings.tier_timeout(tier) > 0:
            return tier
    return None


def activate_tier(entry: WorkingEntry, tier: int, previous_close: float, settings: Settings) -> None:
    """Make ``tier`` the active one from the bar after ``previous_close`` on; the limit of tier 2 is fixed here."""
    entry.tier = tier
    entry.age = 0
    # P = C[s-1] - d * limit_offset_atr * entry_atr
    limit = previous_close - entry.direction * settings.limit_offset_atr * entry.entry_atr
    entry.limit_price = order_price(limit, entry.direction, settings)


def fill_active_tier(entry: WorkingEntry, bar: Bar, place: int, touch_level: float, settings: Settings) -> Fill | None:
    """Let the active tier try to fill in a traded bar at ``place`` of its decision bar; ``touch_level`` is that of the bar before."""
    if not settings.enable_hybrid_engine:
        return _market(entry, bar, settings)
    if entry.tier == 1:
        return _ema_touch(entry, bar, touch_level, settings)
    if entry.tier == 2:
        return _limit(entry, bar, settings)
    if entry.tier == 3:
        return _vwap_slice(entry, bar, place, settings)
    return _market_within_chase(entry, bar, settings)


def _ema_touch(entry: WorkingEntry, bar: Bar, touch_level: float, settings: Settings) -> Fill | None:
    """Tier 1: enter where price trades at the EMA, from whichever side it comes."""
    low_edge = touch_level * (1 - settings.ema_touch_tolerance)
    high_edge = touch_level * (1 + settings.ema_touch_tolerance)
    # lo <= O[t] <= hi: filled at O[t], taker, slip, at the open.
    if low_edge <= bar.open <= high_edge:
        return _taker(entry, 1, FillKind.AT_OPEN, bar.open, entry.remaining, bar, settings)
    # Outside the band the edges are order prices.
    if entry.direction == 1:
        return _ema_touch_long(entry, bar, low_edge, high_edge, settings)
    return _ema_touch_short(entry, bar, low_edge, high_edge, settings)


def _ema_touch_long(entry: WorkingEntry, bar: Bar, low_edge: float, high_edge: float, settings: Settings) -> Fill | None:
    # O > hi: resting buy at hi, filled at hi, maker, if L < hi.
    buy_limit, buy_stop = order_price(high_edge, 1, settings), order_price(low_edge, 1, settings)
    if bar.open > high_edge and bar.low < buy_limit:
        return _maker(entry, 1, buy_limit)
    # O < lo: buy stop at lo, filled at lo, taker, slip, if H >= lo.
    if bar.open < low_edge and bar.high >= buy_stop:
        return _taker(entry, 1, FillKind.STOP_ORDER, buy_stop, entry.remaining, bar, settings)
    return None


def _ema_touch_short(entry: WorkingEntry, bar: Bar, low_edge: float, high_edge: float, settings: Settings) -> Fill | None:
    # O < lo: resting sell at lo, filled at lo, maker, if H > lo.
    sell_limit, sell_stop = order_price(low_edge, -1, settings), order_price(high_edge, -1, settings)
    if bar.open < low_edge and bar.high > sell_limit:
        return _maker(entry, 1, sell_limit)
    # O > hi: sell stop at hi, filled at hi, taker, slip, if L <= hi.
    if bar.open > high_edge and bar.low <= sell_stop:
        return _taker(entry, 1, FillKind.STOP_ORDER, sell_stop, entry.remaining, bar, settings)
    return None


def _limit(entry: WorkingEntry, bar: Bar, settings: Settings) -> Fill | None:
    """Tier 2: a resting limit; a touch alone does not fill, because the place in the queue is unknown."""
    limit = entry.limit_price
    slipped = taker_price(bar.open, entry.direction, entry.remaining, bar, settings)
    if entry.direction == 1:
        # O[t] <= P: at min(O[t] * (1 + slip), P), taker, at the open; else L[t] < P strictly: at P, maker, intrabar.
        if bar.open <= limit:
            return Fill(2, FillKind.AT_OPEN, bar.open, min(slipped, limit), entry.remaining, maker=False)
        return _maker(entry, 2, limit) if bar.low < limit else None
    # O[t] >= P: at max(O[t] * (1 - slip), P), taker, at the open; else H[t] > P: at P, maker, intrabar.
    if bar.open >= limit:
        return Fill(2, FillKind.AT_OPEN, bar.open, max(slipped, limit), entry.remaining, maker=False)
    return _maker(entry, 2, limit) if bar.high > limit else None


def _vwap_slice(entry: WorkingEntry, bar: Bar, place: int, settings: Settings) -> Fill | None:
    """Tier 3: remaining / (bars left in the tier's time), capped at participation_rate * V[t], at the bar's VWAP, taker, slip."""
    # In decision bars timeout - age; in detail bars (timeout - age) * n - j.
    qty = entry.remaining / ((settings.hybrid_tier3_timeout - entry.age) * settings.detail_bars - place)
    if settings.has_volume:
        qty = min(qty, settings.participation_rate * bar.volume)
    if qty <= 0:
        return None
    return _taker(entry, 3, FillKind.SLICE, _vwap(bar, settings), qty, bar, settings)


def _vwap(bar: Bar, settings: Settings) -> float:
    """quote_volume / volume where the data has it, clamped to [L, H]; else (H + L + C) / 3."""
    # Data declared without volume has no volume to divide by, whatever stands in the column.
    if settings.has_volume and settings.has_quote_volume and bar.quote_volume is not None:
        return min(max(bar.quote_volume / bar.volume, bar.low), bar.high)
    return (bar.high + bar.low + bar.close) / 3


def _market_within_chase(entry: WorkingEntry, bar: Bar, settings: Settings) -> Fill | None:
    """Tier 4: the remainder at O[t] if d * (O[t] - signal_price) <= max_chase_atr * entry_atr; else it waits."""
    if entry.direction * (bar.open - entry.signal_price) <= settings.max_chase_atr * entry.entry_atr:
        return _market(entry, bar, settings)
    return None


def _market(entry: WorkingEntry, bar: Bar, settings: Settings) -> Fill:
    return _taker(entry, MARKET_TIER, FillKind.AT_OPEN, bar.open, entry.remaining, bar, settings)


def _taker(entry: WorkingEntry, tier: int, kind: FillKind, quoted: float, qty: float, bar: Bar, settings: Settings) -> Fill:
    return Fill(tier, kind, quoted, taker_price(quoted, entry.direction, qty, bar, settings), qty, maker=False)


def _maker(entry: WorkingEntry, tier: int, price: float) -> Fill:
    return Fill(tier, FillKind.RESTING_LIMIT, price, price, entry.remaining, maker=True)
