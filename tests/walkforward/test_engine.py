"""WalkForwardEngine: windows studied one by one or in processes come to the same, byte for byte."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from config import ExecutionConfig, WalkForwardConfig
from core.candles import Candles
from core.canonical_json import dump_bytes
from core.errors import ConfigError, DataError
from reporting.schema import WALKFORWARD
from reporting.shapes import require_shape
from tests.walkforward.markets import NEVER, SEARCH, STRATEGY, WINDOWS, candles, four_hours
from walkforward import WalkForwardEngine, WalkForwardProgress, WalkForwardResult
from walkforward.study import study_window

pytestmark = pytest.mark.xdist_group("walkforward_engine")


@dataclass(frozen=True)
class Finished:
    result: WalkForwardResult
    folder: Path
    told: list[WalkForwardProgress]

    def files(self) -> dict[str, bytes]:
        return {path.relative_to(self.folder).as_posix(): path.read_bytes() for path in sorted(self.folder.rglob("*")) if path.is_file()}


def finish(folder: Path, workers: int) -> Finished:
    told = list[WalkForwardProgress]()
    engine = WalkForwardEngine(
        candles(50), STRATEGY, 1.0, wfa_config=WINDOWS, opt_config=SEARCH, ledger_folder=folder, workers=workers, on_progress=told.append
    )
    result = engine.run()
    engine.save_results(result)
    return Finished(result, folder, told)


@pytest.fixture(scope="module")
def inline(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    return finish(tmp_path_factory.mktemp("inline"), 1)


def test_any_number_of_workers_gives_the_same_bytes(inline: Finished, tmp_path: Path) -> None:
    pooled = finish(tmp_path, 2)
    assert pooled.files() == inline.files()
    assert {"walkforward.json", "oos_equity.parquet", "oos_trades.parquet", "window_00/7.1.trials.log"} <= set(pooled.files())
    assert [each.done for each in pooled.told if each.search is None] == [0, 1, 2, 3]


def test_detail_candles_go_to_every_worker_and_change_the_result(tmp_path: Path) -> None:
    fine = candles(50)
    decided = four_hours(fine)

    def finish_with(folder: Path, workers: int, detail: Candles | None) -> dict[str, bytes]:
        engine = WalkForwardEngine(
            decided, STRATEGY, 1.0, wfa_config=WINDOWS, opt_config=SEARCH, ledger_folder=folder, workers=workers, detail=detail,
            execution=ExecutionConfig(detail_timeframe=None if detail is None else "1h"),
        )  # fmt: skip
        result = engine.run()
        engine.save_results(result)
        assert result.stitched_metrics.total_trades > 0
        return Finished(result, folder, []).files()

    one, two = (finish_with(tmp_path / str(workers), workers, fine) for workers in (1, 2))
    assert one == two
    assert finish_with(tmp_path / "coarse", 1, None)["oos_trades.parquet"] != one["oos_trades.parquet"]


def test_running_again_over_its_ledgers_changes_nothing(inline: Finished) -> None:
    before = inline.files()
    assert finish(inline.folder, 1).files() == before


def test_whole_is_the_sum_of_its_windows(inline: Finished) -> None:
    result = inline.result
    assert len(result.windows) == 3
    assert result.stitched_metrics.net_pnl == pytest.approx(sum(each.chosen.metrics.net_pnl for each in result.windows))
    assert result.stitched_equity["equity"][-1] == pytest.approx(100_000 + result.stitched_trades["net_pnl"].sum())
    assert result.doubled_costs_net_pnl < result.stitched_metrics.net_pnl
    assert result.median_stitched is not None


def test_scores_are_those_of_the_scored_windows(inline: Finished) -> None:
    result = inline.result
    scored = [each for each in result.windows if each.scored]
    assert result.scored_windows == len(scored) > 0
    assert result.consistency_score == sum(each.chosen.metrics.net_pnl > 0 for each in scored) / len(scored)
    assert set(result.drift) == set(result.windows[0].chosen.params)
    assert result.drift["ema_fast"].base == STRATEGY.ema_fast
    assert 0 <= result.stability_score <= 1
    assert result.overfitting_indicator >= 0 or math.isnan(result.overfitting_indicator)
    assert 0 <= result.confidence_score <= 1 or math.isnan(result.confidence_score)


def test_saved_files_hold_the_result(inline: Finished) -> None:
    content = json.loads((inline.folder / "walkforward.json").read_bytes())
    assert content == json.loads(dump_bytes(inline.result.as_dict()))
    assert set(content) == {
        "windows", "scores", "stitched", "median_stitched", "doubled_costs", "drift", "oos_trades", "scored_windows", "efficiency",
        "rank_correlation", "rank_measure", "selection_skill", "selection_skill_net_pnl", "stress", "regimes", "paths",
        "stitched_path",
    }  # fmt: skip
    assert {"index", "is_start_ms", "scored", "reason", "params", "median_trial", "oos_metrics"} <= set(content["windows"][0])
    require_shape(content, WALKFORWARD, inline.folder / "walkforward.json")
    equity = pl.read_parquet(inline.folder / "oos_equity.parquet")
    assert equity.columns == ["time", "equity", "drawdown_pct", "window"]
    assert pl.read_parquet(inline.folder / "oos_trades.parquet").height == content["oos_trades"]


def test_progress_tells_windows_and_the_search_inside(inline: Finished) -> None:
    windows = [each.done for each in inline.told if each.search is None]
    searches = [each for each in inline.told if each.search is not None]
    assert windows == [0, 1, 2, 3]
    assert all(each.search is not None and each.search.window == each.done for each in searches)
    assert {each.search.stage for each in searches if each.search is not None} == {"7.1", "7.2", "7.3"}


def test_run_without_trades_has_no_scores_and_no_error() -> None:
    result = WalkForwardEngine(candles(), NEVER, wfa_config=WINDOWS, opt_config=SEARCH).run()
    assert result.scored_windows == 0
    assert len(result.stitched_trades) == 0
    assert math.isnan(result.confidence_score)
    assert result.median_stitched is None
    assert result.as_dict()["scores"] == {"consistency": None, "stability": None, "overfitting": None, "confidence": None}


def test_ledger_of_each_window_has_its_own_seeds(inline: Finished) -> None:
    first, second = (inline.files()[f"window_0{k}/7.1.trials.log"] for k in (0, 1))
    assert first.splitlines()[2] != second.splitlines()[2]


def test_saving_without_a_folder_goes_to_the_results(tmp_path: Path) -> None:
    engine = WalkForwardEngine(candles(), NEVER, wfa_config=WINDOWS, opt_config=SEARCH, execution=ExecutionConfig(initial_capital=1000))
    folder = engine.save_results(engine.run())
    assert folder == tmp_path / "data" / "results" / "walkforward" / "test_wave_1h"
    assert (folder / "walkforward.json").is_file()


def test_wrong_input_is_refused_before_any_work() -> None:
    with pytest.raises(ConfigError, match="workers = 0"):
        WalkForwardEngine(candles(), workers=0)
    with pytest.raises(DataError, match="at least 80 days"):
        WalkForwardEngine(candles(10), STRATEGY, 1.0, None, None, None, WalkForwardConfig()).run()


def test_combinatorial_windows_make_paths_and_the_middle_one_is_stitched(tmp_path: Path) -> None:
    settings = WINDOWS.replace(scheme="combinatorial", groups=4, tested_groups=2, embargo_bars=4)
    engine = WalkForwardEngine(candles(40), STRATEGY, 1.0, wfa_config=settings, opt_config=SEARCH.replace(trials=6), ledger_folder=tmp_path)
    result = engine.run()
    content = result.as_dict()
    require_shape(content, WALKFORWARD, tmp_path)
    assert len(result.windows) == 12
    assert [path["path"] for path in content["paths"]] == [0, 1, 2]
    ranked = sorted(path["net_pnl"] for path in content["paths"])
    stitched = next(path for path in content["paths"] if path["path"] == content["stitched_path"])
    assert stitched["net_pnl"] == ranked[1] == content["stitched"]["net_pnl"] == content["stress"][0]["net_pnl"]
    assert result.stitched_equity["time"].to_list() == candles(40).open_ms.tolist()
    mine = [each for each in content["windows"] if each["path"] == content["stitched_path"]]
    assert set(result.stitched_equity["window"]) == {each["index"] for each in mine}
    assert content["doubled_costs"]["net_pnl"] == sum(each["doubled_costs_net_pnl"] for each in mine)
    assert sum(each["net_pnl"] for each in content["regimes"]) == pytest.approx(stitched["net_pnl"])
    assert len({path.parent.name for path in tmp_path.rglob("*.trials.log")}) == 12


def without(market: Candles, stretches: Sequence[tuple[int, int]]) -> Candles:
    """Return ``market`` with other prices and volumes in ``stretches`` of time."""
    columns = {name: getattr(market, name).copy() for name in ("open", "high", "low", "close", "volume")}
    for start, end in stretches:
        for values in columns.values():
            values[market.index_of(start) : market.index_of(end)] *= 3.7
    return Candles.from_arrays(market.market, {"timestamp": market.open_ms, **columns})


def test_a_combinatorial_search_does_not_see_the_days_that_it_leaves_out(tmp_path: Path) -> None:
    settings = WINDOWS.replace(scheme="combinatorial", groups=4, tested_groups=2)
    engine = WalkForwardEngine(candles(40), STRATEGY, 1.0, wfa_config=settings, opt_config=SEARCH.replace(trials=6))
    window = engine.generate_windows()[4]
    tested, later = window.left_out_ms
    assert tested == (window.oos_start_ms, window.oos_end_ms)
    markets = {"clean": candles(40), "all": without(candles(40), window.left_out_ms), "later": without(candles(40), [later])}
    found = {name: study_window(market, window, engine.settings, folder=tmp_path / name) for name, market in markets.items()}
    ledgers = [{path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in markets]
    assert ledgers[0] == ledgers[1] == ledgers[2]
    assert found["clean"].chosen.params == found["all"].chosen.params
    assert found["clean"].is_metrics == found["all"].is_metrics
    assert found["clean"].chosen.metrics != found["all"].chosen.metrics
    # what is left out later changes neither the test nor what is said of all trials
    assert repr(found["clean"].as_dict()) == repr(found["later"].as_dict())
