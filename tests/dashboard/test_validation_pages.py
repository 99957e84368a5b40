"""The pages of walk-forward, overfitting and data quality: what they tell, and what they tell where something is missing or damaged."""

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path

import polars as pl
import pytest
from flask.testing import FlaskClient

from core.atomic_files import write_bytes
from core.canonical_json import dump_bytes, read_json
from core.paths import Paths
from core.run_folder import RunFolder
from dashboard.formatting import true_minus
from dashboard.views.windows import SORTS, WindowsQuery, walkforward_view
from tests.dashboard.conftest import MARKET_API, json_of
from tests.dashboard.sample_run import RUN_ID, SLUG, market_folder, uncommit, write_run
from tests.dashboard.sample_validation import combinatorial
from tests.reporting.significance import nothing_computed

ClientOf = Callable[[Paths], FlaskClient]
MARKET = f"/runs/{RUN_ID}/{SLUG}"
CHARTS = (
    "windows", "promise", "worth", "stitched", "drift", "stress", "regimes", "paths", "deflated", "logits", "p_values", "intervals",
    "permutation", "walkforward_permutation", "cone", "path_sharpes", "quality",
)  # fmt: skip
EMPTY_HERE = {"paths"}


def text_of(client: FlaskClient, address: str) -> str:
    answer = client.get(f"{MARKET}/{address}")
    assert answer.status_code == 200, answer.text
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.text)))


def changed(run: RunFolder, stage: str, name: str, change: Callable[[dict[str, object]], dict[str, object]]) -> Path:
    path = market_folder(run, stage) / name
    write_bytes(path, dump_bytes(change(read_json(path))))
    uncommit(run)
    return path


@pytest.mark.parametrize("name", CHARTS)
def test_every_chart_is_drawn(client: FlaskClient, name: str) -> None:
    answer = client.get(f"{MARKET_API}/charts/{name}")
    assert answer.status_code == 200
    assert bool(json_of(answer)["data"]) is (name not in EMPTY_HERE)


@pytest.mark.parametrize(("name", "rows", "columns"), [
    ("windows", 4, {"index", "rank_correlation", "in_sharpe_ratio", "out_net_pnl"}),
    ("drift", 16, {"window", "parameter", "chosen", "base"}),
    ("stress", 6, {"net_pnl", "kept"}), ("regimes", 7, {"trend", "net_pnl"}), ("cone", 111, {"day", "quantile_0.5", "what_happened"}),
    ("stitched", 2160, {"time", "equity", "window"}), ("quality", 2, {"kind", "start_ms", "bars"}), ("paths", 0, {"trace"}),
    ("logits", 12, {"trace", "x", "y"}),
])  # fmt: skip
def test_data_of_a_chart_is_a_whole_table(client: FlaskClient, name: str, rows: int, columns: set[str]) -> None:
    answer = client.get(f"{MARKET_API}/charts/{name}?format=csv")
    assert answer.status_code == 200
    table = pl.read_csv(answer.data, infer_schema_length=None)
    assert len(table) == rows
    assert columns <= set(table.columns)


def test_run_at_its_beginning_says_what_comes_when(paths: Paths, client_of: ClientOf) -> None:
    write_run(paths, until="selection")
    client = client_of(paths)
    assert "stage 8 comes after the search" in text_of(client, "walkforward")
    assert "stage 8 does so when all windows are tested" in text_of(client, "overfitting")
    assert "fetched and checked in stage 5" in text_of(client, "data")
    for name in CHARTS:
        assert json_of(client.get(f"{MARKET_API}/charts/{name}"))["meta"]["empty"], name


def test_walkforward_page_has_scores_windows_stress_and_regimes(client: FlaskClient) -> None:
    text = text_of(client, "walkforward")
    for part in ("Consistency", "Rank correlation", "3 of 4", "Window 3", "not scored", "costs x2", "sideways, volatile", "not known yet"):
        assert part in text
    assert "Paths" not in text


def test_windows_are_sorted_on_the_server_and_unknown_ones_come_last(client: FlaskClient) -> None:
    def order(query: str) -> list[str]:
        return re.findall(r"Window (\d)</a>", client.get(f"{MARKET}/walkforward?{query}").text)

    assert order("") == ["0", "1", "2", "3"]
    assert order("sort=rank_correlation&order=desc") == ["0", "2", "1", "3"]
    assert order("sort=rank_correlation&order=asc") == ["1", "2", "0", "3"]
    assert client.get(f"{MARKET}/walkforward?sort=secret").status_code == 400
    assert client.get(f"{MARKET}/walkforward?page=0").status_code == 400


def test_every_column_sorts(client: FlaskClient) -> None:
    for name in SORTS:
        assert client.get(f"{MARKET}/walkforward?sort={name}&order=desc").status_code == 200


