"""The charts of walk-forward and overfitting: what they show, and what they say where there is nothing to show."""

import json
from typing import Any

import polars as pl
import pytest

from dashboard.decimation import Span
from dashboard.figures.account_intervals import intervals_figure
from dashboard.figures.base import Figure
from dashboard.figures.deflated_sharpe import deflated_figure
from dashboard.figures.equity_cone import cone_figure
from dashboard.figures.overfitting_logits import logits_figure
from dashboard.figures.p_values import LEAST, p_values, p_values_figure
from dashboard.figures.path_sharpes import path_sharpes_figure
from dashboard.figures.regimes import regimes_figure
from dashboard.figures.shuffled_candles import shuffled_figure
from dashboard.figures.stitched_equity import stitched_figure
from dashboard.figures.stress import stress_figure
from dashboard.figures.walkforward_paths import paths_figure
from dashboard.figures.walkforward_windows import windows_figure
from dashboard.figures.window_scatter import scatter_figure
from dashboard.figures.window_worth import MEASURES, worth_figure
from tests.dashboard.sample_validation import REGIMES, combinatorial, deepened
from tests.reporting.significance import nothing_computed, significance, stated

DAY = 86_400_000
METRICS = {"sharpe_ratio": 1.0, "net_pnl": 10.0, "total_trades": 12}


def windows(count: int = 4) -> dict[str, Any]:
    listed = [
        {
            "index": index, "is_start_ms": index * DAY, "is_end_ms": (index + 6) * DAY, "oos_start_ms": (index + 6) * DAY,
            "oos_end_ms": (index + 7) * DAY, "scored": index != 2, "reason": None, "params": {"ema_fast": 20},
            "is_metrics": METRICS | {"sharpe_ratio": 2.0}, "oos_metrics": METRICS | {"net_pnl": 10.0 * (-1) ** index},
            "median_trial": None, "doubled_costs_net_pnl": 3.0,
        }
        for index in range(count)
    ]  # fmt: skip
    return deepened({"windows": listed, "drift": {}})


def traces(figure: Figure) -> dict[str, dict[str, Any]]:
    return {trace["name"]: trace for trace in figure["data"]}


def every_luck_figure(content: dict[str, Any]) -> dict[str, Figure]:
    limits = {"deflated_sharpe": 0.95, "superior_ability": 0.05, "permutation": 0.05}
    return {
        "deflated": deflated_figure(content["deflated_sharpe"], 0.95), "logits": logits_figure(content["overfitting_probability"]),
        "p_values": p_values_figure(content, limits), "permutation": shuffled_figure(content["permutation"], "The search"),
        "paths": path_sharpes_figure(content["paths"]), "cone": cone_figure(content["monte_carlo"], [100_000.0, 100_100.0], 100_000.0),
        "intervals": intervals_figure(content["winner"], content["out_of_sample"]),
    }  # fmt: skip


def test_grounds_of_hatches_are_named_as_lists_of_colours_have_no_contrast() -> None:
    shown = [
        *every_luck_figure(significance()).values(),
        windows_figure(windows()["windows"]),
        regimes_figure(deepened({"windows": [], "drift": {}})["regimes"]),
    ]
    patterns = [(trace["marker"], trace["marker"]["pattern"]) for figure in shown for trace in figure["data"] if trace["type"] == "bar"]
    assert len(patterns) > 5
    assert all(isinstance(pattern["bgcolor"], str) and pattern["bgcolor"] in marker["color"] for marker, pattern in patterns)


def test_count_of_trials_that_leaves_no_chance_at_all_is_drawn() -> None:
    content = significance()["deflated_sharpe"]
    variants = [each | {"value": 0.0} for each in content["variants"]]
    assert deflated_figure(content | {"variants": variants}, 0.95)["meta"]["counts"] == len(variants)


def test_every_statistic_that_was_computed_is_drawn() -> None:
    for name, figure in every_luck_figure(significance()).items():
        assert figure["data"], name
        json.dumps(figure, allow_nan=False)


def test_what_could_not_be_computed_says_why_in_words() -> None:
    for name, figure in every_luck_figure(nothing_computed("there are no trades <b>at all</b>")).items():
        assert not figure["data"], name
        if name != "p_values":
            assert "because there are no trades &lt;b&gt;at all&lt;/b&gt;." in figure["meta"]["empty"]


def test_every_count_of_trials_stands_on_the_curve_and_the_judged_one_stands_out() -> None:
    deflated = significance()["deflated_sharpe"]
    found = [trace for trace in deflated_figure(deflated, 0.95)["data"] if trace["mode"] == "markers"]
    assert [(trace["x"][0], trace["y"][0]) for trace in found] == [(each["trials"], each["value"]) for each in deflated["variants"]]
    judged = [trace["name"] for trace in found if trace["name"].endswith("(judged)")]
    assert judged == ["by effective rank (judged)"]
    assert len({trace["marker"]["symbol"] for trace in found}) == len(found), "told apart by shape"


def test_logits_left_of_the_middle_are_hatched_and_no_bar_is_lost() -> None:
    found = significance()["overfitting_probability"]
    worse, better = logits_figure(found)["data"]
    assert max(worse["x"]) < 0 < min(better["x"])
    assert worse["marker"]["pattern"]["shape"] == "/"
    assert sum(worse["y"]) + sum(better["y"]) == sum(count for _, count in found["logits"])


