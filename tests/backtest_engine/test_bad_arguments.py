"""No argument that a run cannot use reaches a kernel, whichever door it comes through: a table of every case, and its words."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from backtest_engine import BacktestEngine, BatchSimulation, FundingRates, Simulation
from config import ExecutionConfig, StrategyConfig
from core.errors import BacktestError, ConfigError, DataError, PipelineError
from core.market import MarketRules
from strategies import Columns
from tests.backtest_engine.markets import BUSY, random_walk

ACCOUNT = ExecutionConfig()
# What an order, a first bar, a market's rule and a number of bars or rows may not be, and the words of the error.
BARS = 60
NOT_NUMBERS: list[Any] = [float("nan"), float("inf"), -float("inf"), "1", None, True, 10**400]
WRONG_ARGUMENTS: list[tuple[str, Any, type[PipelineError], str]] = [
    *(("order_qty", value, ConfigError, "must be a number above 0") for value in [0, -0.1, *NOT_NUMBERS]),
    *(("first_bar", value, BacktestError, f"first_bar = {value} is outside the {BARS} bars") for value in [-1, BARS]),
    *(("first_bar", value, BacktestError, "must be a whole number") for value in [1.5, *NOT_NUMBERS[:-1]]),
    *(
        ("rules", MarketRules(**{name: value}), ConfigError, f"{name} = .* must be a finite number, 0 for none")
        for name in ("qty_step", "min_qty", "min_notional", "price_step")
        for value in [-1.0, *NOT_NUMBERS]
    ),
    ("rules", MarketRules(qty_step=2.0), ConfigError, r"order_qty = 1 is below the quantity step of LOCAL WALK 1h, 2: .* at least 2\."),
    ("rules", MarketRules(min_qty=1.5), ConfigError, r"order_qty = 1 is below the smallest quantity of LOCAL WALK 1h, 1.5"),
    ("rules", MarketRules(qty_step=0.7, min_qty=0.8), ConfigError, "below the smallest quantity"),
    *(
        ("rules", MarketRules(**{name: value}), ConfigError, f"{name} = .* a step is at least 1e-18")
        for name in ("qty_step", "price_step")
        for value in [1e-310, 1e-300, 9e-19]
    ),
    ("rules", MarketRules(price_step=1e4), ConfigError, r"price_step = 10000 is larger than the lowest price of LOCAL WALK 1h, \d"),
    ("rules", {"qty_step": 1.0}, ConfigError, "rules must be MarketRules, not dict"),
    ("strategy", {"ema_fast": 3}, ConfigError, "strategy must be StrategyConfig, not dict"),
    ("strategy", ACCOUNT, ConfigError, "strategy must be StrategyConfig, not ExecutionConfig"),
    ("execution", {"leverage": 2}, ConfigError, "execution must be ExecutionConfig, not dict"),
]


@pytest.mark.parametrize("door", ["BacktestEngine", "Simulation", "BatchSimulation"])
@pytest.mark.parametrize(("name", "value", "error", "message"), WRONG_ARGUMENTS)
def test_what_no_run_can_use_is_refused_at_every_door(
    name: str, value: Any, error: type[PipelineError], message: str, door: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    forbid_kernels(monkeypatch)
    given: dict[str, Any] = {"strategy": BUSY, "order_qty": 1.0, "execution": ACCOUNT, "rules": None, "first_bar": 0} | {name: value}
    with pytest.raises(error, match=message):
        open_door(door, random_walk(BARS), **given)


def open_door(door: str, candles: Any, strategy: Any, order_qty: Any, execution: Any, rules: Any, first_bar: Any) -> None:
    if door == "BacktestEngine":
        BacktestEngine(candles, strategy, order_qty, execution=execution, rules=rules, first_bar=first_bar).run()
    elif door == "Simulation":
        Simulation(candles, strategy, order_qty, execution, rules, first_bar).run()
    else:
        BatchSimulation(candles, strategy, {"atr_sl_multiplier": [1.0, 2.0]}, order_qty, execution, rules, first_bar).advance(5)


def forbid_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every kernel fail: what is refused is refused before one runs."""

    def fail(*_: object) -> None:
        raise AssertionError("a kernel was run")

    for place in (
        "simulation.run_rows",
        "simulation.figures_of_rows",
        "batch.run_rows",
        "batch_signals.signals_of_rows",
    ):
        monkeypatch.setattr(f"backtest_engine.{place}", fail)
    for name in ("ema", "rsi", "atr"):
        monkeypatch.setattr(f"strategies.hybrid_trend.{name}", fail)
    for name in ("write_ema_sides", "write_beyond", "atr_column"):
        monkeypatch.setattr(f"strategies.conditions.{name}", fail)


