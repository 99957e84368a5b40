"""A damaged or foreign folder is listed with what is wrong, hides no other, and never breaks a page."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from core.paths import Paths
from core.run_folder import RunFolder
from dashboard.app import create_app
from dashboard.reading import files
from tests.dashboard.clients import signed_in
from tests.dashboard.conftest import json_of
from tests.dashboard.sample_run import RUN_ID, SLUG, market_folder, uncommit, write_run

ClientOf = Callable[[Paths], FlaskClient]
CHARTS = ("candles", "equity", "history", "windows", "drift")
ADDRESSES = [f"/runs/{RUN_ID}/", f"/api/v1/runs/{RUN_ID}/progress", f"/api/v1/runs/{RUN_ID}/markets/{SLUG}/trades"] + [
    f"/api/v1/runs/{RUN_ID}/markets/{SLUG}/charts/{name}" for name in CHARTS
]
CRAFTED = {
    "empty": b"",
    "no json": b"{",
    "null": b"null",
    "list": b"[]",
    "number": b"1",
    "text": b'"x"',
    "empty object": b"{}",
    "binary": bytes(range(256)),
    "deep": b"[" * 100_000,
    "deep object": b'{"markets":' * 5000 + b"1" + b"}" * 5000,
    "not a number": b'{"markets": NaN, "windows": Infinity, "created_ms": NaN, "settings": {}}',
    "huge numbers": b'{"created_ms": 1e400, "settings": {"mode": 123456789012345678901234567890}}',
    "endless digits": b'{"created_ms": ' + b"9" * 5000 + b', "settings": {}}',
    "wrong types": b'{"markets": 5, "windows": {"a": 1}, "settings": [], "metrics": 3, "stages": "x", "holes": 7, "outputs": 1}',
    "null members": b'{"markets": {"simulated_btcusdt_1h": null}, "settings": null, "metrics": null, "windows": [null]}',
    "null stages": b'{"stages": {"7.1": null, "7.2": {}}, "verdict": null, "strategy": null, "execution": null, "optimization": null}',
    "mark": b"\xef\xbb\xbf{}",
    "bad text": b'{"mode": "\xff\xfe"}',
}


def damaged(run: RunFolder) -> list[Path]:
    """Return one file of every kind that pages read."""
    return [
        run.settings_file, run.checkpoints / "03_selection" / "selection.json", run.checkpoints / "03_selection" / "stage.json",
        run.checkpoints / "04_strategy" / "strategy.json", market_folder(run, "baseline") / "baseline.json",
        market_folder(run, "baseline") / "quality.json", market_folder(run, "baseline") / "candles.parquet",
        market_folder(run, "baseline") / "trades.parquet", market_folder(run, "optimize") / "optimization.json",
        market_folder(run, "optimize") / "7.1.trials.log", market_folder(run, "walkforward") / "walkforward.json",
        market_folder(run, "walkforward") / "oos_equity.parquet", run.results / "report.json",
    ]  # fmt: skip


FILES = 13


@pytest.fixture(scope="module")
def crafted(tmp_path_factory: pytest.TempPathFactory) -> tuple[RunFolder, FlaskClient]:
    """Return a run that no hash protects, beside a sound one; each test damages one of its files and puts it right again."""
    paths = Paths.under(tmp_path_factory.mktemp("crafted"))
    run = write_run(paths)
    uncommit(run)
    (run.checkpoints / "03_selection" / "stage.json").write_text("{}")
    write_run(paths, "20250101-000000-good", until="baseline")
    return run, signed_in(create_app(paths))


@pytest.mark.parametrize("number", range(FILES))
@pytest.mark.parametrize("kind", CRAFTED)
def test_crafted_content_never_breaks_a_page(crafted: tuple[RunFolder, FlaskClient], number: int, kind: str) -> None:
    run, client = crafted
    path = damaged(run)[number]
    before = path.read_bytes()
    try:
        path.write_bytes(CRAFTED[kind])
        listing = client.get("/").text
        assert str(run.paths.data.parent) not in listing
        assert "20250101-000000-good" in listing
        assert RUN_ID in listing
        for address in ADDRESSES:
            answer = client.get(address)
            assert answer.status_code in (200, 404, 422), address
            assert str(run.paths.data.parent) not in answer.text
            assert "Traceback" not in answer.text
    finally:
        path.write_bytes(before)


def test_changed_byte_is_noticed_although_the_file_still_loads(paths: Paths, client_of: ClientOf) -> None:
    run = write_run(paths)
    path = market_folder(run, "baseline") / "candles.parquet"
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 1
    path.write_bytes(content)
    answer = client_of(paths).get(f"/api/v1/runs/{RUN_ID}/markets/{SLUG}/charts/candles")
    assert answer.status_code == 422
    assert "SHA-256 does not match" in json_of(answer)["error"]["message"]


def test_one_damaged_file_hides_no_other_section(paths: Paths, client_of: ClientOf) -> None:
    run = write_run(paths)
    (market_folder(run, "walkforward") / "walkforward.json").write_text("{")
    client = client_of(paths)
    page = client.get(f"/runs/{RUN_ID}/").text
    assert "This part cannot be shown" in page
    assert "Not worth trading as it is" in page
    assert "This part cannot be shown" in client.get(f"/runs/{RUN_ID}/{SLUG}/walkforward").text
    assert "Price spikes" in client.get(f"/runs/{RUN_ID}/{SLUG}/data").text
    assert client.get(f"/api/v1/runs/{RUN_ID}/markets/{SLUG}/charts/candles").status_code == 200


def test_foreign_folders_are_listed_with_what_is_wrong(paths: Paths, client_of: ClientOf) -> None:
    write_run(paths)
    (paths.checkpoints / "holiday-photos").mkdir()
    (paths.checkpoints / "No Run").mkdir()
    (paths.checkpoints / "a-file").write_text("x")
    (paths.checkpoints / ".hidden").mkdir()
    client = client_of(paths)
    page = client.get("/").text
    assert RUN_ID in page
    assert "holiday-photos" in page
    assert "no run.json" in page
    assert "No Run" in page
    assert "no run id" in page
    assert "a-file" not in page
    assert ".hidden" not in page
    assert client.get("/runs/holiday-photos/").status_code == 404


def test_things_that_are_no_plain_files_do_not_hang(paths: Paths, client_of: ClientOf) -> None:
    run = write_run(paths)
    report, quality = run.results / "report.json", market_folder(run, "baseline") / "quality.json"
    report.unlink()
    os.mkfifo(report)
    quality.unlink()
    quality.mkdir()
    page = client_of(paths).get(f"/runs/{RUN_ID}/")
    assert page.status_code == 200
    assert page.text.count("is no plain file") >= 2


def test_oversized_files_are_not_read(paths: Paths, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch) -> None:
    write_run(paths)
    monkeypatch.setattr(files, "MAX_JSON_BYTES", 100)
    page = client_of(paths).get("/")
    assert page.status_code == 200
    assert "more than the 100" in page.text


def test_torn_ledger_is_shown_without_its_torn_line(paths: Paths, client_of: ClientOf) -> None:
    run = write_run(paths, until="hardware")
    from_whole = write_run(paths, "20250101-000000-whole")
    content = (market_folder(from_whole, "optimize") / "7.1.trials.log").read_bytes()
    folder = market_folder(run, "optimize")
    folder.mkdir(parents=True)
    (folder / "7.1.trials.log").write_bytes(content[:-20])
    assert json_of(client_of(paths).get(f"/api/v1/runs/{RUN_ID}/markets/{SLUG}/charts/history"))["meta"]["trials"] == 49


def test_repaired_file_is_read_again(paths: Paths, client_of: ClientOf) -> None:
    run = write_run(paths)
    path = run.results / "report.json"
    content = path.read_bytes()
    client = client_of(paths)
    path.write_text("{")
    assert "Damaged" in client.get("/").text
    path.write_bytes(content)
    assert "Damaged" not in client.get("/").text
