"""The charts of the search: what they draw is what the ledgers and stage 7 say, and what they leave out they say."""

from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
from flask import Flask
from flask.testing import FlaskClient

from core.paths import Paths
from core.run_folder import RunFolder
from dashboard.app import create_app
from dashboard.charts.search import ChosenSearch, ranked_params
from dashboard.charts.search_choice import SearchChoice
from dashboard.figures.trial_points import best_so_far, thinned
from reporting.trial_tables import LedgerFile, read_trials
from tests.conftest import ROOT
from tests.dashboard.clients import signed_in
from tests.dashboard.conftest import MARKET_API, json_of
from tests.dashboard.sample_run import RUN_ID, SLUG, market_folder
from tests.dashboard.search_run import TRIALS, write_search_run

SEVERAL_ID = "20250105-030405-5e7e"
ALL = ("history", "coordinates", "importance", "slices", "contour", "plateau", "pareto", "fidelity")
Chart = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """Return a run with searches for one objective; beside it lies one with searches for two."""
    paths = Paths.under(tmp_path_factory.mktemp("searched"))
    write_search_run(paths, SEVERAL_ID, objectives=("sharpe", "calmar"), windows=0)
    return write_search_run(paths)


@pytest.fixture(scope="module")
def site(searched: RunFolder) -> Flask:
    return create_app(searched.paths)


@pytest.fixture
def client(site: Flask) -> FlaskClient:
    return signed_in(site)


@pytest.fixture
def chart(client: FlaskClient) -> Chart:
    def ask(name: str, query: str = "stage=7.1", run_id: str = RUN_ID) -> dict[str, Any]:
        answer = client.get(f"/api/v1/runs/{run_id}/markets/{SLUG}/charts/{name}?{query}")
        assert answer.status_code == 200, answer.text
        return json_of(answer)

    return ask


def trials(run: RunFolder, stage: str = "7.1") -> pl.DataFrame:
    return read_trials(LedgerFile(stage, None, market_folder(run, "optimize") / f"{stage}.trials.log")).trials


def best(run: RunFolder, stage: str = "7.1") -> dict[str, Any]:
    return trials(run, stage).sort("value", descending=True, nulls_last=True).row(0, named=True)


def trace(figure: dict[str, Any], name: str) -> dict[str, Any]:
    return next(each for each in figure["data"] if each["name"] == name)


def test_every_chart_draws_every_search_or_says_why_not(chart: Chart) -> None:
    for run_id in (RUN_ID, SEVERAL_ID):
        for stage in TRIALS:
            for name in ALL:
                figure = chart(name, f"stage={stage}", run_id)
                assert bool(figure["data"]) != bool(figure["meta"].get("empty")), name


def test_parallel_lines_run_through_the_parameters_and_end_at_the_score(chart: Chart, searched: RunFolder) -> None:
    figure = chart("coordinates")
    names = [name for name in trials(searched).columns if name.startswith("param_")]
    winner = trace(figure, "Best trial")
    assert winner["x"] == [*range(len(names) + 1), None]
    assert winner["y"][len(names)] == 1, "the best score stands at the top of its axis"
    lines = sum(each["x"].count(0) for each in figure["data"] if each["name"] != "Best trial")
    assert lines == trials(searched)["value"].count()


def test_importance_is_what_stage_7_found_the_longest_bar_on_top(chart: Chart, client: FlaskClient) -> None:
    bars = chart("importance")["data"][0]
    assert bars["y"][0] == "together with others"
    assert bars["x"][1:] == sorted(bars["x"][1:])
    assert sum(bars["x"]) == pytest.approx(100, abs=0.01)
    assert "too few" in chart("importance", "window=1&stage=7.1")["meta"]["empty"] or chart("importance", "window=1")["meta"]["empty"]


def test_slices_hold_the_medians_of_all_complete_trials(chart: Chart, searched: RunFolder) -> None:
    figure = chart("slices")
    complete = trials(searched).filter(pl.col("value").is_not_null())
    middle = trace(figure, "Median at the value")
    expected = complete.group_by("param_atr_period").agg(pl.col("value").median()).sort("param_atr_period")
    assert middle["x"] == [float(value) for value in expected["param_atr_period"]]
    assert middle["y"] == pytest.approx(expected["value"].to_list())
    star = trace(figure, "Best")
    assert (star["x"], star["y"]) == ([float(best(searched)["param_atr_period"])], [best(searched)["value"]])


def test_slices_stand_in_as_many_columns_as_asked_for(chart: Chart) -> None:
    domains = {
        columns: {
            tuple(axis["domain"]) for name, axis in chart("slices", f"columns={columns}")["layout"].items() if name.startswith("xaxis")
        }
        for columns in (1, 2, 3)
    }
    assert {columns: len(found) for columns, found in domains.items()} == {1: 1, 2: 2, 3: 3}


def test_a_cell_of_the_contour_is_the_median_of_its_trials(chart: Chart, searched: RunFolder) -> None:
    figure = chart("contour", "stage=7.1&x=rsi_period&y=atr_period")
    heat = figure["data"][0]
    complete = trials(searched).filter(pl.col("value").is_not_null())
    for row, y in zip(heat["z"], heat["y"], strict=True):
        for value, x in zip(row, heat["x"], strict=True):
            inside = complete.filter((pl.col("param_rsi_period") == x) & (pl.col("param_atr_period") == y))["value"]
            assert value == (None if inside.is_empty() else pytest.approx(inside.median()))
    important = chart("contour", "stage=7.1")["layout"]["xaxis"]["title"]["text"]
    assert important == chart("importance")["data"][0]["y"][-1], "unasked, the most important parameter lies across"


