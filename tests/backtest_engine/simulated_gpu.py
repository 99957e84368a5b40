"""Laws of the GPU twin, checked in numba's CUDA simulator: run by ``test_gpu.py`` in a process of its own.

Usage: NUMBA_ENABLE_CUDASIM=1 python -m tests.backtest_engine.simulated_gpu FOLDER

numba reads the variable when it is imported. Prints a JSON object: each law's name -> "" or what went wrong.
"""

import json
import logging
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from backtest_engine import BatchSimulation
from backtest_engine.gpu import Gpu, GpuBatch, find_gpu
from backtest_engine.gpu.memory import HostMemory
from backtest_engine.records import RULES_DTYPE, STATE_DTYPE
from backtest_engine.score_records import SCORE_DTYPE
from config import OptimizationConfig, SizingMethod, StrategyConfig
from core.canonical_json import dumps
from core.errors import BacktestError, OptimizationError
from core.market import MarketRules
from optimization import OptimizationEngine
from tests.backtest_engine.finer import FINE, two_timeframes
from tests.backtest_engine.markets import BUSY
from tests.backtest_engine.test_batch import ACCOUNT, CANDLES, OWN, RATES, RULES, rows_of

Law = Callable[[Path], None]


def device() -> Gpu:
    found = find_gpu()
    assert isinstance(found, Gpu), found
    return found


class SmallMemory(HostMemory):
    """Refuses single arrays, or all of what is uploaded together, beyond ``most_bytes``."""

    def __init__(self, most_bytes: int, *, told: bool) -> None:
        self._most, self._told, self.refused = most_bytes, told, 0

    def free_bytes(self) -> int:
        return self._most if self._told else super().free_bytes()

    def put(self, array: NDArray[Any]) -> NDArray[Any]:
        if array.nbytes > self._most:
            self.refused += 1
            raise MemoryError
        return super().put(array)


def pair(base: StrategyConfig, values: Any, *options: Any, gpu: Gpu | None = None) -> tuple[BatchSimulation, GpuBatch]:
    arguments = (CANDLES, base, values, 2.0, ACCOUNT, RULES, *options)
    return BatchSimulation(*arguments), GpuBatch(gpu or device(), *arguments)


def assert_same(cpu: BatchSimulation, gpu: GpuBatch) -> None:
    """Compare accounts, scores and figures, all of their bits."""
    assert cpu._states.tobytes() == gpu._states.tobytes()
    assert cpu._scores.tobytes() == gpu._scores.tobytes()
    assert cpu.figures().tobytes() == gpu.figures().tobytes()


def plain_strategy(_: Path) -> None:
    cpu, gpu = pair(
        StrategyConfig(ema_fast=10, ema_slow=20, ema_trend=60, rsi_long_threshold=50, rsi_short_threshold=50),
        {"atr_sl_multiplier": np.linspace(0.5, 4.0, 7)},
    )
    for batch in (cpu, gpu):
        batch.advance(batch.bars)
    assert cpu.figures()["total_trades"].sum() > 10
    assert_same(cpu, gpu)


def sweep_by_levels(_: Path) -> None:
    for first_bar, funding in ((0, None), (57, RATES)):
        cpu, gpu = pair(BUSY, rows_of(3, 9), first_bar, funding)
        for end in (1, 211, 430, cpu.bars):
            for batch in (cpu, gpu):
                batch.advance(end)
            assert_same(cpu, gpu)
        assert cpu.figures()["total_trades"].min() > 10


def one_side(_: Path) -> None:
    for sides in ({"allow_long": False}, {"allow_short": False}, {"enable_hybrid_engine": False}):
        cpu, gpu = pair(BUSY.replace(**sides), rows_of(5, 3))
        for batch in (cpu, gpu):
            batch.advance(batch.bars)
        assert_same(cpu, gpu)


def rules_of_real_markets(_: Path) -> None:
    base = BUSY.replace(stop_type="percent", target_type="none", regime_response=0.5, regime_lookback=20)
    market = MarketRules(qty_step=0.01, min_qty=0.02, min_notional=1.0, price_step=0.05)
    for sizing in SizingMethod:
        account = ACCOUNT.replace(
            leverage=20.0, maintenance_margin=0.02, slippage_range_share=0.05, slippage_impact=0.1, sizing=sizing, kelly_min_trades=5,
            equity_fraction=15.0,
        )  # fmt: skip
        arguments = (CANDLES, base, rows_of(4, 6), 2.0, account, market, 40, RATES)
        cpu, gpu = BatchSimulation(*arguments), GpuBatch(device(), *arguments)
        for batch in (cpu, gpu):
            batch.advance(batch.bars)
        assert_same(cpu, gpu)
        assert cpu.figures()["total_trades"].sum() > 20


def finer_bars(_: Path) -> None:
    candles, detail = two_timeframes(250, seed=3, lost_share=0.1)
    arguments = (candles, BUSY, rows_of(7, 5), 2.0, FINE, RULES, 20)
    cpu, gpu = BatchSimulation(*arguments, detail=detail), GpuBatch(device(), *arguments, detail=detail)
    for end in (77, cpu.bars):
        for batch in (cpu, gpu):
            batch.advance(end)
        assert_same(cpu, gpu)
    assert cpu.figures()["total_trades"].sum() > 20


def some_rows_further(_: Path) -> None:
    cpu, gpu = pair(BUSY, rows_of(2, 6))
    for batch in (cpu, gpu):
        batch.advance(300)
        batch.advance(500, np.array([4, 1]))
        batch.advance(batch.bars, np.array([4]))
    assert cpu._states.tobytes() == gpu._states.tobytes()
    assert cpu._done.tolist() == gpu._done.tolist() == [300, 500, 300, 300, 700, 300]


