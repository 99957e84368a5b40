"""Runs a scenario through the slow reference simulator."""

from dataclasses import replace

from tests.oracle.bars import Bar
from tests.oracle.settings import Settings
from tests.oracle.simulator import simulate
from tests.scenarios.checks import Outcome
from tests.scenarios.scenario import BAR_MS, FIRST_OPEN_MS, Row, Scenario, Trade, Unfilled


def bars_of(scenario: Scenario) -> list[Bar]:
    """Return the scenario's rows as bars, with the quote volume where it has one."""
    bars = [
        Bar(open_ms, row.open, row.high, row.low, row.close, row.volume)
        for open_ms, row in zip(scenario.open_ms, scenario.rows, strict=True)
    ]
    if scenario.quote_volume is None:
        return bars
    return [replace(bar, quote_volume=quote) for bar, quote in zip(bars, scenario.quote_volume, strict=True)]


def decision_rows(scenario: Scenario) -> list[Row]:
    """Return the last row of every decision bar, in which the strategy speaks."""
    return scenario.rows[scenario.detail_bars - 1 :: scenario.detail_bars]


def decision_bars_of(scenario: Scenario) -> list[Bar]:
    """Return the decision bars, each made of its detail bars."""
    bars, n = bars_of(scenario), scenario.detail_bars
    return [_joined(bars[start : start + n]) for start in range(0, len(bars), n)]


def _joined(bars: list[Bar]) -> Bar:
    high, low, volume = max(bar.high for bar in bars), min(bar.low for bar in bars), sum(bar.volume for bar in bars)
    return Bar(bars[0].open_ms, bars[0].open, high, low, bars[-1].close, volume)


def funding_of(scenario: Scenario) -> list[tuple[int, float]]:
    """Return the rates of the data with their times."""
    return [(FIRST_OPEN_MS + round(time * BAR_MS), rate) for time, rate in scenario.funding]


def run(scenario: Scenario) -> Outcome:
    """Return what the oracle makes of the scenario."""
    rows = decision_rows(scenario)
    length = {"bar_ms": BAR_MS * scenario.detail_bars}
    fields = {"has_quote_volume": scenario.quote_volume is not None, **length, **scenario.settings}
    bars = bars_of(scenario)
    result = simulate(
        bars if scenario.detail_bars == 1 else decision_bars_of(scenario),
        [row.signal for row in rows],
        [row.touch_level for row in rows],
        [row.atr for row in rows],
        Settings(**fields),  # type: ignore[arg-type]
        funding_of(scenario),
        None if scenario.detail_bars == 1 else bars,
    )
    bar = {open_ms: t for t, open_ms in enumerate(scenario.open_ms)}
    trades = [
        Trade(
            t.direction,
            bar[t.entry_time],
            t.avg_entry,
            t.entry_tier,
            bar[t.exit_time],
            t.exit_price,
            t.exit_reason,
            qty=t.qty,
            net=t.net_pnl,
        )
        for t in result.trades
    ]
    unfilled = [Unfilled(e.kind, e.reason, e.signal_bar, e.bar, e.filled_qty) for e in result.events]
    return Outcome(trades, unfilled, result.equity, result.ruined, result.final_cash, result.ambiguous_exits)
