"""What OptimizationEngine leaves in its folder: the same bytes for equal searches, interrupted or not."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

import optimization.daily_returns
from backtest_engine import BatchSimulation
from config import ExecutionConfig, OptimizationConfig
from core.canonical_json import dumps
from core.errors import OptimizationError
from optimization import STAGES, OptimizationEngine, SearchProgress, read_ledger
from optimization.evaluation import SimulationTrials
from tests.optimization.market import CANDLES, CONFIG, FAST, complete, engine, random_candles


@pytest.fixture(scope="module")
def finished() -> OptimizationEngine:
    """Return an engine all of whose stages have run in memory."""
    optimizer = engine()
    optimizer.optimize_all()
    return optimizer


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.suffix != ".torn"}


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("uninterrupted")
    optimizer = engine(folder)
    optimizer.optimize_all()
    optimizer.save_results()
    return content(folder)


def test_files_are_named_by_stage(uninterrupted: dict[str, bytes]) -> None:
    ledgers = [f"{stage}.{name}" for stage in STAGES for name in ("daily_returns.parquet", "trials.log")]
    assert sorted(uninterrupted) == sorted([*ledgers, "optimization.json"])


@pytest.mark.parametrize("batches", [[1], [7], [8, 3], [15, 2, 1], [1, 1, 1, 1]])
def test_an_interrupted_optimization_ends_with_the_same_bytes(tmp_path: Path, batches: list[int], uninterrupted: dict[str, bytes]) -> None:
    for count in batches:
        heard: list[SearchProgress] = []

        def interrupt(progress: SearchProgress, heard: list[SearchProgress] = heard, count: int = count) -> None:
            heard.append(progress)
            if len(heard) == count:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            engine(tmp_path, interrupt).optimize_all()
    optimizer = engine(tmp_path)
    optimizer.optimize_all()
    optimizer.save_results()
    assert content(tmp_path) == uninterrupted


def test_an_optimization_interrupted_inside_a_simulation_ends_with_the_same_bytes(
    tmp_path: Path, uninterrupted: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    advance, calls = BatchSimulation.advance, [0]

    def interrupted(self: BatchSimulation, end: int, rows: NDArray[np.int64] | None = None) -> None:
        calls[0] += 1
        if calls[0] in (2, 8, 21):
            raise KeyboardInterrupt
        advance(self, end, rows)

    monkeypatch.setattr(BatchSimulation, "advance", interrupted)
    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            engine(tmp_path).optimize_all()
    optimizer = engine(tmp_path)
    optimizer.optimize_all()
    optimizer.save_results()
    assert content(tmp_path) == uninterrupted


def test_memory_and_ledger_give_the_same_results(finished: OptimizationEngine, uninterrupted: dict[str, bytes]) -> None:
    assert json.loads(uninterrupted["optimization.json"]) == json.loads(dumps(finished.summary().as_dict()))


def test_results_hold_no_machine_and_no_nan(uninterrupted: dict[str, bytes], tmp_path: Path) -> None:
    saved = json.loads(uninterrupted["optimization.json"])
    assert list(saved) == ["final_config", "stages"]
    for name, written in uninterrupted.items():
        assert str(tmp_path.parent).encode() not in written, name
        assert b"NaN" not in written or name.endswith(".parquet")


def test_a_users_strategy_leaves_the_same_bytes_wherever_its_file_lies(tmp_path: Path) -> None:
    source = Path(__file__).resolve().parents[2] / "strategies" / "hybrid_trend.py"
    written = []
    for place in ("here", "there"):
        (tmp_path / place).mkdir()
        own = tmp_path / place / "mine.py"
        own.write_bytes(source.read_bytes())
        optimizer = engine(tmp_path / place / "out", config=CONFIG.replace(name=str(own)))
        optimizer.optimize_stage_7_3()
        optimizer.save_results()
        written.append(content(tmp_path / place / "out"))
    assert written[0] == written[1]


@pytest.mark.parametrize(
    ("other", "name"),
    [
        ({"seed": 1}, "seed"),
        ({"candles": random_candles(seed=8)}, "candles"),
        ({"strategy_config": CONFIG.replace(max_chase_atr=2.0)}, "base.max_chase_atr"),
        ({"order_qty": 0.2}, "order_qty"),
        ({"execution": ExecutionConfig(taker_fee=0.001)}, "execution.taker_fee"),
        ({"opt_config": OptimizationConfig(profile="FAST", min_trades=6)}, "min_trades"),  # type: ignore[arg-type]
        ({"opt_config": OptimizationConfig(profile="FAST", min_trades=5, batch=4)}, "batch"),  # type: ignore[arg-type]
        ({"first_bar": 10}, "first_bar"),
        ({"window": 3}, "window"),
    ],
)
def test_the_ledger_of_another_search_is_refused(
    tmp_path: Path, other: dict[str, object], name: str, uninterrupted: dict[str, bytes]
) -> None:
    (tmp_path / "7.1.trials.log").write_bytes(uninterrupted["7.1.trials.log"])
    arguments: dict[str, object] = {"candles": CANDLES, "strategy_config": CONFIG, "opt_config": FAST, "ledger_folder": tmp_path}
    with pytest.raises(OptimizationError, match=rf"7\.1\.trials\.log holds the trials of another search: its {name} is"):
        OptimizationEngine(**(arguments | other)).optimize_stage_7_1()  # type: ignore[arg-type]


def test_daily_returns_compound_to_each_trials_result(
    uninterrupted: dict[str, bytes], finished: OptimizationEngine, tmp_path: Path
) -> None:
    path = tmp_path / "returns.parquet"
    path.write_bytes(uninterrupted["7.1.daily_returns.parquet"])
    frame = pl.read_parquet(path)
    assert frame.schema == {"trial": pl.Int32, "date": pl.Int64, "return": pl.Float64}
    assert frame.equals(finished.daily_returns("7.1"))
    valid = list(complete(finished.ledger("7.1")))
    assert frame["trial"].unique().sort().to_list() == [record.trial for record in valid]
    for record in valid:
        days = frame.filter(pl.col("trial") == record.trial)
        assert days["date"].to_list() == sorted(set((CANDLES.open_ms // 86_400_000 * 86_400_000).tolist()))
        assert 100_000.0 * float((1.0 + days["return"]).product()) == pytest.approx(record.metrics["final_equity"], rel=1e-12)


@pytest.mark.parametrize("first_bar", [0, 700])
def test_daily_returns_are_those_of_each_trial_by_itself(finished: OptimizationEngine, first_bar: int) -> None:
    order_qty, execution, rules, _, funding = finished._account
    trials = SimulationTrials(CANDLES, finished._bases["7.1"], order_qty, execution, rules, first_bar, funding)
    points = [record.params for record in complete(finished.ledger("7.1"))]
    days, together = trials.daily_returns(points)
    for point, returns in zip(points, together, strict=True):
        alone = trials.simulation(point).run().daily_returns()
        assert (alone[0].tolist(), alone[1].tolist()) == (days.tolist(), returns.tolist())
    assert trials.daily_returns([{}, {}])[1].shape == (2, len(days))


def test_the_files_ledger_reads_back(tmp_path: Path, uninterrupted: dict[str, bytes], finished: OptimizationEngine) -> None:
    (tmp_path / "x.log").write_bytes(uninterrupted["7.2.trials.log"])
    identity, records = read_ledger(tmp_path / "x.log")
    assert (identity["stage"], identity["seed"], identity["market"]) == ("7.2", 42, "LOCAL walk 1h")
    assert repr(records) == repr(finished.ledger("7.2"))


def test_daily_returns_of_very_many_trials_are_written_part_by_part(
    finished: OptimizationEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, path = finished.daily_returns("7.3"), tmp_path / "returns.parquet"
    days = whole["date"].n_unique()
    parts = (whole[first : first + 3 * days] for first in range(0, len(whole), 3 * days))
    optimization.daily_returns.write_daily_returns(parts, path)
    assert pl.read_parquet(path).equals(whole)
    monkeypatch.setattr(optimization.daily_returns, "PART", 3)
    trials = SimulationTrials(CANDLES, finished._bases["7.3"], *finished._account)
    assert optimization.daily_returns.daily_returns_of(finished.ledger("7.3"), trials).equals(whole)


def test_daily_returns_that_are_there_are_not_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = engine(tmp_path)
    first.optimize_stage_7_3()
    path = tmp_path / "7.3.daily_returns.parquet"
    whole = path.read_bytes()
    monkeypatch.setattr("optimization.engine.write_daily_returns", None)
    engine(tmp_path).optimize_stage_7_3()
    monkeypatch.undo()
    path.unlink()
    engine(tmp_path).optimize_stage_7_3()
    assert path.read_bytes() == whole
