"""Damage that real markets do to candles: silence, gaps, frozen prices, coarse ticks, missing columns."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random

from tests.oracle.bars import Bar


def mutated(rng: Random, bars: Sequence[Bar]) -> tuple[list[Bar], bool, bool]:
    """Return the bars after some mutations, whether their volume means anything, and whether they have a quote volume."""
    result = list(bars)
    mutations: list[tuple[float, Callable[[Random, list[Bar]], list[Bar]]]] = [
        (0.25, _coarse_ticks),
        (0.10, _frozen),
        (0.35, _gap),
        (0.20, _gap),
        (0.35, _silence),
        (0.20, _silence),
    ]
    for probability, mutate in mutations:
        if rng.random() < probability:
            result = mutate(rng, result)
    has_volume = rng.random() < 0.85
    has_quote_volume = rng.random() < 0.5
    result = [_with_quote_volume(rng, bar) if has_quote_volume else replace(bar, quote_volume=None) for bar in result]
    return result, has_volume, has_quote_volume


def _stretch(rng: Random, bars: Sequence[Bar], longest: int) -> range:
    start = rng.randrange(len(bars))
    return range(start, min(len(bars), start + rng.randint(1, longest)))


def _scaled(bar: Bar, factor: float) -> Bar:
    return replace(bar, open=bar.open * factor, high=bar.high * factor, low=bar.low * factor, close=bar.close * factor)


def _gap(rng: Random, bars: list[Bar]) -> list[Bar]:
    """The market reopens elsewhere, often beyond every stop."""
    start = rng.randrange(len(bars))
    factor = rng.choice([rng.uniform(0.97, 1.03), rng.uniform(0.7, 1.4), rng.uniform(0.3, 3)])
    return bars[:start] + [_scaled(bar, factor) for bar in bars[start:]]


def _silence(rng: Random, bars: list[Bar]) -> list[Bar]:
    """Bars without a trade, in one stretch or scattered over the whole series."""
    if rng.random() < 0.3:
        share = rng.uniform(0.05, 0.6)
        return [replace(bar, volume=0.0) if rng.random() < share else bar for bar in bars]
    quiet = _stretch(rng, bars, 30)
    return [replace(bar, volume=0.0) if t in quiet else bar for t, bar in enumerate(bars)]


def _frozen(rng: Random, bars: list[Bar]) -> list[Bar]:
    """A stretch, or everything, at one price."""
    frozen = range(len(bars)) if rng.random() < 0.2 else _stretch(rng, bars, 60)
    price = bars[frozen[0]].close
    return [replace(bar, open=price, high=price, low=price, close=price) if t in frozen else bar for t, bar in enumerate(bars)]


def _coarse_ticks(rng: Random, bars: list[Bar]) -> list[Bar]:
    """Prices on a grid so coarse that touching without trading through becomes common."""
    tick = bars[0].close * rng.choice([0.0005, 0.002, 0.01])

    def on_grid(price: float) -> float:
        return max(1, round(price / tick)) * tick

    return [replace(b, open=on_grid(b.open), high=on_grid(b.high), low=on_grid(b.low), close=on_grid(b.close)) for b in bars]


def _with_quote_volume(rng: Random, bar: Bar) -> Bar:
    """A mean price around the bar, now and then outside it, as rounded volumes of real data give."""
    span = bar.high - bar.low
    price = rng.uniform(bar.low - 0.2 * span, bar.high + 0.2 * span)
    return replace(bar, quote_volume=bar.volume * max(price, 0.0))
