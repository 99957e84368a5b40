"""The lower quartile over time blocks against the equity curve and the trades of one plain run."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtest_engine import BacktestResult, Simulation
from backtest_engine.metrics import curve_metrics
from config import ExecutionConfig, OptimizationConfig
from config.objectives import OBJECTIVES
from core.errors import ConfigError
from core.market import MarketRules
from optimization import OptimizationEngine
from optimization.evaluation import SimulationTrials
from optimization.fidelity import Outcome
from optimization.objectives import OBJECTIVE_METRICS, Cut, Goal, cut_of, objective_value
from optimization.objectives.blocks import lower_quartile
from strategies import with_params
from tests.optimization.market import CANDLES, CONFIG

NAMES = [f"{name}_quartile" for name in OBJECTIVES]
PAIRS = ((10, 9), (20, 14), (33, 21))
POINTS: list[dict[str, bool | int | float]] = [{"ema_fast": fast, "rsi_period": period} for fast, period in PAIRS]
WARM = 400


def trials(blocks: int = 6, first_bar: int = 0, names: Sequence[str] = NAMES, leverage: float = 1.0, qty: float = 0.1) -> SimulationTrials:
    execution = ExecutionConfig(leverage=leverage)
    return SimulationTrials(CANDLES, CONFIG, qty, execution, MarketRules(), first_bar, cut=cut_of(names, blocks))


def outcomes(run: SimulationTrials, points: Sequence[dict[str, bool | int | float]], *stops: int) -> list[dict[str, float]]:
    heat = run.start(points)
    found: Sequence[Outcome] = []
    for stop in (*stops, run.bars):
        found = heat.advance(range(len(points)), stop)
    for each in found:
        assert not isinstance(each, Exception)
    return [dict(each) for each in found if not isinstance(each, Exception)]


def oracle(result: BacktestResult, blocks: int, metric: str, periods: float, initial: float) -> float:
    """Return the quartile from a whole run: its curve cut in pieces, and its trades by the piece in which they were closed."""
    equity, times = result.equity["equity"].to_numpy(), result.equity["time"].to_numpy()
    exits = np.searchsorted(times, result.trades["exit_time"].to_numpy(), side="right") - 1
    values, start = [], 0
    for number in range(1, blocks + 1):
        end = number * len(equity) // blocks
        piece = equity[start - 1 : end] if start else np.concatenate(([initial], equity[1:end]))
        inside = (exits >= start) & (exits < end)
        net, held = result.trades["net_pnl"].to_numpy()[inside], result.trades["bars_held"].to_numpy()[inside]
        found = curve_metrics(piece, periods, net_pnl=net, bars_held=held)
        values.append(float(getattr(found, metric)))
        start = end
    ranked = np.array([-np.inf if not math.isfinite(value) else value for value in values])
    place = (blocks - 1) / 4
    ranked.sort()
    return float(np.interp(place, np.arange(blocks), ranked)) if ranked[int(place)] > -np.inf else math.nan


@pytest.mark.parametrize("blocks", [4, 6, 7])
@pytest.mark.parametrize("first_bar", [0, WARM])
def test_quartile_is_that_of_the_pieces_of_the_equity_curve(blocks: int, first_bar: int) -> None:
    defined = 0
    for point, found in zip(POINTS, outcomes(trials(blocks, first_bar), POINTS), strict=True):
        config = with_params(CONFIG, point)
        result = Simulation(CANDLES, config, 0.1, ExecutionConfig(), MarketRules(), first_bar).run()
        for name in NAMES:
            expected = oracle(result, blocks, Goal.of(name).metric, CANDLES.timeframe.periods_per_year, 100_000.0)
            assert found[name] == pytest.approx(expected, rel=1e-9, abs=1e-9, nan_ok=True)
            defined += not math.isnan(expected)
    assert defined >= 12


@pytest.mark.parametrize("stops", [(990, 1980), (1,), (500, 501, 1000), (2999,)])
def test_quartile_is_the_same_bits_however_the_run_is_cut_into_levels(stops: tuple[int, ...]) -> None:
    assert repr(outcomes(trials(), POINTS, *stops)) == repr(outcomes(trials(), POINTS))


def test_the_metrics_beside_the_quartiles_are_those_of_a_run_without_blocks() -> None:
    plain = SimulationTrials(CANDLES, CONFIG, 0.1, ExecutionConfig(), MarketRules())
    for with_blocks, without in zip(outcomes(trials(), POINTS), outcomes(plain, POINTS), strict=True):
        assert repr({name: value for name, value in with_blocks.items() if name not in NAMES}) == repr(without)


def test_a_trial_simulated_by_itself_has_the_quartile_of_the_batch() -> None:
    together = outcomes(trials(), POINTS)
    alone = [outcomes(trials(), [point])[0] for point in POINTS]
    assert repr(alone) == repr(together)
    base, same = outcomes(trials(), [{}])[0], outcomes(trials(), [{"ema_fast": CONFIG.ema_fast}])[0]
    assert repr(base) == repr(same)


def test_before_the_first_block_ends_the_block_begun_is_all_there_is() -> None:
    run = trials(blocks=4, names=["net_pnl_quartile"])
    early = run.start(POINTS).advance(range(3), 600)
    for each in early:
        assert not isinstance(each, Exception)
        assert each["net_pnl_quartile"] == each["net_pnl"]


def test_at_a_lower_level_the_quartile_is_over_the_blocks_that_have_ended() -> None:
    run = trials(blocks=4, names=["net_pnl_quartile"])
    heat = run.start(POINTS)
    nets = [[float(each["net_pnl"]) for each in heat.advance(range(3), end) if not isinstance(each, Exception)] for end in (750, 1500)]
    found = heat.advance(range(3), 1700)
    for place, each in enumerate(found):
        assert not isinstance(each, Exception)
        expected = lower_quartile([nets[0][place], nets[1][place] - nets[0][place]])
        assert each["net_pnl_quartile"] == pytest.approx(expected)


def test_a_ruined_account_has_no_quartile() -> None:
    (found,) = outcomes(trials(qty=300.0, leverage=100.0), [{"ema_fast": 20}])
    assert found["ruined"]
    assert math.isnan(found["sharpe_quartile"])


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20))
def test_quartile_without_gaps_is_numpys(values: list[float]) -> None:
    assert lower_quartile(values) == pytest.approx(float(np.quantile(values, 0.25)), rel=1e-9, abs=1e-9)


@given(st.lists(st.floats(-1e6, 1e6) | st.just(math.nan), min_size=1, max_size=20), st.integers(0, 19))
def test_a_block_without_a_value_never_helps(values: list[float], place: int) -> None:
    before, after = lower_quartile(values), lower_quartile([math.nan if i == place % len(values) else x for i, x in enumerate(values)])
    assert math.isnan(after) or after <= before


def test_nothing_has_no_quartile() -> None:
    assert math.isnan(lower_quartile([]))


def test_more_blocks_than_the_bars_can_fill_are_refused_before_the_first_trial() -> None:
    with pytest.raises(ConfigError, match="objective_blocks = 64 cuts 100 bars"):
        OptimizationEngine(CANDLES[:100], CONFIG, opt_config=OptimizationConfig(objective="sharpe_quartile", objective_blocks=64))


def test_only_a_quartile_asks_for_blocks() -> None:
    assert cut_of(("sharpe", "sharpe_plateau", "mine.py"), 6) is None
    assert cut_of(("sharpe", "calmar_quartile"), 6) == Cut({"calmar_quartile": "calmar_ratio"}, 6)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_a_quartile_stands_beside_the_metric_it_is_made_of(name: str) -> None:
    values = {OBJECTIVE_METRICS[name]: 1.0, f"{name}_quartile": 0.5}
    assert objective_value(values, f"{name}_quartile") == 0.5
