"""The page's part about luck: every statistic with its value or the reason why there is none, and absent in older runs."""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from core.canonical_json import plain
from core.run_folder import RunFolder
from reporting import significance_view
from reporting.publish import publish_report
from reporting.significance_figures import TITLES, luck_figures
from reporting.significance_view import ABSENT, significance_context
from tests.reporting.runs import SLUG, write_run
from tests.reporting.significance import missing, nothing_computed, significance, stated
from tests.reporting.test_html_report import Page

REASON = "there is one trial, and a comparison needs two"
BEYOND = "beyond a Sharpe ratio of 1.31, the best to expect of 41.3 independent trials that differ as much as these"
LIMITS = {"deflated_sharpe": 0.95}
RUIN = "; ".join(f"falls to {level} % of the start: 0.0 %" for level in (90, 75, 50, 25))


def published(run: RunFolder) -> str:
    publish_report(run)
    return (run.exports / "report.html").read_text(encoding="utf8").partition("<script>")[0]


def answers(content: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    found = significance_context(content)
    assert found is not None
    return {item.label: (item.text, item.more) for item in found["tests"]}


def test_every_statistic_is_shown_with_its_number_and_what_it_rests_on() -> None:
    shown = answers(significance())
    assert shown["Deflated Sharpe ratio"] == ("96.8 %", BEYOND)
    assert shown["Probability of overfitting (PBO)"][0] == "11.0 %"
    assert shown["Probability of overfitting (PBO)"][1].endswith("12,870 splits of 16 blocks")
    assert shown["Superior predictive ability (SPA)"][0] == "0.012"
    assert shown["Trials that beat the benchmark"] == ("3", "7.2/44, 7.3/12, 7.3/31")
    assert shown["Shuffled candles"][0] == "0.005"
    assert shown["Shuffled candles"][1].startswith("0 of 200 did as well by the Sharpe ratio. The same 150 + 150 + 50 fixed points")
    assert shown["Sharpe ratio less haircut, Holm"] == ("1.40", "p-value 0.150")
    assert shown["Sharpe ratio of combinatorial paths"][1].startswith("100.0 % of 5 paths above 0; 6 groups, 2 tested")
    assert shown["Simulated return"] == ("4.80 %", RUIN)


def test_a_statistic_without_a_value_says_why_and_shows_no_number() -> None:
    assert set(answers(nothing_computed(REASON)).values()) == {("n/a", REASON)}
    found = significance_context(nothing_computed(REASON))
    assert found is not None
    assert {cell for row in found["accounts"] for cell in row["cells"]} == {("n/a", REASON)}
    assert (found["counts"], found["drawdowns"], found["variants"]) == ([], [], [])


@pytest.mark.parametrize("name", ["deflated_sharpe", "overfitting_probability", "superior_ability", "paths", "monte_carlo", "permutation"])
def test_one_missing_statistic_leaves_the_others_as_they_are(name: str) -> None:
    whole, partly = answers(significance()), answers(significance(**{name: missing(REASON, significance()[name])}))
    changed = {label for label, texts in partly.items() if texts != whole[label]}
    assert len(changed) == 1
    assert partly[changed.pop()] == ("n/a", REASON)


def test_counts_and_variants_mark_what_the_gates_use() -> None:
    found = significance_context(significance())
    assert found is not None
    assert found["spread"] == "Variance of the trials' annual Sharpe ratios: 0.36; of the start-up trials only: 0.71."
    assert [row[0] for row in found["counts"] if "(used)" in row[0]] == ["by effective rank (used)"]
    assert [(row["label"], row["cells"][0], row["reason"]) for row in found["variants"]] == [
        ("one trial of each cluster", "11.0 %", ""), ("all trials", "21.0 %", ""), ("start-up trials only", "14.0 %", ""),
    ]  # fmt: skip


def test_columns_of_a_variant_stand_below_their_heads() -> None:
    found = significance_context(significance())
    assert found is not None
    assert found["variants"][0]["cells"] == ["11.0 %", "0.31", "0.42", "5.0 %", "14"]
    heads = (Path(significance_view.__file__).parent / "templates" / "_luck.html.j2").read_text(encoding="utf8")
    places = [heads.index(f">{head}</th>") for head in ("PBO", "Slope across trials", "Slope of the chosen", "Loss")]
    assert places == sorted(places)


def test_a_variant_without_a_value_says_why() -> None:
    whole = significance()["overfitting_probability"]
    variants = whole["variants"] | {"draws": missing("there are no random draws", whole["variants"]["draws"])}
    found = significance_context(significance(overfitting_probability=whole | {"variants": variants}))
    assert found is not None
    assert [row["reason"] for row in found["variants"]] == ["", "", "there are no random draws"]


def test_every_distribution_has_its_figure() -> None:
    figures = luck_figures(significance(), LIMITS)
    assert list(figures) == list(TITLES)
    logits = figures["luck-logits"]["data"]
    assert [series["name"] for series in logits] == ["Worse half", "Better half"]
    assert sum(sum(series["y"]) for series in logits) == 12_870
    assert max(logits[0]["x"]) < 0 < min(logits[1]["x"])
    real = figures["luck-permutation"]["data"][1]
    assert real["x"] == [3.0, 3.0]
    assert real["y"] == [0, 60]


def test_the_cone_is_a_fan_around_its_median() -> None:
    series = luck_figures(significance(), LIMITS)["luck-cone"]["data"]
    assert [each["name"] for each in series] == ["5 %", "5 % to 95 %", "25 %", "25 % to 75 %", "Median"]
    assert all(low <= high for low, high in zip(series[0]["y"], series[1]["y"], strict=True))
    assert series[0]["x"][:2] == [0, 10]


def test_what_was_not_computed_has_no_figure() -> None:
    assert luck_figures(nothing_computed(), LIMITS) == {}
    assert luck_figures(None, LIMITS) == {}


def test_page_of_an_older_run_says_that_nothing_was_computed(tmp_path: Path) -> None:
    run = write_run(tmp_path)
    (run.checkpoints / "08_walkforward" / SLUG / "significance.json").unlink()
    html = published(run)
    assert ABSENT in html
    assert "luck-" not in html
    assert not (run.exports / f"significance_{SLUG}.csv").exists()


def test_page_says_every_reason_and_is_well_formed(tmp_path: Path) -> None:
    evil = "<b>one</b> trial"
    html = published(write_run(tmp_path, significance=nothing_computed(evil)))
    assert Page(html + "</body></html>").open_tags == []
    assert "<b>one" not in html
    assert html.count("&lt;b&gt;one&lt;/b&gt; trial") >= 12
    assert "luck-" not in html


def test_csv_names_every_number_with_its_reason(tmp_path: Path) -> None:
    content = significance(reality_check=missing(REASON, stated(0.1)))
    run = write_run(tmp_path, significance=content)
    publish_report(run)
    lines = (run.exports / f"significance_{SLUG}.csv").read_text(encoding="utf8").splitlines()
    assert lines[0] == "statistic,value,reason"
    assert "deflated_sharpe,0.968," in lines
    assert "winner.intervals.sharpe.low,1.2000000000000002," in lines
    assert f'reality_check,,"{REASON}"' in lines
    assert len({line.partition(",")[0] for line in lines}) == len(lines)
    assert json.loads((run.results / "significance.json").read_bytes())["markets"][SLUG] == plain(content)


def test_gates_stand_in_a_table_of_their_own(tmp_path: Path) -> None:
    run = write_run(tmp_path)
    publish_report(run)
    lines = (run.exports / "gates.csv").read_text(encoding="utf8").splitlines()
    assert lines[0] == "market,name,passed,value,comparison,threshold,sentence,reason"
    assert len(lines) > 5
    assert all(line.startswith(f"{SLUG},") for line in lines[1:])


def test_no_text_of_the_page_is_nan(tmp_path: Path) -> None:
    content = significance(noise_sharpe=stated(math.nan, trials=41.3))
    html = published(write_run(tmp_path, significance=content))
    assert ">nan" not in html
    assert "None" not in html
