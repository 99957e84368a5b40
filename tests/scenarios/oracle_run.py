"""Runs a scenario through the slow reference simulator."""

from dataclasses import replace

from tests.oracle.bars import Bar
from tests.oracle.settings import Settings
from tests.oracle.simulator import simulate
from tests.scenarios.checks import Outcome
from tests.scenarios.scenario import Scenario, Trade, Unfilled


def bars_of(scenario: Scenario) -> list[Bar]:
    """Return the scenario's rows as bars, with the quote volume where it has one."""
    bars = [
        Bar(open_ms, row.open, row.high, row.low, row.close, row.volume)
        for open_ms, row in zip(scenario.open_ms, scenario.rows, strict=True)
    ]
    if scenario.quote_volume is None:
        return bars
    return [replace(bar, quote_volume=quote) for bar, quote in zip(bars, scenario.quote_volume, strict=True)]


def run(scenario: Scenario) -> Outcome:
    """Return what the oracle makes of the scenario."""
    rows = scenario.rows
    fields = {"has_quote_volume": scenario.quote_volume is not None, **scenario.settings}
    result = simulate(
        bars_of(scenario),
        [row.signal for row in rows],
        [row.touch_level for row in rows],
        [row.atr for row in rows],
        Settings(**fields),  # type: ignore[arg-type]
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
    return Outcome(trades, unfilled, result.equity, result.ruined, result.final_cash)