@pytest.mark.parametrize("query", ["x=nothing", "y=%3Cb%3E", "stage=7.4", "window=-1", "window=x", "columns=0", "columns=9"])
def test_a_question_that_makes_no_sense_is_refused(client: FlaskClient, query: str) -> None:
    answer = client.get(f"{MARKET_API}/charts/contour?{query}")
    assert answer.status_code == 400
    assert json_of(answer)["error"]["message"]


def test_plateau_maps_are_those_of_stage_7_with_the_winner_marked(chart: Chart, searched: RunFolder) -> None:
    figure = chart("plateau")
    assert figure["meta"]["maps"] == sum(each["type"] == "heatmap" for each in figure["data"]) == 3
    star = trace(figure, "Winner")
    across = figure["layout"]["annotations"][0]["text"].split(" across")[0]
    assert star["x"] == [str(best(searched)[f"param_{across}"])]
    assert "plateau" in figure["meta"]["note"].lower()


def test_the_front_is_explained_and_nothing_on_it_is_beaten(chart: Chart, searched: RunFolder) -> None:
    figure = chart("pareto", "stage=7.1", SEVERAL_ID)
    front, cloud = trace(figure, "Front"), trace(figure, "Trials")
    for x, y in zip(front["x"], front["y"], strict=True):
        assert not any((a > x and b >= y) or (a >= x and b > y) for a, b in zip(cloud["x"], cloud["y"], strict=True))
    assert len(trace(figure, "Knee: goes on")["x"]) == 1
    assert "knee of the Pareto front" in figure["meta"]["note"]
    turned = chart("pareto", "stage=7.1&x=calmar&y=sharpe", SEVERAL_ID)
    assert trace(turned, "Trials")["x"] == cloud["y"]
    assert "one objective" in chart("pareto")["meta"]["empty"]


def test_the_ladder_counts_every_simulated_trial_once(chart: Chart, searched: RunFolder) -> None:
    figure = chart("fidelity")
    went, stopped, top = (trace(figure, name)["y"] for name in ("Went on", "Stopped here", "Reached the top"))
    reached = [int((trials(searched)["fidelity"] >= level).sum()) for level in (1, 2, 3)]
    assert [sum(parts) for parts in zip(went, stopped, top, strict=True)] == reached
    assert all(-1 <= value <= 1 for value in figure["data"][-1]["y"])
    assert "no room for a ladder" in chart("fidelity", "stage=7.1", SEVERAL_ID)["meta"]["empty"]


def test_windows_have_charts_of_their_own(chart: Chart) -> None:
    assert chart("history", "window=1")["meta"]["trials"] == 40
    assert chart("history", "window=7")["meta"]["empty"].startswith("No trials yet")
    assert chart("slices", "window=0")["data"]
    assert "when the search is over" in chart("plateau", "window=0")["meta"]["empty"]


def test_of_very_many_trials_every_new_best_and_the_best_are_kept_and_the_rest_stays_put_as_more_come() -> None:
    table = pl.DataFrame({"trial": range(20_000), "value": [None if k % 3 else (k * 7919 % 10_007) / 100 for k in range(20_000)]})
    kept = thinned(table, 1000)
    assert 1000 <= len(kept) <= 1010
    assert kept["trial"].is_sorted()
    assert set(table.filter(best_so_far(table["value"]))["trial"]) <= set(kept["trial"])
    assert set(table.sort("value", descending=True, nulls_last=True).head(200)["trial"]) <= set(kept["trial"])
    plain = pl.DataFrame({"trial": range(20_000)}, schema={"trial": pl.Int32}).with_columns(value=pl.lit(None, pl.Float64))
    few, more = (set(thinned(plain.head(size), 500)["trial"]) for size in (10_000, 11_000))
    assert len(few - more) < 80, "most of what was shown stays"
    assert thinned(table.head(1000), 1000).equals(table.head(1000))


def test_csv_of_a_thinned_chart_has_every_trial(client: FlaskClient) -> None:
    for name, rows in {"history": sum(TRIALS.values()), "slices": TRIALS["7.2"]}.items():
        answer = client.get(f"{MARKET_API}/charts/{name}?stage=7.2&format=csv")
        assert len(pl.read_csv(answer.data, infer_schema_length=None)) == rows


def test_the_page_offers_every_search_and_tells_how_to_repeat_a_trial(client: FlaskClient) -> None:
    page = client.get(f"/runs/{RUN_ID}/{SLUG}/search").text
    assert page.count('<option value="7.') == 5
    assert "7.1 integers, window 1" in page
    assert "Around the winner of 7.2:" in page
    for name in ALL:
        assert f'data-chart="{name}"' in page
    scripts = ROOT / "dashboard" / "static" / "js" / "pages"
    assert "backtest --run ${run}" in (scripts / "trial.js").read_text(encoding="utf8")
    assert not any("innerHTML" in (scripts / name).read_text(encoding="utf8") for name in ("search.js", "trial.js"))


def test_map_that_nobody_chose_is_of_parameters_that_complete_trials_vary() -> None:
    told = {"trial": [0, 1, 2], "value": [1.0, 2.0, None], "param_a": [1, 1, 2], "param_b": [1, 2, 3], "param_c": [4, 5, 5]}
    result = {"importance": {"shares": {"a": 0.9, "b": 0.05, "c": 0.02}}}
    found = ChosenSearch(SearchChoice(), {}, pl.DataFrame(told), ("sharpe",), result)
    assert ranked_params(found) == ["b", "c", "a"], "a map of a, the most important one, would be empty"
