"""The overview of a run: verdicts, stages with their times, what could be proven, and the settings that are not the defaults."""

import json

import pytest
from flask.testing import FlaskClient

from config import RunConfig
from core.atomic_files import write_bytes
from core.paths import Paths
from core.run_folder import RunFolder, commit_stage, stage_named
from dashboard.reading.files import FileReader
from dashboard.reading.run_reader import Run
from dashboard.views.changed_settings import changed_settings, default_settings
from dashboard.views.hardware import duration
from dashboard.views.stage_table import stage_table
from tests.dashboard.conftest import ClientOf
from tests.dashboard.sample_machine import PROFILE, write_profile
from tests.dashboard.sample_run import CREATED_MS, RUN_ID, SampleMarket, market_folder, uncommit, write_run

TWO = (SampleMarket(), SampleMarket("BINANCE", "ETHUSDT", "binance_ethusdt_1h", False))


def read(folder: RunFolder) -> Run:
    return Run(folder, FileReader(folder.paths.data))


def write_timings(run: RunFolder, *entries: object) -> None:
    write_bytes(run.timings_file, json.dumps({"schema": 1, "stages": entries}).encode())


def timing(stage: str, seconds: float, **more: object) -> dict[str, object]:
    return {"stage": stage, "finished_ms": CREATED_MS, "seconds": seconds, **more}


def test_stage_table_adds_attempts_up_and_shares_the_time(paths: Paths) -> None:
    run = write_run(paths, until="baseline")
    write_timings(run, timing("05_baseline", 60.0), timing("05_baseline", 120.0, workers=2, rate=0.123456), timing("01_credentials", 20.0))
    table = stage_table(read(run))
    row = table.rows[4]
    assert (row.took, row.attempts, row.share, row.state) == ("3 min 00 s", 2, 0.9, "done")
    assert row.notes == (("Workers", "2"), ("Rate", "0.1235"))
    assert table.rows[5].state == "current"
    assert (table.rows[9].took, table.rows[9].attempts, table.total) == ("", 0, "3 min 20 s")


@pytest.mark.parametrize("content", [b"[]", b'{"stages":1}', b'{"stages":[{"stage":"x"}]}', b'{"stages":[[]]}'])
def test_damaged_times_hide_nothing_else(paths: Paths, client_of: ClientOf, content: bytes) -> None:
    run = write_run(paths, until="baseline")
    write_bytes(run.timings_file, content)
    page = client_of(paths).get(f"/runs/{RUN_ID}/")
    assert page.status_code == 200
    assert "timings.json" in page.text
    assert "Settings that differ from the defaults" in page.text


def test_durations_are_said_as_people_say_them() -> None:
    said = [duration(seconds) for seconds in (0.04, 9.96, 12, 119.6, 200, 7_500, None, float("nan"))]
    assert said == ["0.0 s", "10.0 s", "12 s", "120 s", "3 min 20 s", "2 h 05 min", "n/a", "n/a"]


def test_defaults_of_a_run_do_not_differ_from_themselves() -> None:
    defaults = default_settings("hybrid_trend")
    whole = RunConfig().model_dump(mode="json")
    for section in ("strategy", "execution", "optimization", "walkforward", "significance", "verdict"):
        assert {name: value for name, value in defaults[section].items() if name != "params"} == {
            name: value for name, value in whole[section].items() if name != "params"
        }


def test_settings_that_differ_are_named_with_their_defaults(paths: Paths) -> None:
    given = {
        "seed": 7,
        "verdict": {"out_of_sample_trades_from": 12},
        "significance": {"permutations": 200},
        "gaps": "auto",
        "execution": {"leverage": 3.0},
    }
    run = write_run(paths, until="strategy", settings=given, strategy={"ema_fast": 21, "stop_type": "none"})
    found = {(each.section, each.name): (each.value, each.default) for each in changed_settings(read(run))}
    default = str(RunConfig().verdict.out_of_sample_trades_from)
    assert found == {
        ("Run", "seed"): ("7", "42"), ("Strategy", "ema_fast"): ("21", "20"), ("Strategy", "stop_type"): ("none", "atr"),
        ("Execution", "leverage"): ("3", "1"), ("Optimization", "profile"): ("FAST", "BALANCED"),
        ("Verdict", "out_of_sample_trades_from"): ("12", default),
    }  # fmt: skip


def test_overview_shows_every_part(client: FlaskClient) -> None:
    page = client.get(f"/runs/{RUN_ID}/").text
    for text in (
        "What these settings can prove",
        "After it: the trials amount to",
        "Stages",
        "In this run",
        "BALANCED",
        "All settings",
    ):
        assert text in page
    assert "cannot be shown" not in page


def test_overview_says_what_an_older_run_never_computed(paths: Paths, client_of: ClientOf) -> None:
    run = write_run(paths)
    uncommit(run)
    commit_stage(run.stage(stage_named("walkforward")), "walkforward", {}, [], "code")
    (market_folder(run, "walkforward") / "significance.json").unlink()
    page = client_of(paths).get(f"/runs/{RUN_ID}/").text
    assert "the run was made before the program did so" in page
    assert "cannot be shown" not in page


def test_run_of_several_markets_judges_each(paths: Paths, client_of: ClientOf) -> None:
    write_run(paths, markets=TWO, passed=True)
    page = client_of(paths).get(f"/runs/{RUN_ID}/").text
    assert page.count('class="market-part"') == 2
    assert page.count("What these settings can prove") == 2
    assert page.count("Gates, ") == 2


def test_one_damaged_file_hides_its_part_only(paths: Paths, client_of: ClientOf) -> None:
    run = write_run(paths)
    uncommit(run)
    (run.results / "report.json").write_bytes(b'{"markets":{"simulated_btcusdt_1h":{"verdict":1}}}')
    page = client_of(paths).get(f"/runs/{RUN_ID}/")
    assert page.status_code == 200
    assert "cannot be shown" in page.text
    assert "Credentials" in page.text
    assert "leverage" in page.text


def test_hardware_is_shown_as_measured(paths: Paths, client_of: ClientOf) -> None:
    client = client_of(paths)
    assert "Not measured yet" in client.get("/hardware").text
    assert client.get("/api/v1/hardware").status_code == 404
    write_profile(paths)
    page = client.get("/hardware").text
    for text in ("8.0 GiB", "none found", "800,000 bars/s", "processes of this machine", "75 s", "2025-01-02 03:04"):
        assert text in page
    assert client.get("/api/v1/hardware").json == PROFILE
    write_bytes(paths.hardware_profile, json.dumps(PROFILE | {"cores": "two"}).encode())
    assert "hardware_profile.json" in client.get("/hardware").text
    assert client.get("/api/v1/hardware").status_code == 422
