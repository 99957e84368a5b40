"""Random settings over random, sometimes damaged, slices of real candles: one seed, one case, always the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, floor, log
from random import Random
from typing import Any

from tests.oracle.bar_mutations import mutated
from tests.oracle.bars import Bar
from tests.oracle.settings import Settings


@dataclass(frozen=True)
class Case:
    """One input for both simulators."""

    bars: list[Bar]
    settings: Settings


def random_case(seed: int, candles: Sequence[Bar]) -> Case:
    """Return the case of ``seed`` over ``candles``, of which it cuts 1 to 600 bars."""
    rng = Random(seed)
    bars, has_volume, has_quote_volume = mutated(rng, _slice(rng, candles))
    fields: dict[str, Any] = {"has_volume": has_volume, "has_quote_volume": has_quote_volume}
    for draw in (_signals, _protection, _tiers, _costs):
        fields |= draw(rng)
    fields |= _size(rng, bars, fields)
    return Case(bars, Settings(**fields))


def _slice(rng: Random, candles: Sequence[Bar]) -> list[Bar]:
    # The shortest series are where off-by-one errors live.
    wanted = rng.randint(1, 3) if rng.random() < 0.05 else rng.randint(4, 600)
    length = min(wanted, len(candles))
    start = rng.randint(0, len(candles) - length)
    return list(candles[start : start + length])


def _signals(rng: Random) -> dict[str, Any]:
    """Periods so small, and thresholds so loose, that a short slice has many signals."""
    fast = rng.randint(1, 8)
    slow = fast + rng.randint(1, 10)
    sides = rng.choice([(True, True)] * 4 + [(True, False), (False, True)])
    return {
        "ema_fast": fast,
        "ema_slow": slow,
        "ema_trend": slow + rng.randint(1, 20),
        "rsi_period": rng.randint(1, 8),
        "rsi_long_threshold": rng.choice([35.0, rng.uniform(30, 100), 100.0]),
        "rsi_short_threshold": rng.choice([65.0, rng.uniform(0, 70), 0.0]),
        "atr_period": rng.randint(1, 10),
        "enable_trend_filter": rng.random() < 0.4,
        "enable_rsi_filter": rng.random() < 0.4,
        "allow_long": sides[0],
        "allow_short": sides[1],
        "exit_on_disabled_side": slow % 2 == 0,
        "exit_on_opposite_signal": rng.random() < 0.6,
    }


def _protection(rng: Random) -> dict[str, Any]:
    return {
        # Now and then a stop so wide that only ruin, a signal or the end closes the position.
        "atr_sl_multiplier": _log_uniform(rng, 0.05, 6) if rng.random() < 0.85 else 60.0,
        "atr_tp_multiplier": _log_uniform(rng, 0.05, 6),
        "trailing_sl_enabled": rng.random() < 0.5,
        "trailing_sl_threshold": _log_uniform(rng, 0.0005, 0.1),
        "trailing_tp_enabled": rng.random() < 0.5,
        "trailing_tp_threshold": _log_uniform(rng, 0.0005, 0.1),
        "trailing_tp_lock": rng.choice([0.0, 1.0, rng.random()]),
    }


def _tiers(rng: Random) -> dict[str, Any]:
    on = _tiers_on(rng)
    fields: dict[str, Any] = {f"enable_hybrid_tier{tier}": on[tier - 1] for tier in (1, 2, 3, 4)}
    fields |= {f"hybrid_tier{tier}_timeout": rng.randint(0, 8) for tier in (1, 2, 3, 4)}
    return fields | {
        "enable_hybrid_engine": rng.random() < 0.9,
        "ema_touch_tolerance": rng.choice([0.0, _log_uniform(rng, 1e-5, 0.02)]),
        "limit_offset_atr": rng.choice([0.0, rng.uniform(0, 2)]),
        "max_chase_atr": rng.choice([0.0, _log_uniform(rng, 0.01, 3), 1000.0]),
    }


def _tiers_on(rng: Random) -> tuple[bool, bool, bool, bool]:
    kind = rng.random()
    if kind < 0.30:
        return True, True, True, True
    if kind < 0.45:
        # Slices that the cap cuts short are what adds to a position in the market.
        return False, False, True, True
    if kind < 0.70:
        alone = rng.randint(1, 4)
        return alone == 1, alone == 2, alone == 3, alone == 4
    if kind < 0.72:
        return False, False, False, False
    return rng.random() < 0.5, rng.random() < 0.5, rng.random() < 0.7, rng.random() < 0.5


def _costs(rng: Random) -> dict[str, Any]:
    return {
        "maker_fee": rng.choice([0.0, 0.0002, _log_uniform(rng, 1e-5, 0.01)]),
        "taker_fee": rng.choice([0.0, 0.0004, _log_uniform(rng, 1e-5, 0.02)]),
        "slippage": rng.choice([0.0, 0.0002, _log_uniform(rng, 1e-5, 0.02)]),
    }


def _size(rng: Random, bars: Sequence[Bar], fields: dict[str, Any]) -> dict[str, Any]:
    """From a grain of the account to more than its leverage allows, which is what leads to ruin."""
    capital = _log_uniform(rng, 100, 1_000_000)
    leverage = rng.choice([1.0, rng.uniform(0.1, 2), rng.uniform(2, 20), 20.0, 20.0])
    affordable = leverage * capital / bars[0].close
    order_qty = affordable * rng.choice([_log_uniform(rng, 0.001, 1), rng.uniform(0.9, 1.5)])
    step = rng.choice([0.0, 0.0, 0.0, 0.001, order_qty / rng.randint(1, 50)])
    # An order that the market never takes is refused before the run; what leverage leaves of a good one may still be too small.
    whole = floor(order_qty / step + 1e-9) * step if step else order_qty
    if not whole:
        step, whole = 0.0, order_qty
    return {
        "initial_capital": capital,
        "leverage": leverage,
        "order_qty": order_qty,
        "qty_step": step,
        "min_qty": whole * rng.uniform(0.1, 1.0) if rng.random() < 0.12 else 0.0,
        "participation_rate": _participation(rng, bars, order_qty) if fields["has_volume"] else rng.uniform(0.01, 1),
    }


def _participation(rng: Random, bars: Sequence[Bar], order_qty: float) -> float:
    """Mostly near the rate at which the cap just bites, else anything."""
    volume = sorted(bar.volume for bar in bars)[len(bars) // 2]
    if rng.random() < 0.7 and volume > 0:
        return min(1.0, max(1e-9, order_qty / volume * _log_uniform(rng, 0.02, 2)))
    return _log_uniform(rng, 1e-7, 1)


def _log_uniform(rng: Random, low: float, high: float) -> float:
    return exp(rng.uniform(log(low), log(high)))
