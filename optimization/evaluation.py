"""Trials on real candles: batches of runs over shared indicator columns, advanced from level to level."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from backtest_engine import BatchSimulation, Metrics, Simulation
from backtest_engine.gpu import Gpu, GpuBatch
from backtest_engine.metrics import day_ends, returns_from
from config import ExecutionConfig, StrategyConfig
from core.candles import Candles
from core.funding import FundingRates
from core.market import MarketRules
from optimization.fidelity import Outcome
from optimization.objectives.blocks import BlockRuns, BlockSimulation, Cut
from strategies import Columns, ParamValues, get_strategy, resolve_params, with_params

# A batch of so many bars takes about 0.1 s on one core; smaller ones gain nothing from a second.
BARS_WORTH_THREADS = 3_000_000


class SimulationTrials:
    """Starts trials of one series: ``config`` with a trial's parameters laid over it, everything else the same.

    ``first_bar``: the bars before it only warm indicators up. ``detail``: the finer candles on which orders fill; bars are counted in
    those of ``candles`` all the same. ``cut``: the lower quartiles over time blocks that the outcomes have beside the metrics.
    ``threads``: the kernel's, for batches that are large enough for more than one. Raises what the simulation of ``config`` itself would
    raise.
    """

    def __init__(
        self,
        candles: Candles,
        config: StrategyConfig,
        order_qty: float,
        execution: ExecutionConfig,
        rules: MarketRules,
        first_bar: int = 0,
        funding: FundingRates | None = None,
        *,
        detail: Candles | None = None,
        cut: Cut | None = None,
        threads: int = 1,
    ) -> None:
        self._candles, self._config, self._detail, self._cut = candles, config, detail, cut
        self._threads = threads
        self._arguments = (order_qty, execution, rules, first_bar, funding)
        self._columns = Columns(candles)
        self._bars = self.simulation({}).bars
        if cut is not None:
            cut.borders(self._bars)  # too many blocks are refused here, not trial by trial

    @property
    def bars(self) -> int:
        """The number of bars at full fidelity."""
        return self._bars

    def simulation(self, params: ParamValues) -> Simulation:
        """Return the simulation of ``params`` before its first bar."""
        return Simulation(self._candles, with_params(self._config, params), *self._arguments, detail=self._detail)

    def batch(self, points: Sequence[ParamValues]) -> BatchSimulation:
        """Return the simulations of ``points``, which all have the same names, before their first bar."""
        columns, threads = _columns_of(points), self._threads_for(len(points))
        return BatchSimulation(
            self._candles, self._config, columns, *self._arguments, detail=self._detail, columns=self._columns, threads=threads
        )

    def _threads_for(self, rows: int) -> int:
        """Return one thread for most batches: windows and markets are what is spread over the cores."""
        return self._threads if rows * self._bars >= BARS_WORTH_THREADS else 1

    def blocks(self, points: Sequence[ParamValues]) -> BlockRuns | None:
        """Return the simulations of ``points`` in time blocks; None when nothing asks for them."""
        if self._cut is None:
            return None
        columns, threads = _columns_of(points) if points[0] else self._base_column(len(points)), self._threads_for(len(points))
        simulation = BlockSimulation(
            self._candles, self._config, columns, *self._arguments, detail=self._detail, columns=self._columns, threads=threads
        )
        return BlockRuns(simulation, self._cut)

    def _base_column(self, rows: int) -> dict[str, NDArray[np.generic]]:
        """Return one parameter as it is anyway: a batch needs one to lay over the base."""
        name, value = next(iter(resolve_params(get_strategy(self._config.name), self._config).items()))
        return {name: np.full(rows, value)}

    def daily_returns(self, points: Sequence[ParamValues]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return the UTC days (start, ms) and float64[points, days]: the return of each point over each day, from close to close.

        Equal to ``BacktestResult.daily_returns`` of each by itself, bit for bit.
        """
        _, execution, _, first_bar, _ = self._arguments
        days, last = day_ends(self._candles.open_ms[first_bar:])
        if points[0]:
            try:
                return days, returns_from(execution.initial_capital, self.batch(points).equity_after((last + 1).tolist()))
            except MemoryError:
                raise
            except Exception:  # noqa: BLE001 - one of them has had to run by itself in the search too
                pass
        return days, np.stack([self.simulation(point).run().daily_returns()[1] for point in points])

    def batch_on(self, gpu: Gpu, points: Sequence[ParamValues]) -> GpuBatch:
        """Return the simulations of ``points`` on ``gpu``."""
        columns = _columns_of(points)
        return GpuBatch(gpu, self._candles, self._config, columns, *self._arguments, detail=self._detail, columns=self._columns)

    def start(self, points: Sequence[ParamValues]) -> "SimulationHeat":
        """Return the trials of ``points`` before their first bar."""
        return SimulationHeat(self, points)


def _columns_of(points: Sequence[ParamValues]) -> dict[str, NDArray[np.generic]]:
    return {name: np.array([point[name] for point in points]) for name in points[0]}


class SimulationHeat:
    """The trials of one batch: simulated together, or each by itself from the moment in which one of them fails."""

    def __init__(self, trials: SimulationTrials, points: Sequence[ParamValues]) -> None:
        self._trials, self._points = trials, points
        self._batch: BatchSimulation | None = None
        self._apart = not points[0]  # no parameter is searched: there is nothing to lay over the base
        self._alone: dict[int, Simulation] = {}
        self._blocks: BlockRuns | None = None
        self._blocks_alone: dict[int, BlockRuns | None] = {}

    def advance(self, places: Sequence[int], end: int) -> list[Outcome]:
        """Simulate the trials at ``places`` up to bar ``end``; at the last bar what is open is closed, below it is marked at the close."""
        if not self._apart:
            try:
                return self._together(places, end)
            except MemoryError:
                raise
            except Exception:  # noqa: BLE001 - one of them is at fault: by itself it says so, and the others go on
                self._apart = True
        return [self._by_itself(place, end) for place in places]

    def _together(self, places: Sequence[int], end: int) -> list[Outcome]:
        if self._batch is None:
            self._batch = self._trials.batch(self._points)
            self._blocks = self._trials.blocks(self._points)
        rows = np.array(places)
        self._batch.advance(end, rows)
        found = [Metrics.of_record(record).as_dict() for record in self._batch.figures(rows)]
        if self._blocks is None:
            return list(found)
        return [metrics | beside for metrics, beside in zip(found, self._blocks.advance(places, end), strict=True)]

    def _by_itself(self, place: int, end: int) -> Outcome:
        try:
            if place not in self._alone:
                self._alone[place] = self._trials.simulation(self._points[place])
                self._blocks_alone[place] = self._trials.blocks([self._points[place]])
            simulation = self._alone[place]
            simulation.advance(end)
            if end == simulation.bars and not simulation.finished:
                simulation.finish()
            blocks = self._blocks_alone[place]
            return simulation.metrics().as_dict() | ({} if blocks is None else blocks.advance([0], end)[0])
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - a trial that fails is an outcome, whatever it raises
            return error