def test_p_values_are_held_against_their_own_gates() -> None:
    content = significance(superior_ability=stated(0.0, p_lower=0.0, p_upper=0.019, block=3.2, resamples=2_000))
    found = {test.label: test for test in p_values(content, {"superior_ability": 0.05, "permutation": 0.001})}
    assert [found[name].outcome for name in ("Superior predictive ability", "Shuffled candles", "Reality check")] == [
        "met",
        "missed",
        "told",
    ]
    drawn = traces(p_values_figure(content, {"superior_ability": 0.05}))["gate met"]
    assert drawn["x"] == [LEAST], "zero has no place on a logarithmic axis"
    assert drawn["text"] == ["0"]


def test_shuffled_candles_that_did_as_well_are_told_apart() -> None:
    test = significance()["permutation"] | {"real": 0.5}
    figure = shuffled_figure(test, "The search")
    assert traces(figure)["shuffled candles, as good or better"]["marker"]["pattern"]["shape"] == "/"
    assert sum(sum(trace["y"]) for trace in figure["data"][:2]) == 200
    assert figure["meta"]["note"].startswith("0 of 200 shuffled histories")


def test_cone_holds_what_happened() -> None:
    drawn = traces(cone_figure(significance()["monte_carlo"], [100_000.0, 100_250.0], 100_000.0))
    assert drawn["what happened"]["y"] == [100_000.0, 100_250.0]
    assert drawn["90 % of the simulated accounts"]["fill"] == "tonexty"


def test_windows_that_follow_each_other_have_a_bar_each() -> None:
    figure = windows_figure(windows()["windows"])
    bars = [trace for trace in figure["data"] if trace["type"] == "bar"]
    assert [len(trace["x"]) for trace in bars] == [4, 4]
    assert bars[0]["marker"]["pattern"]["shape"] == ["", "", "/", ""], "what is not scored is hatched"


def test_combinatorial_windows_show_the_judged_path_and_the_others_beside_it() -> None:
    content = combinatorial(windows())
    figure = windows_figure(content["windows"], content["stitched_path"])
    assert traces(figure)["Out of sample (hatched: not scored)"]["customdata"] == [4, 5, 6, 7]
    assert len(traces(figure)["Out of sample, other paths"]["x"]) == 8
    assert set(traces(figure)["Days tested, other paths"]["y"]) == {0, 2, None}
    assert paths_figure(content)["data"][0]["marker"]["line"]["width"] == [0, 2.5, 0]


def test_scatter_places_every_window_that_has_both_ratios() -> None:
    content = windows()
    content["windows"][3]["oos_metrics"]["sharpe_ratio"] = None
    figure = scatter_figure(content["windows"])
    placed = {kind: trace["customdata"] for kind, trace in traces(figure).items()}
    assert placed == {"Profit out of sample": [0], "Loss out of sample": [1], "Not scored": [2]}
    assert figure["meta"]["note"].startswith("1 window has no Sharpe ratio")
    assert figure["layout"]["xaxis"]["range"] == figure["layout"]["yaxis"]["range"], "or the diagonal means nothing"


def test_worth_of_searches_is_cut_at_the_border_and_says_so() -> None:
    figure = worth_figure(windows())
    assert [trace["name"] for trace in figure["data"]] == [measure.title for measure in MEASURES]
    assert figure["data"][1]["y"] == [0.8, -3.0, None, 0.1]
    assert "−4.20" in figure["data"][1]["text"][1]
    assert figure["meta"]["note"].startswith("1 bar cut")


def test_older_runs_say_what_they_lack() -> None:
    older = {"windows": [{"index": 0}]}
    assert "before the program tested all trials" in worth_figure(older)["meta"]["empty"]
    for figure in (stress_figure(None), regimes_figure(None), paths_figure({"windows": []})):
        assert figure["meta"]["empty"]


def test_stress_without_a_result_is_told_beside_the_others() -> None:
    figure = stress_figure(windows()["stress"])
    assert "price noise" not in figure["data"][0]["y"]
    assert figure["meta"]["note"] == "price noise: the strategy refuses candles with a gap between them."


def test_losses_differ_from_profits_without_colour() -> None:
    bars = regimes_figure(windows()["regimes"])["data"][0]
    assert len(bars["y"]) == len(REGIMES)
    assert [shape == "/" for shape in bars["marker"]["pattern"]["shape"]] == [not value > 0 for value in bars["x"]]


@pytest.mark.parametrize("span", [Span(), Span(100 * 3_600_000, 200 * 3_600_000)])
def test_stitched_equity_has_a_band_for_every_window_in_view(span: Span) -> None:
    hours = range(24 * 20)
    frame = pl.DataFrame(
        {"time": [hour * 3_600_000 for hour in hours], "equity": [100.0 + hour for hour in hours], "drawdown_pct": [0.0 for _ in hours],
         "window": [hour // 48 for hour in hours]}
    )  # fmt: skip
    figure = stitched_figure(frame, span, 100.0)
    shown = {note["text"] for note in figure["layout"]["annotations"]}
    assert figure["meta"]["windows"] == len(shown)
    assert shown == {f"W{window}" for window in set(figure["data"][0]["customdata"])}
