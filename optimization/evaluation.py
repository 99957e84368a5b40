"""Trials on real candles: the same Simulation that a backtest runs, advanced from level to level."""

from backtest_engine import Simulation
from config import ExecutionConfig, StrategyConfig
from core.candles import Candles
from core.market import MarketRules
from optimization.objective import MetricValues
from strategies import ParamValues, with_params


class SimulationTrials:
    """Starts trials of one series: ``config`` with a trial's parameters laid over it, everything else the same.

    ``first_bar``: the bars before it only warm indicators up. Raises what the simulation of ``config`` itself would raise.
    """

    def __init__(
        self,
        candles: Candles,
        config: StrategyConfig,
        order_qty: float,
        execution: ExecutionConfig,
        rules: MarketRules,
        first_bar: int = 0,
    ) -> None:
        self._candles, self._config = candles, config
        self._arguments = (order_qty, execution, rules, first_bar)
        self._bars = self.simulation({}).bars

    @property
    def bars(self) -> int:
        """The number of bars at full fidelity."""
        return self._bars

    def simulation(self, params: ParamValues) -> Simulation:
        """Return the simulation of ``params`` before its first bar."""
        return Simulation(self._candles, with_params(self._config, params), *self._arguments)

    def start(self, params: ParamValues) -> "SimulationRun":
        """Return the trial of ``params`` before its first bar."""
        return SimulationRun(self.simulation(params))


class SimulationRun:
    """One trial's simulation."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation

    def advance(self, end: int) -> MetricValues:
        """Simulate up to bar ``end``; at the last bar what is open is closed, below it is marked at the close."""
        self._simulation.advance(end)
        if end == self._simulation.bars and not self._simulation.finished:
            self._simulation.finish()
        return self._simulation.metrics().as_dict()
