"""Every page opens, says what it should, and keeps quiet about what is not there."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from core.paths import Paths
from core.run_folder import RunLock
from dashboard.reading.files import FileReader
from dashboard.reading.runs import RunIndex
from tests.dashboard.conftest import json_of
from tests.dashboard.sample_ledger import write_ledger
from tests.dashboard.sample_run import CREATED_MS, RUN_ID, SLUG, SampleMarket, market_folder, write_run

ClientOf = Callable[[Paths], FlaskClient]
TWO = (SampleMarket(), SampleMarket("BINANCE", "ETHUSDT", "binance_ethusdt_1h", False))


def test_empty_installation_says_how_to_begin(paths: Paths, client_of: ClientOf) -> None:
    page = client_of(paths).get("/")
    assert page.status_code == 200
    assert "No runs yet" in page.text
    assert "python run_pipeline.py demo" in page.text


def test_list_shows_id_time_market_state_and_verdict(client: FlaskClient) -> None:
    page = client.get("/").text
    for text in (RUN_ID, "2025-01-02 03:04", "BTCUSDT", "SIMULATED", "synthetic", "Finished", "Not passed", "Not worth trading as it is"):
        assert text in page


def test_list_puts_the_newest_run_first(paths: Paths, client_of: ClientOf) -> None:
    write_run(paths, "b-older", until="credentials", created_ms=CREATED_MS)
    write_run(paths, "a-newer", until="credentials", created_ms=CREATED_MS + 1)
    page = client_of(paths).get("/").text
    assert page.index("a-newer") < page.index("b-older")


def test_pages_of_a_run_show_every_part(client: FlaskClient) -> None:
    pages = [
        client.get(f"/runs/{RUN_ID}/{name}")
        for name in ("", *(f"{SLUG}/{name}" for name in ("", "equity", "search", "walkforward", "data")))
    ]
    assert {page.status_code for page in pages} == {200}
    text_of_all = "".join(page.text for page in pages)
    for text in (
        "Gates, 3 of 9 passed",
        "Side by side",
        "Every trial",
        "Parameter drift",
        "Price spikes",
        "initial_capital",
        "n/a",
        "2024-01-01 00:00 UTC",
    ):
        assert text in text_of_all


def test_value_of_a_gate_does_not_contradict_its_result(client: FlaskClient) -> None:
    page = client.get(f"/runs/{RUN_ID}/").text
    assert "Sharpe ratio after so many trials" in page
    assert ">0.9496<" in page, "rounded to 0.95 it would seem to have passed"
    assert "at least 0.95" in page


def test_address_without_the_last_slash_leads_on(client: FlaskClient) -> None:
    answer = client.get(f"/runs/{RUN_ID}")
    assert answer.status_code == 308
    assert answer.location.endswith(f"/runs/{RUN_ID}/")


def test_run_of_several_markets_lists_them_and_each_opens(paths: Paths, client_of: ClientOf) -> None:
    write_run(paths, markets=TWO, passed=True)
    client = client_of(paths)
    overview = client.get(f"/runs/{RUN_ID}/").text
    assert "2 markets" in overview
    for market in TWO:
        assert f"/runs/{RUN_ID}/{market.slug}/" in overview
        assert market.symbol in client.get(f"/runs/{RUN_ID}/{market.slug}/").text


def test_definitions_and_precision_of_the_comparison(client: FlaskClient) -> None:
    page = client.get(f"/runs/{RUN_ID}/").text
    assert 'data-tip="Mean of the per-bar returns over their standard deviation, annualized."' in page
    assert ">1.52<" in page, "ratios have two decimals"
    assert "−118.40" in page, "money has two decimals and a true minus sign"


@pytest.mark.parametrize("stage", ["credentials", "selection", "strategy", "baseline", "hardware", "optimize", "walkforward", "report"])
def test_unfinished_run_shows_what_there_is_and_how_to_go_on(paths: Paths, client_of: ClientOf, stage: str) -> None:
    write_run(paths, until=stage)
    client = client_of(paths)
    page = client.get(f"/runs/{RUN_ID}/")
    assert page.status_code == 200
    assert "cannot be shown" not in page.text
    if stage != "report":
        assert f"python run_pipeline.py resume {RUN_ID}" in page.text
        assert "Unfinished" in client.get("/").text
    for chart in ("candles", "equity", "history", "windows", "drift"):
        assert client.get(f"/api/v1/runs/{RUN_ID}/markets/{SLUG}/charts/{chart}").status_code == 200


def test_running_run_grows_with_its_ledger(paths: Paths, client_of: ClientOf) -> None:
    run = write_run(paths, until="hardware")
    client = client_of(paths)
    with RunLock(run.checkpoints):
        write_ledger(market_folder(run, "optimize"), "7.1", 5)
        assert json_of(client.get(f"/api/v1/runs/{RUN_ID}/progress"))["markets"][0]["trials"]["7.1"] == 5
        write_ledger(market_folder(run, "optimize"), "7.1", 4)
        progress = json_of(client.get(f"/api/v1/runs/{RUN_ID}/progress"))
        assert progress["state"] == "running"
        assert progress["markets"][0]["trials"]["7.1"] == 9
        assert "9 of 50" in client.get(f"/runs/{RUN_ID}/{SLUG}/search").text
        assert "Running" in client.get("/").text
    assert json_of(client.get(f"/api/v1/runs/{RUN_ID}/progress"))["state"] == "unfinished"


def test_lock_of_a_process_that_is_gone_is_no_running_run(paths: Paths, client_of: ClientOf) -> None:
    run = write_run(paths, until="hardware")
    with RunLock(run.checkpoints):
        pass
    for holder in (None, "process 999999999 on another machine", "process 4194999 on nowhere", ""):
        if holder is not None:
            (run.checkpoints / "run.lock").write_text(holder)
        assert json_of(client_of(paths).get(f"/api/v1/runs/{RUN_ID}/progress"))["state"] == "unfinished"


@pytest.mark.parametrize("name", ["report.html", "comparison.csv", "summary.md"])
def test_downloads_are_offered_and_come_as_files(client: FlaskClient, name: str) -> None:
    assert f"/downloads/{RUN_ID}/{name}" in client.get(f"/runs/{RUN_ID}/").text
    with client.get(f"/downloads/{RUN_ID}/{name}") as answer:
        assert answer.status_code == 200
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_plotly_comes_from_the_installed_package_and_may_be_kept(client: FlaskClient) -> None:
    page = client.get(f"/runs/{RUN_ID}/{SLUG}/").text
    address = page.split('id="plotly-script" href="')[1].split('"')[0]
    with client.get(address) as answer:
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]
        assert b"plotly.js" in answer.data[:200]
    assert client.get("/assets/other.js").status_code == 404


def test_pages_load_nothing_from_elsewhere(client: FlaskClient) -> None:
    for address in ("/", f"/runs/{RUN_ID}/", "/nowhere"):
        page = client.get(address).text
        assert "http://" not in page
        assert "https://" not in page


def test_pages_have_no_inline_script_or_style(client: FlaskClient) -> None:
    page = client.get(f"/runs/{RUN_ID}/").text
    assert page.count("<script") == page.count("<script ") == page.count(' src="') - page.count("<img ")
    assert "<style" not in page
    assert " style=" not in page
    assert " onclick" not in page


def test_missing_things_are_404_with_a_page_for_people(client: FlaskClient) -> None:
    for address in ("/nowhere", "/runs/nobody/", f"/runs/{RUN_ID}/other_market/", f"/downloads/{RUN_ID}/run.json"):
        answer = client.get(address)
        assert answer.status_code == 404
        assert "Nothing here" in answer.text
        assert "All runs" in answer.text


def test_listing_many_runs_looks_at_each_once(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        write_run(paths, f"20250101-00000{number}-aaaa", until="credentials")
    index = RunIndex(paths, FileReader(paths.data))
    listed: list[Path] = []
    iterdir = Path.iterdir

    def counted(path: Path) -> Iterator[Path]:
        listed.append(path)
        return iterdir(path)

    monkeypatch.setattr(Path, "iterdir", counted)
    assert len(index.summaries()) == 5
    assert index.run_ids() == [f"20250101-00000{number}-aaaa" for number in (4, 3, 2, 1, 0)]
    assert listed.count(paths.checkpoints) == 2, "once for each list, however many runs there are"
