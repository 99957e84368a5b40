"""A window whose workers died too often is reported with its reason; the others make the result."""

import pytest

from core.errors import OptimizationError
from optimization.executors import Inline, Lost, ignore_done, ignore_tick
from reporting.schema import WALKFORWARD
from reporting.shapes import require_shape
from tests.walkforward.markets import SEARCH, STRATEGY, WINDOWS, candles
from walkforward import WalkForwardEngine


@pytest.fixture(scope="module")
def engine() -> WalkForwardEngine:
    return WalkForwardEngine(candles(50), STRATEGY, 1.0, wfa_config=WINDOWS, opt_config=SEARCH)


def test_lost_window_is_not_scored_and_trades_nothing(engine: WalkForwardEngine, tmp_path: object) -> None:
    found = Inline().run(engine.studies(), {engine.candles.market.slug: engine.series}, ignore_done, ignore_tick)
    whole, partial = engine.result_of(found), engine.result_of([found[0], Lost("its worker died 4 times"), found[2]])
    lost = partial.windows[1]
    assert (lost.scored, lost.found, lost.lost) == (False, False, True)
    assert lost.reason == "its search could not be finished: its worker died 4 times"
    assert partial.scored_windows == whole.scored_windows - whole.windows[1].scored
    assert len(partial.stitched_equity) == len(whole.stitched_equity)
    assert set(partial.stitched_trades["window"]) == set(whole.stitched_trades["window"]) - {1}
    expected = sum(each.chosen.metrics.net_pnl for each in (found[0], found[2]))
    assert partial.stitched_metrics.net_pnl == pytest.approx(expected)
    require_shape(partial.as_dict(), WALKFORWARD, "walkforward.json")  # type: ignore[arg-type]


def test_nothing_but_lost_windows_is_an_error_with_the_reason(engine: WalkForwardEngine) -> None:
    with pytest.raises(OptimizationError, match="no window of .* could be studied: killed by SIGKILL"):
        engine.result_of([Lost("killed by SIGKILL")] * 3)