def test_an_order_that_is_never_worth_the_smallest_one_is_refused() -> None:
    candles = random_walk(200)
    highest = float(candles.close.max())
    with pytest.raises(ConfigError, match=r"order_qty = 0\.5 of LOCAL WALK 1h is worth at most .* Order at least "):
        BacktestEngine(candles, BUSY, 0.5, rules=MarketRules(min_notional=0.5 * highest * 1.001)).run()
    BacktestEngine(candles, BUSY, 0.5, rules=MarketRules(min_notional=0.5 * highest * 0.999)).run()


def test_a_quantity_of_just_the_step_and_the_smallest_one_is_taken() -> None:
    for rules in (MarketRules(qty_step=0.1), MarketRules(min_qty=0.3), MarketRules(qty_step=0.1, min_qty=0.3)):
        assert BacktestEngine(random_walk(400), BUSY, 0.3, rules=rules).run().metrics.total_trades > 5


def test_a_price_step_may_be_as_large_as_the_lowest_price() -> None:
    candles = random_walk(200)
    lowest = float(candles.low.min())
    BacktestEngine(candles, BUSY, 0.5, rules=MarketRules(price_step=lowest)).run()
    with pytest.raises(ConfigError, match="price_step"):
        BacktestEngine(candles, BUSY, 0.5, rules=MarketRules(price_step=lowest * 1.001)).run()


@pytest.mark.parametrize("model", [StrategyConfig, ExecutionConfig])
@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_no_setting_is_infinite_or_nan(model: Any, value: float) -> None:
    for name in model.model_fields:
        with pytest.raises(ConfigError, match=name):
            model(**{name: value})
        with pytest.raises(ConfigError, match=name):
            model().replace(**{name: value})
    with pytest.raises(ConfigError, match="every"):
        StrategyConfig(params={"every": value})


