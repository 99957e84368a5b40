"""The table of trials: the best of one search, while its ledger grows; read-only, and text stays text."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from core.checked_log import CheckedLog, read_checked_log
from core.paths import Paths
from core.run_folder import RunFolder
from tests.conftest import ROOT
from tests.dashboard.conftest import MARKET_API, json_of
from tests.dashboard.sample_ledger import STAGE_TRIALS
from tests.dashboard.sample_run import RUN_ID, SLUG, market_folder, write_run

ADDRESS = f"{MARKET_API}/trials"
ClientOf = Callable[[Paths], FlaskClient]


def ledger(run: RunFolder, stage: str = "7.3") -> Path:
    return market_folder(run, "optimize") / f"{stage}.trials.log"


def test_the_best_trials_of_the_last_search_come_first(client: FlaskClient, finished: RunFolder) -> None:
    answer = json_of(client.get(f"{ADDRESS}?size=5"))
    lines = [line for line in read_checked_log(ledger(finished))[1:] if line["state"] == "complete"]
    best = sorted(lines, key=lambda line: (-line["scores"][-1], line["trial"]))[:5]
    assert answer["shown"] == {"stage": "7.3", "window": None}
    assert answer["total"] == STAGE_TRIALS["7.3"] == sum(answer["states"].values())
    assert [(row["trial"], row["score"]) for row in answer["items"]] == [(line["trial"], line["scores"][-1]) for line in best]
    assert {name: answer["items"][0][f"param_{name}"] for name in best[0]["params"]} == best[0]["params"]


def test_any_search_that_has_begun_can_be_chosen(client: FlaskClient) -> None:
    searches = json_of(client.get(ADDRESS))["searches"]
    assert {"stage": "7.1", "window": None} in searches
    for search in searches:
        window = "" if search["window"] is None else f"&window={search['window']}"
        assert json_of(client.get(f"{ADDRESS}?stage={search['stage']}{window}"))["shown"] == search


@pytest.mark.parametrize("query", ["stage=7.4", "window=x", "window=-1", "size=0", "size=1001", "top=1"])
def test_a_question_that_makes_no_sense_is_refused(client: FlaskClient, query: str) -> None:
    assert client.get(f"{ADDRESS}?{query}").status_code == 400


def test_a_search_that_has_not_begun_has_no_rows(client: FlaskClient) -> None:
    answer = json_of(client.get(f"{ADDRESS}?window=77"))
    assert (answer["shown"], answer["total"], answer["items"]) == (None, 0, [])


def test_it_grows_with_the_ledger_and_leaves_a_torn_end_alone(paths: Paths, client_of: ClientOf) -> None:
    run = write_run(paths)
    path = ledger(run)
    lines = path.read_bytes().splitlines(keepends=True)
    client = client_of(paths)
    for whole in (0, 1, 4, 9):
        content = b"".join(lines[: whole + 1]) + lines[whole + 1][:-5]
        path.write_bytes(content)
        assert json_of(client.get(f"{ADDRESS}?stage=7.3"))["total"] == whole
        assert path.read_bytes() == content
    assert not list(path.parent.glob("*.torn"))


def test_text_of_a_trial_is_text_and_damage_is_named_without_a_path(paths: Paths, client_of: ClientOf) -> None:
    run = write_run(paths)
    lines = read_checked_log(ledger(run))
    lines[1] |= {"state": "failed", "error": "<img src=x onerror=alert(1)>", "scores": [], "metrics": {}}
    ledger(run).unlink()
    with CheckedLog(ledger(run)) as log:
        log.append(lines[:2])
    answer = client_of(paths).get(f"{ADDRESS}?stage=7.3")
    assert answer.mimetype == "application/json"
    assert json_of(answer)["items"][0]["error"] == "<img src=x onerror=alert(1)>"
    with CheckedLog(ledger(run)) as log:
        log.append([{"trial": 1}, 5])
    damaged = client_of(paths).get(f"{ADDRESS}?stage=7.3")
    assert damaged.status_code == 422
    assert "7.3.trials.log" in damaged.text
    assert str(paths.data) not in damaged.text


def test_a_ledger_that_may_not_be_read_is_named_without_a_path(paths: Paths, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch) -> None:
    path, opened = ledger(write_run(paths)), Path.open

    def forbidden(self: Path, *arguments: Any, **options: Any) -> Any:
        if self == path:
            raise PermissionError(13, "Permission denied")
        return opened(self, *arguments, **options)

    monkeypatch.setattr(Path, "open", forbidden)
    answer = client_of(paths).get(f"{ADDRESS}?stage=7.3")
    assert answer.status_code == 422
    assert "7.3.trials.log" in answer.text
    assert str(paths.data) not in answer.text


def test_the_page_has_the_table_and_its_script(client: FlaskClient) -> None:
    page = client.get(f"/runs/{RUN_ID}/{SLUG}/search").text
    assert 'id="trials-table"' in page
    assert "pages/search.js" in page
    assert "innerHTML" not in (ROOT / "dashboard" / "static" / "js" / "pages" / "search.js").read_text(encoding="utf8")
