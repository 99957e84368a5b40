"""Scenarios through the engine."""

from backtest_engine import Simulation
from tests.backtest_engine.oracle_bridge import OracleSignals, simulation_of
from tests.oracle.bars import Bar
from tests.oracle.settings import Settings
from tests.scenarios.checks import Outcome
from tests.scenarios.oracle_run import bars_of, decision_bars_of, decision_rows, funding_of
from tests.scenarios.scenario import BAR_MS, Scenario, Trade, Unfilled


def settings_of(scenario: Scenario) -> Settings:
    """Return the scenario's settings as the oracle's, which the engine's are made from."""
    length = {"bar_ms": BAR_MS * scenario.detail_bars}
    fields = {"has_quote_volume": scenario.quote_volume is not None, **length, **scenario.settings}
    return Settings(**fields)  # type: ignore[arg-type]


def engine_of(scenario: Scenario) -> Simulation:
    """Return the engine at the scenario's first bar, with the scenario's signals."""
    decisions, detail = bars_and_detail_of(scenario)
    return simulation_of(decisions, settings_of(scenario), funding_of(scenario), signals_of(scenario), detail)


def signals_of(scenario: Scenario) -> OracleSignals:
    """Return what the strategy says in every decision bar."""
    rows = decision_rows(scenario)
    return [row.signal for row in rows], [row.touch_level for row in rows], [row.atr for row in rows]


def bars_and_detail_of(scenario: Scenario) -> tuple[list[Bar], list[Bar] | None]:
    """Return the decision bars and the finer ones under them, where the scenario has those."""
    bars = bars_of(scenario)
    return (bars, None) if scenario.detail_bars == 1 else (decision_bars_of(scenario), bars)


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
        Unfilled(e["kind"], e["reason"], bar[e["signal_time"]] // scenario.detail_bars, bar[e["end_time"]], e["filled_qty"])
        for e in result.entries.to_dicts()
    ]
    equity = result.equity["equity"].to_list()
    return Outcome(trades, unfilled, equity, result.metrics.ruined, result.metrics.final_equity, result.ambiguous_exits)
