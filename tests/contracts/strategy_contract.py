"""What every strategy must do. A registered one joins by itself: see tests/strategies/test_strategy_contract.py."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest

from backtest_engine import Simulation
from config import ExecutionConfig, StrategyConfig
from core.candles import Candles
from strategies import (
    Columns,
    ParamRows,
    ParamValue,
    SharedConditions,
    Signals,
    Strategy,
    charted_indicators,
    resolve_params,
    with_params,
)
from strategies.kernels.starts import signals_of_rows
from tests.backtest_engine.markets import random_walk

BARS = 1500


class StrategyContract:
    """Subclass it and give the fixture ``strategy``."""

    @pytest.fixture
    def candles(self) -> Candles:
        return random_walk(BARS, seed=3, silent_share=0.1)

    @pytest.fixture
    def params(self, strategy: Strategy) -> dict[str, ParamValue]:
        return resolve_params(strategy, StrategyConfig(name=strategy.name))

    def test_parameters_have_names_of_their_own(self, strategy: Strategy) -> None:
        names = [param.name for param in strategy.params]
        assert len(set(names)) == len(names)
        assert all(name.isidentifier() for name in names)

    def test_defaults_are_within_their_bounds(self, strategy: Strategy) -> None:
        for param in strategy.params:
            assert param.check(param.default) == param.default
            assert type(param.default).__name__ == param.kind

    def test_searched_parameters_have_a_range_and_a_step(self, strategy: Strategy) -> None:
        for param in strategy.params:
            assert param.stage in (None, "7.1" if param.kind == "int" else "7.2")
            if param.stage is not None:
                assert param.low < param.high
                assert 0 < param.step <= param.high - param.low

    def test_ordered_parameters_rise(self, strategy: Strategy) -> None:
        groups = {param.ordered for param in strategy.params if param.ordered}
        for group in groups:
            members = [param.default for param in strategy.params if param.ordered == group]
            assert len(members) > 1
            assert all(low < high for low, high in pairwise(members))

    def test_a_parameter_that_is_a_setting_has_the_setting_s_default(self, strategy: Strategy) -> None:
        for param in strategy.params:
            field = StrategyConfig.model_fields.get(param.name)
            assert field is None or field.default == param.default, param.name

    def test_signals_are_arrays_of_the_candles_length(self, strategy: Strategy, candles: Candles, params: dict[str, ParamValue]) -> None:
        signals = strategy.signals(candles, params)
        assert [array.dtype for array in arrays_of(signals)] == [np.int8, np.float64, np.float64]
        assert [array.shape for array in arrays_of(signals)] == [(BARS,)] * 3
        assert set(np.unique(signals.direction)) <= {-1, 0, 1}

    def test_signals_bring_a_level_and_a_volatility(self, strategy: Strategy, candles: Candles) -> None:
        for params in self.variants(strategy):
            signals = strategy.signals(candles, params)
            at = signals.direction != 0
            assert np.isfinite(signals.touch_level[at]).all()
            assert (signals.atr[at] >= 0).all()

    def test_no_signal_at_or_before_the_warm_up(self, strategy: Strategy, candles: Candles) -> None:
        for params in self.variants(strategy):
            warmup = strategy.warmup(params)
            assert isinstance(warmup, int)
            assert warmup >= 0
            assert not strategy.signals(candles, params).direction[: warmup + 1].any()

    def test_some_variant_signals(self, strategy: Strategy, candles: Candles) -> None:
        assert any(strategy.signals(candles, params).direction.any() for params in self.variants(strategy))

    @pytest.mark.parametrize("bars", [1, 2, 10])
    def test_few_bars_are_no_error(self, bars: int, strategy: Strategy, candles: Candles) -> None:
        for params in self.variants(strategy):
            signals = strategy.signals(candles[:bars], params)
            assert [array.shape for array in arrays_of(signals)] == [(bars,)] * 3

    def test_the_same_candles_give_the_same_bytes(self, strategy: Strategy, candles: Candles, params: dict[str, ParamValue]) -> None:
        first, second = (arrays_of(strategy.signals(candles, params)) for _ in range(2))
        assert [array.tobytes() for array in first] == [array.tobytes() for array in second]

    def test_parameters_are_not_changed(self, strategy: Strategy, candles: Candles, params: dict[str, ParamValue]) -> None:
        before = dict(params)
        strategy.signals(candles, params)
        strategy.warmup(params)
        assert params == before

    @pytest.mark.parametrize("touched", [True, False])
    def test_shared_conditions_mean_the_same_signals(self, touched: bool, strategy: Strategy, candles: Candles) -> None:
        if not isinstance(strategy, SharedConditions):
            return
        rows = list(self.variants(strategy))
        table = strategy.conditions(Columns(candles), ParamRows.of(rows)).table(touched=touched)
        offsets, bars, directions, unsound = signals_of_rows(table, 0, (True, True))
        assert unsound == -1
        for row, params in enumerate(rows):
            dense, own = strategy.signals(candles, params), slice(offsets[row], offsets[row + 1])
            assert bars[own].tolist() == np.flatnonzero(dense.direction).tolist()
            assert directions[own].tolist() == dense.direction[dense.direction != 0].tolist()
            assert table.firsts[row] == strategy.warmup(params) + 1
            np.testing.assert_array_equal(table.atrs[table.atr[row]], dense.atr)
            if touched:
                np.testing.assert_array_equal(table.touch_levels[table.touch[row]], dense.touch_level)
            if table.sound:
                first = table.firsts[row]
                assert np.isfinite(dense.touch_level[first:]).all()
                assert ((dense.atr[first:] >= 0.0) & np.isfinite(dense.atr[first:])).all()

    def test_indicators_can_be_drawn_and_never_look_ahead(self, strategy: Strategy, candles: Candles) -> None:
        for params in self.variants(strategy):
            whole = charted_indicators(strategy, candles, params)
            for bars in (1, 60, BARS // 2):
                known = charted_indicators(strategy, candles[:bars], params)
                assert [line.name for line in known] == [line.name for line in whole]
                for early, late in zip(known, whole, strict=True):
                    np.testing.assert_array_equal(early.values, late.values[:bars], err_msg=late.name)

    @pytest.mark.parametrize("side", [1, -1])
    def test_a_side_switched_off_is_not_traded(self, side: int, strategy: Strategy, candles: Candles) -> None:
        for params in self.variants(strategy):
            one_side = StrategyConfig(name=strategy.name, allow_long=side < 0, allow_short=side > 0)
            config = with_params(one_side, params)
            result = Simulation(candles, config, 0.1, ExecutionConfig()).run()
            assert side not in set(result.trades["direction"])

    def variants(self, strategy: Strategy) -> Iterator[dict[str, ParamValue]]:
        """Yield the defaults, every switch flipped, every number at both ends of its range; ordered ones together, as low as can be."""
        base = {param.name: param.default for param in strategy.params}
        yield base
        for group in {param.ordered for param in strategy.params if param.ordered}:
            members = [param for param in strategy.params if param.ordered == group]
            yield base | {param.name: param.check(param.low + place * param.step) for place, param in enumerate(members)}
        for param in strategy.params:
            if param.kind == "bool":
                yield base | {param.name: not param.default}
            elif param.ordered is None:
                for value in (param.low, param.high):
                    yield base | {param.name: param.check(int(value) if param.kind == "int" else float(value))}


def arrays_of(signals: Signals) -> list[np.ndarray[tuple[int], np.dtype[np.generic]]]:
    return [signals.direction, signals.touch_level, signals.atr]
