"""Stories of trades: told for the very trade that a run stored, and never by running code that a run's settings name."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.exceptions import ServiceUnavailable

from backtest_engine.explain import BarStory
from core.errors import DataError
from core.paths import Paths
from core.run_folder import RunFolder
from dashboard.api import stories
from dashboard.reading.files import FileReader
from dashboard.reading.run_reader import Run
from dashboard.views.story import MAX_BARS, require_same, story_view
from tests.dashboard.conftest import json_of
from tests.dashboard.sample_market import HOUR_MS
from tests.dashboard.sample_run import RUN_ID, SLUG, market_folder, uncommit, write_run
from tests.patience import PATIENCE_SECONDS

MARKET = f"/api/v1/runs/{RUN_ID}/markets/{SLUG}"
ClientOf = Callable[[Paths], FlaskClient]


def bar(number: int, *events: str) -> BarStory:
    return BarStory(number * HOUR_MS, 1.0, 2.0, 0.5, 1.5, 10.0, events, float("nan"), 2.5, 100.0)


def test_bars_come_with_their_events_and_the_levels_that_there_are() -> None:
    shown = story_view([bar(0, "signals long"), bar(1)])
    assert shown["bars"][0] == {
        "time": 0, "open": 1.0, "high": 2.0, "low": 0.5, "close": 1.5, "volume": 10.0, "equity": 100.0, "levels": {"target": 2.5},
        "events": ["signals long"],
    }  # fmt: skip
    assert (shown["total"], shown["note"]) == (2, "")


def test_a_very_long_trade_is_told_by_the_bars_in_which_something_happened() -> None:
    shown = story_view([bar(0), *(bar(place, *(["moves"] if place % 10 == 0 else [])) for place in range(1, MAX_BARS * 2)), bar(9999)])
    assert shown["bars"][0]["time"] == 0
    assert shown["bars"][-1]["time"] == 9999 * HOUR_MS
    assert all(each["events"] for each in shown["bars"][1:-1])
    assert shown["total"] == MAX_BARS * 2 + 1
    assert f"{shown['total'] - len(shown['bars'])} bars" in shown["note"]


@pytest.mark.parametrize(("first", "last"), [(5, 8), (6, 7), (4, 8), (6, 9)])
def test_only_the_stored_trade_s_story_is_told(first: int, last: int) -> None:
    story = [bar(place) for place in (5, 6, 7, 8)]
    if (first, last) == (5, 8):
        require_same(story, first * HOUR_MS + 60_000, last * HOUR_MS, HOUR_MS)
    else:
        with pytest.raises(DataError, match="simulates another trade"):
            require_same(story, first * HOUR_MS, last * HOUR_MS, HOUR_MS)


def test_a_run_s_own_strategy_is_never_run(paths: Paths, client_of: ClientOf, tmp_path: Path) -> None:
    trap, mark = tmp_path / "trap.py", tmp_path / "ran"
    trap.write_text(f"open({str(mark)!r}, 'w').close()\nSTRATEGY = None\n")
    write_run(paths, settings={"strategy": {"name": str(trap)}})
    answer = client_of(paths).get(f"{MARKET}/trades/0/story")
    assert answer.status_code == 422
    assert "built-in strategies only" in json_of(answer)["error"]["message"]
    assert str(tmp_path) not in answer.text
    assert not mark.exists()


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("trades/90/story", 404), ("trades/-1/story", 400), ("trades/x/story", 400), ("trades/0/story?source=other", 400),
        ("trades/9999/story?source=walkforward", 404),
        ("entries/40/story", 404), ("entries/9999999999/story", 400), ("trades/0/story?more=1", 400),
    ],
)  # fmt: skip
def test_what_has_no_story_is_refused(address: str, status: int, client: FlaskClient) -> None:
    assert client.get(f"{MARKET}/{address}").status_code == status


def test_a_trade_that_this_program_does_not_simulate_has_no_story(client: FlaskClient) -> None:
    answer = client.get(f"{MARKET}/trades/0/story")  # the sample's trades are drawn, not simulated
    assert answer.status_code == 422
    assert "another trade" in json_of(answer)["error"]["message"] or "no trade" in json_of(answer)["error"]["message"]


@pytest.mark.parametrize("name", ["selection.json", "strategy.json"])
def test_damaged_settings_are_named(name: str, paths: Paths, client_of: ClientOf) -> None:
    run = write_run(paths)
    uncommit(run)
    for path in run.checkpoints.glob(f"*/{name}"):
        content = path.read_text()
        path.write_text(content.replace('"fees"', '"feed"') if name == "strategy.json" else content.replace('"slug"', '"more":1,"slug"'))
    answer = client_of(paths).get(f"{MARKET}/trades/0/story")
    assert answer.status_code == 422
    assert name in json_of(answer)["error"]["message"]


def test_a_baseline_that_is_gone_is_said(paths: Paths, client_of: ClientOf) -> None:
    run = write_run(paths)
    uncommit(run)
    (market_folder(run, "baseline") / "baseline.json").unlink()
    assert client_of(paths).get(f"{MARKET}/trades/0/story").status_code == 422


def test_stories_wait_for_each_other_but_never_hold_all_request_threads(finished: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on, calls = threading.Event(), threading.Event(), []

    def slow(*_: object) -> dict[str, object]:
        calls.append(1)
        begun.set()
        assert go_on.wait(PATIENCE_SECONDS)
        return {"bars": [], "total": 0, "note": ""}

    monkeypatch.setattr(stories, "_told", slow)
    told, run = stories.Stories(), Run(finished, FileReader(finished.paths.data))
    with ThreadPoolExecutor(3) as pool:
        waiting = [pool.submit(told.tell, run, SLUG, "trade", row, "baseline") for row in (0, 0, 1)]
        assert begun.wait(PATIENCE_SECONDS)
        while told._places._value:  # the other two have come in, too
            threading.Event().wait(0.001)
        with pytest.raises(ServiceUnavailable, match="ask again"):
            told.tell(run, SLUG, "trade", 2, "baseline")
        go_on.set()
        assert [each.result(PATIENCE_SECONDS)["total"] for each in waiting] == [0, 0, 0]
    assert len(calls) == 2, "the same story is told once"
