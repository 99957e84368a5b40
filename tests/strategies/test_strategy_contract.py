"""Every registered strategy goes through the same suite."""

import pytest

from strategies import Strategy, get_strategy, strategy_names
from tests.contracts.strategy_contract import StrategyContract


class TestEveryStrategy(StrategyContract):
    @pytest.fixture(params=strategy_names())
    def strategy(self, request: pytest.FixtureRequest) -> Strategy:
        return get_strategy(request.param)
