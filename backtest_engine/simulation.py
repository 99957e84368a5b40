"""One run of the simulator, from settings and candles to filled records, resumable bar by bar."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backtest_engine.checks import require_sound_run, whole_number
from backtest_engine.detail import decisions_of, detail_from
from backtest_engine.inputs import FundingRates, bars_of, checked_signals, rules_of, signals_of
from backtest_engine.kernels.rows import figures_of_rows, run_rows
from backtest_engine.metrics import Metrics, empty_figures
from backtest_engine.records import ENTRY_DTYPE, TRADE_DTYPE, Bars, Floats, Record
from backtest_engine.result import BacktestResult
from backtest_engine.score_records import ROOM
from backtest_engine.scores import fresh_scores, fresh_states
from config import ExecutionConfig, StrategyConfig
from core.candles import Candles
from core.errors import BacktestError
from core.market import MarketRules
from strategies import Signals, SignalTable, SparseSignals


@dataclass(frozen=True, slots=True)
class Records:
    """What the kernel writes: ``equity`` float64 per bar, structured arrays of trades and of entry events (room for all)."""

    state: NDArray[np.void]
    score: NDArray[np.void]
    equity: Floats
    trades: NDArray[np.void]
    entries: NDArray[np.void]

    @classmethod
    def allocate(cls, bars: int, signals: int, initial_capital: float) -> "Records":
        """Return empty records with room for ``bars`` bars and one trade and entry event per signal (and two to spare)."""
        state, score = fresh_states(1, initial_capital), fresh_scores(1, initial_capital)
        return cls(state, score, np.zeros(bars), np.zeros(signals + 3, TRADE_DTYPE), np.zeros(signals + 3, ENTRY_DTYPE))


class Simulation:
    """A strategy on a series, advanced to any bar and scored there; what higher fidelities continue.

    ``first_bar``: bars before it only warm indicators up; the account starts flat there and bar numbers count from it.
    ``detail``: finer candles of the same market, of ``detail_timeframe``, on which orders fill; all bar numbers stay those of
    ``candles``, on which the strategy decides. ``signals``: ready-made ones for every bar of ``candles``, in place of the strategy's.
    Raises BacktestError or ConfigError for settings that cannot be simulated, before any kernel runs.
    """

    def __init__(
        self,
        candles: Candles,
        strategy_config: StrategyConfig,
        order_qty: float,
        execution: ExecutionConfig,
        rules: MarketRules | None = None,
        first_bar: int = 0,
        funding: FundingRates | None = None,
        detail: Candles | None = None,
        *,
        signals: Signals | None = None,
    ) -> None:
        rules = rules or MarketRules()
        require_sound_run(candles, detail, strategy_config, execution, order_qty, rules, first_bar)
        self.candles = candles[first_bar:] if first_bar else candles
        self.execution = execution
        per_year = candles.timeframe.periods_per_year
        self._rules = rules_of(strategy_config, execution, order_qty, rules, per_year, candles.has_volume)
        self.detail = detail_from(candles, detail, execution, first_bar)
        decisions = decisions_of(self.candles, self.detail)
        tiered = strategy_config.enable_hybrid_engine
        self._bars: Bars = bars_of(self.candles if self.detail is None else self.detail, execution, funding, decisions, tiered=tiered)
        self._signals: SparseSignals = (
            signals_of(candles, strategy_config, first_bar)
            if signals is None
            else checked_signals(signals, candles, strategy_config, first_bar)
        )

        def on_decision_bars() -> BacktestResult:
            alone = execution.model_copy(update={"detail_timeframe": None})
            return Simulation(candles, strategy_config, order_qty, alone, rules, first_bar, funding, signals=signals).run()

        self._coarse = None if detail is None else on_decision_bars
        self._records = Records.allocate(self.bars, len(self._signals.bars), execution.initial_capital)
        self.done = 0
        self.finished = False

    @property
    def bars(self) -> int:
        """The number of bars to simulate, those of the strategy's timeframe."""
        return len(self.candles)

    def advance(self, end: int) -> None:
        """Simulate bars ``[done, end)`` of the strategy's timeframe."""
        if self.finished or not self.done <= whole_number("end", end) <= self.bars:
            raise BacktestError(f"cannot advance to bar {end}: {self.done} of {self.bars} bars are done.")
        self._run(end, closing=False)
        self.done = end

    def finish(self) -> None:
        """Close what is open at the last bar's close; only after all bars are done, and once."""
        if self.finished or self.done != self.bars:
            raise BacktestError(f"cannot finish: {self.done} of {self.bars} bars are done.")
        self._run(self.bars, closing=True)
        self.finished = True

    def _run(self, end: int, *, closing: bool) -> None:
        r, table, done = self._records, SignalTable.of_one(self._signals), np.array([self.done])
        run_rows(self._bars, table, self._rules, r.state, r.score, done, end, closing, r.equity, r.trades, r.entries, np.empty(ROOM))

    def run(self) -> BacktestResult:
        """Simulate all remaining bars, finish and return the result."""
        self.advance(self.bars)
        self.finish()
        return self.result()

    def metrics(self) -> Metrics:
        """Return the metrics of the bars done so far; an open position is marked at the close, not closed."""
        if not self.done:
            raise BacktestError("no bar is simulated yet: call advance first.")
        figures = empty_figures(1)
        r = self._records
        figures_of_rows(self._rules, r.state, r.score.copy(), self.done, self.candles.timeframe.periods_per_year, figures)
        return Metrics.of_record(figures[0])

    def result(self) -> BacktestResult:
        """Return everything the finished run left behind."""
        if not self.finished:
            raise BacktestError("the run is not finished: call advance(bars) and finish first.")
        r = self._records
        state = r.state[0]
        return BacktestResult.from_arrays(
            candles=self.candles,
            equity=r.equity,
            trades=r.trades[: int(state["trades"])],
            entries=r.entries[: int(state["entries"])],
            metrics=self.metrics(),
            ambiguous_exits=int(state["ambiguous"]),
            detail=self.detail,
            coarse=self._coarse,
        )

    def state_at(self) -> Record:
        """Return a copy of the state record after the bars done so far, for explanations."""
        return self._records.state.copy()[0]

    def signal_at(self, bar: int) -> int:
        """Return the strategy's signal at the close of ``bar``."""
        place = int(np.searchsorted(self._signals.bars, bar))
        found = place < len(self._signals.bars) and self._signals.bars[place] == bar
        return int(self._signals.directions[place]) if found else 0

    @property
    def first_tier(self) -> int:
        """The tier that an entry starts with; 4 without the hybrid engine, 0 when none is switched on."""
        rules = self._rules[0]
        enabled = [tier for tier in (1, 2, 3, 4) if rules[f"timeout{tier}"] > 0]
        return (enabled[0] if enabled else 0) if rules["hybrid_engine"] else 4

    @property
    def exits_on_opposite_signal(self) -> bool:
        """Whether a signal for the other side closes a position."""
        return bool(self._rules[0]["exit_on_opposite_signal"])

    def may_open(self, side: int) -> bool:
        """Return whether a signal for ``side`` may start an entry."""
        return bool(self._rules[0]["allow_long" if side > 0 else "allow_short"])

    def events(self) -> tuple[Sequence[np.void], Sequence[np.void]]:
        """Return the trades and the entry events written so far."""
        state = self._records.state[0]
        return list(self._records.trades[: int(state["trades"])]), list(self._records.entries[: int(state["entries"])])
