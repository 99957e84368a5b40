"""Each law between runs finds a fault that is planted in the kernels: one that breaks just what the law says."""

import inspect
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from backtest_engine import Simulation
from tests.backtest_engine import test_properties as laws
from tests.backtest_engine.laws import EXCEPTIONS, capitals, drawn_for
from tests.backtest_engine.plain_kernels import kernel_sources, load_plain

Law = Callable[..., None]
powers = st.integers(-6, 6)
# law: its test, what is drawn for it beside the seed and the settings, the kernel, and the text with the fault
PLANTED: dict[str, tuple[Law, tuple[st.SearchStrategy[Any], ...], str, str, str]] = {
    "prices": (
        laws.test_prices_and_capital_times_a_factor_is_money_times_that_factor, (powers, capitals()),
        "account", "    fee = price * qty * fee_rate\n", "    fee = price * qty * fee_rate + 0.01\n",
    ),
    "sizes": (
        laws.test_volumes_order_and_capital_times_a_factor_is_quantity_and_money_times_that_factor, (powers, capitals()),
        "prices", "rules.slippage_impact * span * np.sqrt(part)", "rules.slippage_impact * span * np.sqrt(qty)",
    ),
    "fees": (
        laws.test_higher_fees_never_raise_the_net_of_the_same_trades, (st.floats(1.0, 5.0),),
        "account", "    state.cash -= fee\n    state.trade_fees += fee\n", "    state.cash += fee\n    state.trade_fees -= fee\n",
    ),
    "split": (
        laws.test_a_run_split_at_any_bars_is_the_whole_run, (capitals(), st.lists(st.integers(1, laws.BARS - 1), min_size=1, max_size=4)),
        "simulate", "    inside, behind, tiered = bars.decisions.inside, signals.behind, rules.hybrid_engine\n",
        "    inside, behind, tiered = bars.decisions.inside, signals.behind, rules.hybrid_engine\n    score.pending = 0\n",
    ),
    "end": (
        laws.test_bars_at_the_end_change_no_earlier_closed_trade, (capitals(), st.integers(20, laws.BARS - 1)),
        "simulate", "            closes[at],\n", "            closes[min(t + 20, len(closes) - 1)],\n",
    ),
    "mirror at a price": (
        laws.test_longs_in_a_market_are_shorts_in_its_mirror_image, (st.booleans(),),
        "levels", "state.base_stop = average - d * rules.atr_sl", "state.base_stop = average - rules.atr_sl",
    ),
    "mirror of logarithms": (
        laws.test_longs_in_a_market_are_shorts_in_the_market_of_its_reciprocals, (st.floats(0.003, 0.1), st.floats(0.003, 0.1)),
        "levels", "average * (1.0 - d * rules.stop_distance * m)", "average * (1.0 - d * rules.stop_distance * 1.01 * m)",
    ),
}  # fmt: skip


def test_every_law_of_the_list_has_its_fault() -> None:
    assert set(PLANTED) == set(EXCEPTIONS)


@pytest.mark.parametrize("law", PLANTED)
def test_the_law_finds_its_fault(law: str, monkeypatch: pytest.MonkeyPatch) -> None:
    test, drawn, kernel, old, new = PLANTED[law]
    sources = kernel_sources()
    assert sources[kernel].count(old) == 1, "the fault is not planted: its place in the source has moved"
    sources[kernel] = sources[kernel].replace(old, new)
    for name, entry in load_plain(sources).items():
        monkeypatch.setattr(f"backtest_engine.simulation.{name}", entry)
    # leave the finding to the law: the invariants, which the suite checks in every result, would find many a fault first
    monkeypatch.setattr(Simulation, "result", inspect.unwrap(Simulation.result))
    body = test.hypothesis.inner_test  # type: ignore[attr-defined]
    again = settings(max_examples=60, phases=[Phase.generate])(given(laws.seeds, drawn_for(law), *drawn)(body))
    with pytest.raises(AssertionError):
        again()
