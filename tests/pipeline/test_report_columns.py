"""What a whole run keeps of every column of the report, and that its figures are those of the engine where both know them."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from core.paths import Paths
from core.run_folder import RunFolder
from reporting.checkpoints import BEST
from tests.pipeline.conftest import only_run

pytestmark = pytest.mark.xdist_group("finished run")

SLUG = "simulated_btcusdt_1h"


@pytest.fixture
def run(finished_root: Path) -> RunFolder:
    return RunFolder(Paths.under(finished_root), only_run(finished_root / "data"))


def content(run: RunFolder, name: str) -> Any:
    return json.loads((run.results / f"{name}.json").read_bytes())["markets"][SLUG]


def test_tables_of_every_search_stage_are_those_of_its_winner(run: RunFolder) -> None:
    stages = content(run, "optimization")["stages"]
    assert list(BEST) == sorted(stages)
    for stage, start in BEST.items():
        folder = run.checkpoints / "07_optimize" / SLUG
        trades, equity = (pl.read_parquet(folder / f"{start}{name}.parquet") for name in ("trades", "equity"))
        assert len(trades) == stages[stage]["metrics"]["total_trades"]
        assert float(equity["equity"][-1]) == pytest.approx(stages[stage]["metrics"]["final_equity"], rel=1e-12)
        assert float(equity["drawdown_pct"].to_numpy().min()) == pytest.approx(stages[stage]["metrics"]["max_drawdown"], rel=1e-9)


def test_figures_of_the_report_agree_with_the_engines(run: RunFolder) -> None:
    rows = {row["metric"]: row["values"] for row in content(run, "report")["comparison"]["rows"]}
    for place, column in enumerate(content(run, "report")["comparison"]["columns"]):
        found = content(run, "performance")["columns"][column]
        engine = {metric: values[place] for metric, values in rows.items()}
        assert found["drawdowns"][0]["depth"] == pytest.approx(engine["max_drawdown"], rel=1e-9)
        assert found["figures"]["benchmark_return"] + found["figures"]["excess_return"] == pytest.approx(engine["return_pct"], abs=1e-9)
        if engine["payoff_ratio"] is not None:
            assert engine["payoff_ratio"] == pytest.approx(engine["average_win"] / -engine["average_loss"], rel=1e-9)
        for split in found["splits"].values():
            assert sum(row["trades"] for row in split) == engine["total_trades"]
            assert sum(row["net_pnl"] for row in split) == pytest.approx(engine["total_trades"] * (engine["expectancy"] or 0.0), abs=1e-6)


def test_every_column_of_a_new_run_has_its_performance(run: RunFolder) -> None:
    performance = content(run, "performance")
    assert performance["missing"] == {}
    assert len(performance["columns"]) == 5
    exports = {path.name for path in run.exports.iterdir()}
    assert {f"{name}_{SLUG}.csv" for name in ("drawdowns", "months", "splits")} | {"gates.csv", "comparison.csv"} <= exports