def test_many_windows_come_in_pages(finished: RunFolder) -> None:
    content = read_json(market_folder(finished, "walkforward") / "walkforward.json")
    content["windows"] = [content["windows"][0] | {"index": index} for index in range(250)]
    last = walkforward_view(content, WindowsQuery(page=9))
    assert last is not None
    assert (last.page, last.pages, last.total, [row.index for row in last.rows]) == (3, 3, 250, list(range(200, 250)))


def test_a_window_has_a_page_of_its_own(client: FlaskClient) -> None:
    text = text_of(client, "walkforward/2")
    for part in ("Window 2", "Not scored. 3 trades out of sample, 5 are needed", "Window 1", "Window 3", "atr_sl_multiplier 2.3 1.5 53.3"):
        assert part in text
    assert client.get(f"{MARKET}/walkforward/4").status_code == 404
    assert client.get(f"{MARKET}/walkforward/-1").status_code == 404


def test_window_without_a_median_trial_has_no_column_for_it(client: FlaskClient) -> None:
    assert "Median trial" in text_of(client, "walkforward/0")
    assert "Median trial" not in text_of(client, "walkforward/3")


def test_combinatorial_windows_are_no_forecast_and_have_paths(paths: Paths, client_of: ClientOf) -> None:
    changed(write_run(paths), "walkforward", "walkforward.json", combinatorial)
    client = client_of(paths)
    text = text_of(client, "walkforward")
    assert "It is no forecast" in text
    assert "1 (used)" in text
    assert "only the equity of the judged path is kept" in text_of(client, "walkforward/0")
    assert "the one that is judged" in text_of(client, "walkforward/5")


def test_overfitting_page_has_gates_and_every_test(client: FlaskClient) -> None:
    text = text_of(client, "overfitting")
    for part in (
        "3 of 9 gates passed",
        "Deflated Sharpe ratio",
        "41.3",
        "7.2/44",
        "by effective rank (used)",
        "start-up trials only",
    ):
        assert part in text
    assert "Not computed" not in text


def test_statistics_that_could_not_be_computed_share_their_reason(paths: Paths, client_of: ClientOf) -> None:
    reason = "there is one trial, and a comparison needs two"
    changed(write_run(paths), "walkforward", "significance.json", lambda _: nothing_computed(reason))
    text = text_of(client_of(paths), "overfitting")
    assert "There is one trial, and a comparison needs two Deflated Sharpe ratio; Sharpe ratio less haircut, Bonferroni;" in text
    assert "3 of 9 gates passed" in text


def test_run_of_an_older_version_says_that_a_new_one_computes_it(paths: Paths, client_of: ClientOf) -> None:
    run = write_run(paths)
    (market_folder(run, "walkforward") / "significance.json").unlink()
    client = client_of(paths)
    assert "This run was made before the program computed these statistics" in text_of(client, "overfitting")
    assert json_of(client.get(f"{MARKET_API}/charts/logits"))["meta"]["empty"].startswith("Not computed yet")


@pytest.mark.parametrize(
    ("stage", "name", "page", "chart"),
    [
        ("walkforward", "walkforward.json", "walkforward", "promise"), ("walkforward", "significance.json", "overfitting", "logits"),
        ("baseline", "quality.json", "data", "quality"),
    ],
)  # fmt: skip
def test_damaged_file_is_named_and_leaves_the_rest(paths: Paths, client_of: ClientOf, stage: str, name: str, page: str, chart: str) -> None:
    run = write_run(paths)
    changed(run, stage, name, lambda content: {"windows": 3, "holes": "none"})
    client = client_of(paths)
    text = text_of(client, page)
    assert "This part cannot be shown." in text
    assert name in text
    assert client.get(f"{MARKET_API}/charts/{chart}").status_code == 422
    others = {"walkforward", "overfitting", "data"} - {page}
    assert all("cannot be shown" not in text_of(client, other) for other in others)


def test_data_page_answers_its_questions_and_lists_exact_ranges(client: FlaskClient) -> None:
    text = text_of(client, "data")
    for part in ("Were the prices traded?", "No: 2 bars (0.056 %) missing, in 1 hole", "9.31 %", "c" * 64, "2024-01-21 20:00"):
        assert part in text
    assert "Missing bars 2024" not in text_of(client, "data?kind=spike")
    assert client.get(f"{MARKET}/data?kind=secret").status_code == 400


def test_ranges_are_a_file_to_download(client: FlaskClient) -> None:
    answer = client.get(f"{MARKET}/data/ranges.csv")
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"] == f"attachment; filename={RUN_ID}_{SLUG}_ranges.csv"
    assert pl.read_csv(answer.data).rows()[0][:3] == ("missing", 1_705_867_200_000, 1_705_874_400_000)


@pytest.mark.parametrize(
    ("text", "written"),
    [("-0.5 to -1.2 %", "−0.5 to −1.2 %"), ("2024-01-05", "2024-01-05"), ("out-of-sample -3", "out-of-sample −3"), ("(-.5)", "(−.5)")],
)
def test_hyphens_before_numbers_become_minus_signs(text: str, written: str) -> None:
    assert true_minus(text) == written
