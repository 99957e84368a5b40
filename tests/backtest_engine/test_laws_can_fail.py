"""Each law between runs finds a fault that is planted in the kernels: one that breaks just what the law says."""

import inspect
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from backtest_engine import Simulation
from tests.backtest_engine import test_properties as laws
from tests.backtest_engine.laws import EXCEPTIONS, drawn_for
from tests.backtest_engine.plain_kernels import kernel_sources, load_plain

Law = Callable[..., None]
powers, capitals = st.integers(-6, 6), st.floats(50.0, 1e6)
# law: its test, what is drawn for it beside the seed and the settings, the kernel, and the text with the fault
PLANTED: dict[str, tuple[Law, tuple[st.SearchStrategy[Any], ...], str, str, str]] = {
    "prices": (
        laws.test_prices_and_capital_times_a_factor_is_money_times_that_factor, (powers, capitals),
        "account", "    fee = price * qty * fee_rate\n", "    fee = price * qty * fee_rate + 0.01\n",
    ),
    "sizes": (
        laws.test_volumes_order_and_capital_times_a_factor_is_quantity_and_money_times_that_factor, (powers, capitals),
        "prices", "        slip += rules.slippage_impact * span * np.sqrt(part)\n", "        slip += rules.slippage_impact * span * np.sqrt(qty)\n",
    ),
    "fees": (
        laws.test_higher_fees_never_raise_the_net_of_the_same_trades, (st.floats(1.0, 5.0),),
        "account", "    state.cash -= fee\n    state.trade_fees += fee\n", "    state.cash += fee\n    state.trade_fees -= fee\n",
    ),
    "split": (
        laws.test_a_run_split_at_any_bars_is_the_whole_run, (capitals, st.lists(st.integers(1, laws.BARS - 1), min_size=1, max_size=4)),
        "simulate", "    t = start\n", "    t = start\n    state.extreme = state.avg_entry\n",
    ),
    "end": (
        laws.test_bars_at_the_end_change_no_earlier_closed_trade, (capitals, st.integers(20, laws.BARS - 1)),
        "simulate", "            closes[t],\n", "            closes[min(t + 1, len(closes) - 1)],\n",
    ),
    "mirror at a price": (
        laws.test_longs_in_a_market_are_shorts_in_its_mirror_image, (st.booleans(),),
        "levels", "state.direction * (level - state.trail) > 0.0", "level - state.trail > 0.0",
    ),
    "mirror of logarithms": (
        laws.test_longs_in_a_market_are_shorts_in_the_market_of_its_reciprocals, (st.floats(0.003, 0.1), st.floats(0.003, 0.1)),
        "levels", "", "",
    ),
}  # fmt: skip
