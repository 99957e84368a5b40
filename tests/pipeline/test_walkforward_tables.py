"""What the terminal says about the depth of a walk-forward, and that it is silent where a run has none."""

from typing import Any

from pipeline.tables import TableData
from pipeline.walkforward_tables import depth_tables
from tests.reporting.runs import walkforward, window


def deep(**changes: Any) -> dict[str, Any]:
    windows = [
        window(0) | {"profitable": True, "efficiency": 0.5, "rank_correlation": 0.25, "selection_skill": 1.5,
                     "selection_skill_net_pnl": 20.0, "trials_tested": 300, "trials_ranked": 290},
        window(1) | {"profitable": False, "efficiency": None, "rank_correlation": None, "selection_skill": None,
                     "selection_skill_net_pnl": None, "trials_tested": 0, "trials_ranked": 0},
    ]  # fmt: skip
    scenario = {
        "name": "costs_x1", "label": "costs as they are", "sentence": "The result itself.", "net_pnl": 1600.0, "kept": 1.0,
        "worst_net_pnl": 1600.0, "return_pct": 1.6, "sharpe_ratio": 0.97, "profit_factor": 1.49, "max_drawdown": -1.2, "total_trades": 79,
    }  # fmt: skip
    late = scenario | {"name": "late_entry", "label": "one bar late", "sentence": "Every signal is late.", "net_pnl": -10.0, "kept": None}
    regime = {"trend": "up", "volatility": "calm", "bars": 50, "share": 0.25, "trades": 4, "net_pnl": 100.0, "sharpe_ratio": None}
    early = regime | {"trend": None, "volatility": None, "share": 0.75}
    content = walkforward(windows) | {
        "efficiency": 0.5, "rank_correlation": 0.25, "rank_measure": "sharpe_ratio", "selection_skill": 1.5,
        "selection_skill_net_pnl": 20.0, "stress": [scenario, late], "regimes": [regime, early],
    }  # fmt: skip
    return content | changes


def tables(content: dict[str, Any]) -> dict[str, TableData]:
    return {table.title: table for table in depth_tables(content)}


def test_older_runs_have_no_such_tables() -> None:
    assert tables(walkforward()) == {}


def test_every_window_and_the_whole_have_a_row() -> None:
    rows = tables(deep())["What the windows' searches were worth"].rows
    assert rows[0] == ("0", "0.50", "0.25", "1.50", "20.00", "300", "yes")
    assert rows[1] == ("1", "n/a", "n/a", "n/a", "n/a", "0", "no")
    assert rows[2] == ("all", "0.50", "0.25", "1.50", "20.00", "300", "100% of scored")
    unscored = {"consistency": None, "stability": None, "overfitting": None, "confidence": None}
    assert tables(deep(scores=unscored))["What the windows' searches were worth"].rows[2][-1] == "n/a"


def test_stress_says_what_was_changed_and_what_is_left() -> None:
    table = tables(deep())["Stress of the chosen parameters"]
    assert table.rows[0][:2] == ("costs as they are", "1,600.00")
    assert table.rows[1] == ("one bar late", "-10.00", "0.97", "-1.20 %", "79", "n/a", "1,600.00")
    assert "One bar late: every signal is late." in table.note


def test_bars_without_a_regime_say_so() -> None:
    rows = tables(deep())["In which market it was earned"].rows
    assert rows == (("up, calm", "25%", "4", "100.00", "n/a"), ("too early to tell", "75%", "4", "100.00", "n/a"))
