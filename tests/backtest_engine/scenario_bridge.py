"""Scenarios through the engine."""

from backtest_engine import Simulation
from tests.backtest_engine.oracle_bridge import simulation_of
from tests.oracle.settings import Settings
from tests.scenarios.checks import Outcome
from tests.scenarios.oracle_run import bars_of, funding_of
from tests.scenarios.scenario import Scenario, Trade, Unfilled


def settings_of(scenario: Scenario) -> Settings:
    """Return the scenario's settings as the oracle's, which the engine's are made from."""
    fields = {"has_quote_volume": scenario.quote_volume is not None, **scenario.settings}
    return Settings(**fields)  # type: ignore[arg-type]


def engine_of(scenario: Scenario) -> Simulation:
    """Return the engine at the scenario's first bar, with the scenario's signals."""
    rows = scenario.rows
    signals = ([row.signal for row in rows], [row.touch_level for row in rows], [row.atr for row in rows])
    return simulation_of(bars_of(scenario), settings_of(scenario), funding_of(scenario), signals)


def run_through_engine(scenario: Scenario) -> Outcome:
    """Return what the engine makes of the scenario."""
    result = engine_of(scenario).run()
    bar = {open_ms: t for t, open_ms in enumerate(scenario.open_ms)}
    trades = [
        Trade(
            t["direction"],
            bar[t["entry_time"]],
            t["avg_entry"],
            t["entry_tier"],
            bar[t["exit_time"]],
            t["exit_price"],
            t["exit_reason"],
            qty=t["qty"],
            net=t["net_pnl"],
        )
        for t in result.trades.to_dicts()
    ]
    unfilled = [
        Unfilled(e["kind"], e["reason"], bar[e["signal_time"]], bar[e["end_time"]], e["filled_qty"]) for e in result.entries.to_dicts()
    ]
    equity = result.equity["equity"].to_list()
    return Outcome(trades, unfilled, equity, result.metrics.ruined, result.metrics.final_equity, result.ambiguous_exits)