@pytest.mark.parametrize(
    ("times", "rates", "message"),
    [
        ([5, 3], [0.1, 0.1], "funding times do not rise: number 1 is 3, after 5"),
        (np.array([5, 3], np.uint64), [0.1, 0.1], "funding times do not rise: number 1 is 3, after 5"),
        ([5, 6], [0.1, np.nan], "a funding rate is not finite: number 1 is nan"),
        ([5, 6], [np.inf, 0.1], "not finite: number 0 is inf"),
        ([5, 6], [0.1], r"\(2,\) times and \(1,\) rates"),
        ([[5]], [[0.1]], r"\(1, 1\) times"),
        ([0.5], [0.1], "whole milliseconds"),
        (["5"], [0.1], "whole milliseconds"),
    ],
)
def test_wrong_funding_is_refused(times: Any, rates: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        FundingRates(np.array(times), np.array(rates))


def test_funding_may_be_given_as_lists() -> None:
    candles = random_walk(400)
    times, rates = candles.open_ms[::8], np.full(50, 0.001)
    arrays, lists = FundingRates(times, rates), FundingRates(times.tolist(), rates.tolist())  # type: ignore[arg-type]
    assert arrays.digest == lists.digest
    first, second = (BacktestEngine(candles, BUSY, 1.0, funding=each).run() for each in (arrays, lists))
    assert first.metrics.funding != 0
    assert first.digest == second.digest


@pytest.mark.parametrize("funding", [[(0, 0.1)], {0: 0.1}, 0.0001])
def test_funding_that_is_no_rates_is_refused(funding: Any) -> None:
    with pytest.raises(ConfigError, match="funding must be FundingRates, not"):
        BacktestEngine(random_walk(BARS), BUSY, 1.0, funding=funding).run()
    with pytest.raises(ConfigError, match="funding must be FundingRates, not"):
        BatchSimulation(random_walk(BARS), BUSY, {"atr_sl_multiplier": [1.0]}, 1.0, ACCOUNT, funding=funding)


@pytest.mark.parametrize("column", ["open_ms", "open", "high", "low", "close", "volume"])
def test_candles_made_around_their_checks_are_refused_at_every_door(column: str, monkeypatch: pytest.MonkeyPatch) -> None:
    forbid_kernels(monkeypatch)
    candles = random_walk(50)
    around = replace(candles, **{column: getattr(candles, column).copy()})
    for door in ("BacktestEngine", "Simulation", "BatchSimulation"):
        with pytest.raises(DataError, match=f"column {column} was not checked: build candles with from_arrays"):
            open_door(door, around, BUSY, 1.0, ACCOUNT, None, 0)


@pytest.mark.parametrize("candles", [None, 5, [1, 2], {}])
def test_candles_of_no_known_form_are_refused(candles: Any) -> None:
    with pytest.raises(ConfigError, match="candles must be Candles, a polars or pandas frame or the path of a file, not"):
        BacktestEngine(candles, timeframe="1h")
    for door in ("Simulation", "BatchSimulation"):
        with pytest.raises(ConfigError, match="candles must be Candles, not"):
            open_door(door, candles, BUSY, 1.0, ACCOUNT, None, 0)


@pytest.mark.parametrize("end", [1.5, "3", None, float("nan"), True, -1, BARS + 1])
def test_a_bar_to_advance_to_that_is_none_is_refused(end: Any) -> None:
    simulation = Simulation(random_walk(BARS), BUSY, 1.0, ACCOUNT)
    many = BatchSimulation(random_walk(BARS), BUSY, {"atr_sl_multiplier": [1.0]}, 1.0, ACCOUNT)
    for each in (simulation, many):
        with pytest.raises(BacktestError):
            each.advance(end)


@pytest.mark.parametrize("rows", [[2], [-1], [0.5], ["0"], [[0]], [True]])
def test_rows_that_are_not_there_are_refused(rows: Any) -> None:
    many = BatchSimulation(random_walk(BARS), BUSY, {"atr_sl_multiplier": [1.0, 2.0]}, 1.0, ACCOUNT)
    for use in (lambda: many.advance(10, rows), lambda: many.figures(rows)):
        with pytest.raises(BacktestError, match="must be numbers from 0 to 1"):
            use()


def test_a_batch_refuses_columns_of_other_candles_and_impossible_threads() -> None:
    values = {"atr_sl_multiplier": [1.0]}
    with pytest.raises(BacktestError, match="those of other candles"):
        BatchSimulation(random_walk(BARS), BUSY, values, 1.0, ACCOUNT, columns=Columns(random_walk(BARS, seed=2)))
    BatchSimulation(random_walk(BARS), BUSY, values, 1.0, ACCOUNT, columns=Columns(random_walk(BARS)))
    for threads in (0, -1, 1.5, "2"):
        with pytest.raises(BacktestError, match="threads"):
            BatchSimulation(random_walk(BARS), BUSY, values, 1.0, ACCOUNT, threads=threads)  # type: ignore[arg-type]


def test_an_order_of_more_steps_than_numbers_reach_is_what_leverage_allows() -> None:
    result = BacktestEngine(random_walk(BARS), BUSY, 1e308, rules=MarketRules(qty_step=0.01)).run()
    assert len(result.trades) > 0
    assert result.trades["qty"].is_finite().all()
