"""The report's part about what lies around the winners: there where it was looked at, honest about holes, safe against odd names."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from core.canonical_json import dumps
from core.errors import CorruptFileError
from optimization.space import Dimension, SearchSpace
from reporting.publish import publish_report
from reporting.schema import OPTIMIZATION, read_result
from reporting.shapes import require_shape
from reporting.surroundings import map_figures, surroundings
from tests.optimization.fakes import Metrics, Params, metrics, plan
from tests.optimization.neighbourhood.surfaces import Surface, study
from tests.reporting.runs import SLUG, optimization, put, write_run
from tests.reporting.test_html_report import Page

EVIL = "<img src=x onerror=alert(1)>%{x}"
SPACE = SearchSpace(
    (Dimension(EVIL, "int", 0, 20, 1), Dimension("multiplier", "float", 0.5, 5.0, 0.1), Dimension("shy", "bool", 0, 1, 1)), {}
)
WINNER = {EVIL: 10, "multiplier": 2.5, "shy": False}


def hill(params: Params) -> Metrics:
    return metrics(2.0 - 0.02 * abs(params[EVIL] - 10) - 0.3 * abs(params["multiplier"] - 2.5), ruined=bool(params["shy"]))


def searched(surface: Surface = hill, winner: Params = WINNER, space: SearchSpace = SPACE) -> dict[str, Any]:
    """Return the content of an optimization.json, as it is read back, whose first stage was looked at."""
    found, importance = study(surface, winner, plan(space=space))
    content = copy.deepcopy(optimization())
    looked_at = {"best_params": dict(winner), "neighbourhood": found.as_dict(), "importance": importance.as_dict()}
    content["stages"]["7.1"] = content["stages"]["7.1"] | looked_at
    read_back: dict[str, Any] = json.loads(dumps(content))
    return read_back


def report_of(folder: Path, content: dict[str, Any]) -> str:
    run = write_run(folder)
    put(run.checkpoints / "07_optimize" / SLUG / "optimization.json", content)
    publish_report(run)
    assert read_result(run.results, "optimization")["markets"][SLUG] == content, "what the stage found is published whole"
    return (run.exports / "report.html").read_text(encoding="utf8")


def test_page_has_verdict_figures_importance_and_a_place_for_every_map(tmp_path: Path) -> None:
    content = searched()
    html = report_of(tmp_path, content)
    page = Page(html)
    figures = json.loads(page.scripts[1])
    maps = {name for name in figures if "-map-" in name}
    assert maps == {f"{SLUG}-map-7.1-{number}" for number in range(3)}
    assert maps <= {value for _, name, value in page.attributes if name == "data-figure"}
    text = " ".join(page.texts)
    assert content["stages"]["7.1"]["neighbourhood"]["sentence"] in text
    assert "Parameter importance" in text
    assert "Stage 7.1: " in text
    assert "Stage 7.2: " not in text, "nobody looked there"


def test_odd_names_are_text_on_the_page_and_in_its_figures(tmp_path: Path) -> None:
    html = report_of(tmp_path, searched())
    assert EVIL not in html
    for figure in map_figures(searched()).values():
        shown = dumps([figure["layout"], figure["data"][0]["hovertemplate"].replace("%{x}", "").replace("%{y}", "")])
        assert "<img" not in shown
    across = map_figures(searched())["map-7.1-0"]["data"][0]["hovertemplate"]
    assert across.count("%{x}") == 1


def test_without_a_look_around_the_page_does_not_speak_of_it(tmp_path: Path) -> None:
    assert surroundings(optimization()) is None
    assert "Around the winners" not in report_of(tmp_path, optimization())


def test_colours_reach_from_nothing_to_the_winner_so_that_a_plateau_looks_flat() -> None:
    heat, mark = map_figures(searched())["map-7.1-0"]["data"]
    assert (heat["zmin"], heat["zmax"]) == (0.0, 2.0)
    assert mark["x"] == [heat["x"][4]]
    assert mark["y"] == [heat["y"][4]]


def test_a_winner_that_does_not_earn_leaves_the_scale_open_and_one_off_the_grid_has_no_mark() -> None:
    (heat,) = map_figures(searched(lambda _params: metrics(-1.0), WINNER | {"multiplier": 2.54}))["map-7.1-0"]["data"]
    assert "zmin" not in heat


def test_a_winner_as_good_as_the_median_stands_above_it_by_a_zero_without_a_minus() -> None:
    content = searched()
    around = next(result["neighbourhood"] for result in content["stages"].values() if result.get("neighbourhood"))
    around["groups"]["steps"]["median"] = around["value"] + 1e-9
    part = surroundings(content)
    assert part is not None
    assert part["stages"][0]["rows"][0][6] == "0.00"


def test_holes_are_holes_and_counted() -> None:
    content = searched()
    part = surroundings(content)
    assert part is not None
    holes = [value for figure in map_figures(content).values() for row in figure["data"][0]["z"] for value in row if value is None]
    assert holes
    assert "ruined" in part["stages"][0]["rows"][0][2]


def test_what_is_undefined_says_so(tmp_path: Path) -> None:
    one = SearchSpace((Dimension("multiplier", "float", 2.5, 2.5, 0.1),), {"multiplier": 2.5})
    html = report_of(tmp_path, searched(lambda _params: metrics(1.0), {"multiplier": 2.5}, one))
    assert "There is no other point to compare the winner with." in html
    assert "Undefined: no parameter has more than one value." in html
    assert "0.0 %" not in html[html.index("Around the winners") : html.index("Trades by side")]


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        (lambda found: found.pop("sentence"), "neighbourhood has no 'sentence'"),
        (lambda found: found["groups"].pop("ball"), "groups has no 'ball'"),
        (lambda found: found["maps"][0].update(values=[["high"]]), r"maps\[0\].values\[0\]\[0\] must be int or float or null, not 'high'"),
    ],
)
def test_damage_is_named(tmp_path: Path, damage: Any, problem: str) -> None:
    content = searched()
    require_shape(content, OPTIMIZATION, tmp_path)
    damage(content["stages"]["7.1"]["neighbourhood"])
    with pytest.raises(CorruptFileError, match=problem):
        require_shape(content, OPTIMIZATION, tmp_path)
