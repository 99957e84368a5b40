"""What the strategy has to beat."""

import numpy as np
import pytest

from config import ExecutionConfig
from core.candles import Candles
from core.market import Market, MarketRules
from core.timeframe import TIMEFRAMES
from tests.walkforward.markets import HOUR, START, STRATEGY
from walkforward.evidence.benchmark import benchmark_of
from walkforward.evidence.trial_returns import Account

FREE = ExecutionConfig(initial_capital=1_000.0, maker_fee=0.0, taker_fee=0.0, slippage=0.0)


def line(first: float, last: float, days: int = 10) -> Candles:
    close = np.linspace(first, last, days * 24)
    columns = dict.fromkeys(("open", "high", "low", "close"), close) | {"volume": np.full(len(close), 5.0)}
    return Candles.from_arrays(
        Market("TEST", "LINE", TIMEFRAMES["1h"]), {"timestamp": START + np.arange(len(close), dtype=np.int64) * HOUR} | columns
    )


def account(execution: ExecutionConfig = FREE, qty: float = 2.0) -> Account:
    return Account(STRATEGY, qty, execution, MarketRules())


def test_in_a_rising_market_it_is_the_same_quantity_bought_and_held() -> None:
    found = benchmark_of(line(100.0, 150.0), account())
    assert found.name == "buy_and_hold"
    assert found.return_pct == pytest.approx(100 * 2.0 * 50.0 / 1_000.0)
    assert len(found.returns) == 10


def test_costs_are_paid_on_both_sides() -> None:
    costly = ExecutionConfig(initial_capital=1_000.0, taker_fee=0.01, slippage=0.02)
    found = benchmark_of(line(100.0, 150.0), account(costly))
    paid, got = 100.0 * 1.02, 150.0 * 0.98
    assert found.return_pct == pytest.approx(100 * (2.0 * (got - paid) - 0.01 * 2.0 * (got + paid)) / 1_000.0)


def test_in_a_falling_market_it_is_cash_which_has_no_sharpe_ratio() -> None:
    found = benchmark_of(line(150.0, 100.0), account())
    assert found.as_dict()["name"] == "cash"
    assert found.return_pct == 0.0
    assert np.isnan(found.sharpe)


def test_cash_earns_the_risk_free_rate_where_that_is_more() -> None:
    saver = FREE.replace(risk_free_rate=0.5)
    found = benchmark_of(line(100.0, 100.5, days=366), account(saver))
    assert found.name == "cash"
    assert found.return_pct == pytest.approx(100 * (np.exp(0.5) - 1), rel=0.01)


def test_where_the_strategy_sizes_its_orders_the_whole_capital_is_held() -> None:
    found = benchmark_of(line(100.0, 150.0), account(FREE.replace(sizing="equity")))
    assert found.return_pct == pytest.approx(50.0)


def test_what_falls_below_nothing_was_lost_then_and_does_not_rise_again() -> None:
    close = np.concatenate((np.full(96, 100.0), np.linspace(100.0, 49.0, 24), np.linspace(49.0, 5_000.0, 120)))
    columns = dict.fromkeys(("open", "high", "low", "close"), close) | {"volume": np.full(len(close), 5.0)}
    times = START + np.arange(len(close), dtype=np.int64) * HOUR
    candles = Candles.from_arrays(Market("TEST", "DIP", TIMEFRAMES["1h"]), {"timestamp": times} | columns)
    assert benchmark_of(candles, account(qty=2.0)).name == "buy_and_hold", "102 of 1,000 lost on the way"
    found = benchmark_of(candles, account(qty=20.0))
    assert (found.name, found.return_pct) == ("cash", 0.0), "1,020 of 1,000 lost on the way"
    assert (found.returns == 0.0).all()
