"""Stress, regimes and the depth of windows on the page; a run of before there was such a thing has none."""

from pathlib import Path
from typing import Any

from reporting.publish import publish_report
from reporting.robustness_view import REGIME_COLUMNS, STRESS_COLUMNS, depth_columns, depth_scores, path_rows, regime_rows, stress_rows
from tests.reporting.runs import SLUG, walkforward, window, write_run

STRESS = [
    {
        "name": "costs_x2", "label": "costs x2", "sentence": "Dearer.", "net_pnl": 50.0, "kept": 0.333, "worst_net_pnl": 40.0,
        "return_pct": 0.05, "sharpe_ratio": 0.8, "profit_factor": None, "max_drawdown": -2.5, "total_trades": 36,
    }
]  # fmt: skip
REGIMES = [
    {"trend": "up", "volatility": "calm", "bars": 1_440, "share": 0.6, "trades": 20, "net_pnl": 150.0, "sharpe_ratio": 1.5},
    {"trend": None, "volatility": None, "bars": 960, "share": 0.4, "trades": 16, "net_pnl": -10.0, "sharpe_ratio": None},
]
PATHS = [{"path": 0, "net_pnl": -20.0, "sharpe_ratio": -0.1, "max_drawdown": -3.0, "total_trades": 30}]
DEPTH = {"efficiency": 0.45, "rank_correlation": 0.12, "selection_skill": 0.3, "selection_skill_net_pnl": 12.5}


def deep() -> dict[str, Any]:
    windows = [window(place) | DEPTH | {"trials_tested": 41} for place in range(3)]
    return walkforward(windows, stress=STRESS, regimes=REGIMES, paths=PATHS, stitched_path=0, **DEPTH)


def test_every_column_of_stress_and_regimes_is_told() -> None:
    (row,) = stress_rows(deep())
    assert row["cells"] == ["50.00", "33 %", "40.00", "0.05 %", "0.80", "n/a", "-2.50 %", "36"]
    assert len(row["cells"]) == len(STRESS_COLUMNS)
    known, unknown = regime_rows(deep())
    assert (known["label"], known["cells"]) == ("up, calm", ["1,440", "60 %", "20", "150.00", "1.50"])
    assert (unknown["label"], unknown["cells"][-1]) == ("not known yet", "n/a")
    assert len(known["cells"]) == len(REGIME_COLUMNS)


def test_every_path_of_combinatorial_windows_is_told() -> None:
    assert path_rows(deep()) == [{"label": "0 (used)", "cells": ["-20.00", "-0.10", "-3.00 %", "30"]}]
    assert path_rows(walkforward(paths=None)) == path_rows(walkforward()) == []


def test_depth_stands_beside_the_windows_and_the_scores() -> None:
    assert [head for head, _ in depth_columns(deep())][:2] == ["Efficiency", "Rank correlation"]
    assert [text for _, text, _ in depth_scores(deep())] == ["45 %", "0.12", "0.30", "12.50"]


def test_page_and_tables_hold_them(tmp_path: Path) -> None:
    run = write_run(tmp_path, **deep())
    publish_report(run)
    html = (run.exports / "report.html").read_text(encoding="utf8")
    for text in (
        "<h3>Stress</h3>",
        "costs x2",
        "<h3>Regimes</h3>",
        "<h3>Paths</h3>",
        "up, calm",
        "not known yet",
        "<td>41</td>",
        "Rank correlation",
    ):
        assert text in html
    assert (run.exports / f"stress_{SLUG}.csv").read_text(encoding="utf8").splitlines()[1].startswith("costs_x2,50.0,0.333,40.0,")
    assert (run.exports / f"regimes_{SLUG}.csv").read_text(encoding="utf8").splitlines()[2] == ",,960,0.4,16,-10.0,"


def test_an_older_run_has_none_and_stays_readable(tmp_path: Path) -> None:
    assert (stress_rows(walkforward()), regime_rows(walkforward()), depth_columns(walkforward())) == ([], [], [])
    run = write_run(tmp_path)
    publish_report(run)
    html = (run.exports / "report.html").read_text(encoding="utf8")
    assert "<h3>Stress</h3>" not in html
    assert "Rank correlation" not in html
    assert not (run.exports / f"stress_{SLUG}.csv").exists()
