"""Random cases of all rules of real markets: costs, margin, stops, sizes and detail bars, drawn on top of the plain random cases."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import exp, log
from random import Random
from typing import Any

from tests.oracle.bars import Bar
from tests.oracle.random_cases import random_case
from tests.oracle.settings import Settings


@dataclass(frozen=True)
class RulesCase:
    """One input for both simulators; ``detail`` is None where decisions and fills share their bars."""

    bars: list[Bar]
    detail: list[Bar] | None
    settings: Settings
    funding: list[tuple[int, float]]


def random_rules_case(seed: int, candles: Sequence[Bar]) -> RulesCase:
    """Return the case of ``seed``: the plain case of that seed with some of the other rules switched on."""
    plain = random_case(seed, candles)
    rng = Random(f"rules {seed}")
    fields: dict[str, Any] = {"bar_ms": 3_600_000}
    for draw in (_slip, _steps, _margin, _stops, _regime, _sizing):
        if rng.random() < 0.6:
            fields |= draw(rng, plain.bars, plain.settings)
    if not plain.settings.has_volume:
        fields.pop("slippage_impact", None)
    settings = replace(plain.settings, **fields)
    if settings.sizing == "risk" and settings.stop_type == "none":
        settings = replace(settings, stop_type="percent")
    funding, settings = _funding(rng, plain.bars, settings)
    if rng.random() < 0.35 and len(plain.bars) >= 8:
        return with_detail(rng, plain.bars, settings, funding)
    return RulesCase(plain.bars, None, settings, funding)


def _slip(rng: Random, _bars: Sequence[Bar], plain: Settings) -> dict[str, Any]:
    return {
        "slippage_range_share": rng.choice([0.0, rng.uniform(0, 0.5), 1.0]),
        "slippage_impact": rng.choice([0.0, _log_uniform(rng, 0.01, 10)]),
        "slippage_cap": max(plain.slippage, rng.choice([0.1, 0.02, 0.49])),
    }


def _steps(rng: Random, bars: Sequence[Bar], _plain: Settings) -> dict[str, Any]:
    price = bars[0].close
    return {
        # Steps as venues have them, coarse ones, and one that is no fraction of 1.
        "price_step": rng.choice([0.01, 0.1, 0.5, 5.0, 0.3, price * 0.001, price * 0.01]),
        "min_notional": rng.choice([0.0, 5.0, _log_uniform(rng, 1, 100_000)]),
    }


def _margin(rng: Random, bars: Sequence[Bar], plain: Settings) -> dict[str, Any]:
    """Mostly an account that uses all of its leverage, often without a stop that would come first."""
    leverage = rng.uniform(3, 30) if rng.random() < 0.7 else plain.leverage
    highest = min(0.95 / leverage, 0.9)
    fields: dict[str, Any] = {
        "leverage": leverage,
        "order_qty": plain.order_qty if leverage == plain.leverage else 2 * leverage * plain.initial_capital / bars[0].close,
        "maintenance_margin": highest * rng.choice([0.05, rng.random(), 1.0]),
        "liquidation_fee": rng.choice([0.0, 0.01, rng.uniform(0, 0.05)]),
    }
    return fields | ({"atr_sl_multiplier": 60.0, "trailing_sl_enabled": False} if rng.random() < 0.6 else {})


def _stops(rng: Random, _bars: Sequence[Bar], _plain: Settings) -> dict[str, Any]:
    return {
        "stop_type": rng.choice(["atr", "percent", "percent", "none"]),
        "target_type": rng.choice(["atr", "percent", "percent", "none"]),
        "stop_distance": _log_uniform(rng, 0.001, 0.3),
        "target_distance": _log_uniform(rng, 0.001, 0.3),
    }


def _regime(rng: Random, _bars: Sequence[Bar], _plain: Settings) -> dict[str, Any]:
    return {
        "regime_response": rng.choice([1.0, rng.uniform(-3, 3)]),
        "regime_lookback": rng.randint(2, 40),
        "regime_min_multiplier": rng.uniform(0.1, 1),
        "regime_max_multiplier": rng.uniform(1, 5),
    }


def _sizing(rng: Random, _bars: Sequence[Bar], _plain: Settings) -> dict[str, Any]:
    return {
        "sizing": rng.choice(["equity", "risk", "volatility", "kelly", "kelly"]),
        "equity_fraction": _log_uniform(rng, 0.01, 20),
        "risk_per_trade": _log_uniform(rng, 0.001, 0.3),
        "volatility_target": _log_uniform(rng, 0.05, 10),
        "kelly_fraction": rng.uniform(0.05, 1),
        "kelly_min_trades": rng.randint(2, 8),
    }


def _funding(rng: Random, bars: Sequence[Bar], settings: Settings) -> tuple[list[tuple[int, float]], Settings]:
    """None, a constant, rates of the data, or both (the data wins)."""
    kind = rng.random()
    constant: dict[str, Any] = {"funding_rate": rng.uniform(-0.003, 0.003), "funding_interval_hours": rng.choice([1, 4, 7, 8, 24])}
    changed = replace(settings, **constant) if kind > 0.4 else settings
    if kind < 0.7:
        return [], changed
    hours = range(bars[0].open_ms - 3_600_000, bars[-1].open_ms + 7_200_000, 4 * 3_600_000)
    return [(time + rng.choice((0, 1, 3_599_999)), rng.uniform(-0.003, 0.003)) for time in hours], changed


def random_detail_case(seed: int, candles: Sequence[Bar]) -> RulesCase:
    """Return the plain case of ``seed`` with its bars taken as detail bars, and funding in the data of every other one."""
    plain = random_case(seed, candles)
    rng = Random(f"detail {seed}")
    hours = range(plain.bars[0].open_ms, plain.bars[-1].open_ms, 4 * 3_600_000) if rng.random() < 0.5 else ()
    funding = [(time + rng.choice((0, 1, 3_599_999)), rng.uniform(-0.003, 0.003)) for time in hours]
    case = with_detail(rng, plain.bars, replace(plain.settings, bar_ms=3_600_000), funding)
    if case.detail is None or rng.random() < 0.5:
        return case
    # Detail bars that are missing though the decision bar knows what happened in them: its close, say. One of each stays.
    kept = {bar.open_ms // case.settings.bar_ms: bar.open_ms for bar in rng.sample(case.detail, len(case.detail))}
    thinned = [bar for bar in case.detail if bar.open_ms == kept[bar.open_ms // case.settings.bar_ms] or rng.random() < 0.8]
    return replace(case, detail=thinned)


def with_detail(rng: Random, bars: list[Bar], settings: Settings, funding: list[tuple[int, float]]) -> RulesCase:
    """Take the bars as detail bars, some lost, and put them together to decision bars."""
    n = rng.choice([2, 3, 4, 12])
    detail = [bar for bar in bars if rng.random() < 0.97] if rng.random() < 0.5 else list(bars)
    decision_ms = n * settings.bar_ms
    groups: dict[int, list[Bar]] = {}
    for bar in detail:
        groups.setdefault(bar.open_ms - bar.open_ms % decision_ms, []).append(bar)
    decisions = [_joined(open_ms, group) for open_ms, group in sorted(groups.items())]
    if not decisions:
        return RulesCase(bars, None, settings, funding)
    return RulesCase(decisions, detail, replace(settings, bar_ms=decision_ms, detail_bars=n), funding)


def _joined(open_ms: int, bars: list[Bar]) -> Bar:
    quotes = [bar.quote_volume for bar in bars]
    return Bar(
        open_ms,
        bars[0].open,
        max(bar.high for bar in bars),
        min(bar.low for bar in bars),
        bars[-1].close,
        sum(bar.volume for bar in bars),
        None if any(quote is None for quote in quotes) else sum(quote or 0.0 for quote in quotes),
    )


def _log_uniform(rng: Random, low: float, high: float) -> float:
    return exp(rng.uniform(log(low), log(high)))