def own_strategy(folder: Path) -> None:
    (folder / "own.py").write_text(OWN)
    base = BUSY.replace(name=str(folder / "own.py"))
    cpu, gpu = pair(base, {"every": np.array([3, 7, 7, 20]), "atr_sl_multiplier": np.array([1.0, 2.0, 0.5, 1.5])}, 30)
    for batch in (cpu, gpu):
        batch.advance(batch.bars)
    assert_same(cpu, gpu)


def equal_parameters_share_signals(_: Path) -> None:
    values = {"ema_fast": np.array([3, 4, 3, 3, 4]), "hybrid_tier1_timeout": np.arange(5)}
    cpu, gpu = pair(BUSY, values)
    made = gpu._signals(np.arange(5))
    assert made.places.tolist() == [0, 1, 0, 0, 1]
    assert len(made.table.offsets) == 3
    for batch in (cpu, gpu):
        batch.advance(batch.bars)
    assert_same(cpu, gpu)


def many_chunks(_: Path) -> None:
    cpu, gpu = pair(BUSY, rows_of(6, 23))
    gpu._most_rows = 2
    for batch in (cpu, gpu):
        batch.advance(batch.bars)
    assert_same(cpu, gpu)


def full_memory_halves_the_chunk(_: Path) -> None:
    values = {"atr_sl_multiplier": np.linspace(0.5, 5.0, 120)}
    records = sum(dtype.itemsize for dtype in (RULES_DTYPE, STATE_DTYPE, SCORE_DTYPE))
    # by what the device says to be free: less than the records of 120 rows; by what it refuses: less than their states
    for told, most_bytes in ((True, 70 * records), (False, 70 * STATE_DTYPE.itemsize)):
        lines = Lines()
        logging.getLogger("backtest_engine.gpu.batch").addHandler(lines)
        memory = SmallMemory(most_bytes, told=told)
        cpu, gpu = pair(BUSY, values, gpu=Gpu("small", memory))
        for batch in (cpu, gpu):
            batch.advance(batch.bars)
        assert_same(cpu, gpu)
        assert gpu._most_rows < 120
        assert lines.said[0] == "small: no memory for 120 runs at once; going on with 60", lines.said
        assert told or memory.refused == len(lines.said)


def memory_for_nothing_is_told(_: Path) -> None:
    gpu = pair(BUSY, rows_of(3, 4), gpu=Gpu("tiny", SmallMemory(1_000, told=False)))[1]
    before = gpu._states.tobytes()
    with pytest.raises(BacktestError, match="the memory of tiny does not hold one run over 700 bars"):
        gpu.advance(100)
    assert gpu._states.tobytes() == before


def search_of(gpu: str, folder: Path | None = None) -> OptimizationEngine:
    config = OptimizationConfig(profile="FAST", optuna_sampler="random", batch=16, min_trades=3, gpu=gpu)  # type: ignore[arg-type]
    return OptimizationEngine(CANDLES, BUSY, 2.0, opt_config=config, execution=ACCOUNT, rules=RULES, ledger_folder=folder)


def a_search_drops_trials_and_changes_none(_: Path) -> None:
    cpu, gpu = search_of("off"), search_of("on")
    for engine in (cpu, gpu):
        engine.optimize_stage_7_1()
    assert gpu.summary().stages["7.1"]["best_params"] == cpu.summary().stages["7.1"]["best_params"]
    screened = 0
    for ours, theirs in zip(cpu.ledger("7.1"), gpu.ledger("7.1"), strict=True):
        expected = ours.as_dict()
        found = theirs.as_dict()
        if expected["state"] == "pruned" or theirs.state == "screened":
            assert theirs.fidelity < 3
            assert theirs.state == "screened"
            expected["state"] = "screened"
            screened += 1
        screen = found.pop("screen", [])
        assert screen == expected["scores"][: len(screen)]
        assert dumps(found) == dumps(expected)
    assert screened > 20
    result = gpu.summary().stages["7.1"]["screening"]
    assert (result["device"], result["screened"], result["largest_drift"]) == ("gpu", screened, 0.0)
    assert result["equal"] == result["compared"] > 10
    assert "screening" not in cpu.summary().stages["7.1"]


def a_ledger_belongs_to_one_kind_of_run(folder: Path) -> None:
    search_of("on", folder).optimize_stage_7_1()
    before = (folder / "7.1.trials.log").read_bytes()
    again = search_of("on", folder)
    again.optimize_stage_7_1()
    assert (folder / "7.1.trials.log").read_bytes() == before
    with pytest.raises(OptimizationError, match="its device is gpu, this one's is cpu"):
        search_of("off", folder).optimize_stage_7_1()


class Lines(logging.Handler):
    """Keeps what is logged."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())


LAWS: tuple[Law, ...] = (
    plain_strategy,
    sweep_by_levels,
    one_side,
    rules_of_real_markets,
    finer_bars,
    some_rows_further,
    own_strategy,
    equal_parameters_share_signals,
    many_chunks,
    full_memory_halves_the_chunk,
    memory_for_nothing_is_told,
    a_search_drops_trials_and_changes_none,
    a_ledger_belongs_to_one_kind_of_run,
)


def outcome(law: Law, folder: Path) -> str:
    """Return how ``law`` was broken, "" if it was not."""
    folder.mkdir()
    try:
        law(folder)
    except Exception:  # noqa: BLE001 - whatever it is, the test that asked shows it
        return traceback.format_exc()
    return ""


def main() -> None:
    """Check all laws."""
    folder = Path(sys.argv[1])
    json.dump({law.__name__: outcome(law, folder / law.__name__) for law in LAWS}, sys.stdout)


if __name__ == "__main__":
    main()
