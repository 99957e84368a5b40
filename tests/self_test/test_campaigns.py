"""Campaigns: what they run, that they go on where they stopped, and what they count. The pipeline is a fake here."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from benchmarks.self_test import campaigns
from benchmarks.self_test.__main__ import main
from benchmarks.self_test.campaigns import BASE, QUICK, WINDOWS, noise, power, run_all
from benchmarks.self_test.runs import Outcome, Series, SeriesFailedError, outcome_of, run_series
from benchmarks.self_test.series import random_walk
from benchmarks.self_test.tables import missing, table

WALK = Series("random walk", "walk-007", lambda: random_walk(7, 2))


def report(**gates: float | None) -> dict[str, Any]:
    """Return a report in which the gates hold that have a value above 0."""
    judged = [
        {"name": name, "value": value, "passed": value is not None and value > 0, "reason": None if value is not None else "no trades"}
        for name, value in gates.items()
    ]
    return {"markets": {"local_x_1h": {"verdict": {"passed": all(gate["passed"] for gate in judged), "gates": judged}}}}


class Pipeline:
    """Writes ``content`` where the pipeline would write its report, and remembers what it was called with."""

    def __init__(self, content: dict[str, Any]) -> None:
        self.content, self.calls = content, list[list[str]]()

    def __call__(self, arguments: Sequence[str], work: Path) -> None:
        self.calls.append(list(arguments))
        (candles,) = (Path(each.removeprefix("symbol=")) for each in arguments if each.startswith("symbol="))
        assert candles.is_file()
        place = work / "data" / "results" / "run"
        place.mkdir(parents=True)
        (place / "report.json").write_text(json.dumps(self.content), encoding="utf8")


def test_outcome_is_what_the_report_says_and_outlives_the_run(tmp_path: Path) -> None:
    pipeline = Pipeline(report(plateau=0.7, permutation=None))
    outcome = run_series(WALK, tmp_path, ["seed=5"], pipeline)
    assert outcome == Outcome(
        False, {"plateau": 0.7, "permutation": None}, {"plateau": True, "permutation": False}, {"permutation": "no trades"}
    )
    assert not outcome.computed
    assert "seed=5" in pipeline.calls[0]
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["outcome.json"]


def test_series_that_has_ended_is_not_run_again(tmp_path: Path) -> None:
    pipeline = Pipeline(report(plateau=0.7))
    first, second = (run_series(WALK, tmp_path, ["seed=5"], pipeline) for _ in range(2))
    assert first == second
    assert len(pipeline.calls) == 1


def test_outcome_of_other_settings_is_not_taken_for_this_one(tmp_path: Path) -> None:
    run_series(WALK, tmp_path, ["seed=5"], Pipeline(report(plateau=0.7)))
    with pytest.raises(SeriesFailedError, match="take another folder"):
        run_series(WALK, tmp_path, ["seed=6"], Pipeline(report(plateau=0.7)))


def test_interrupted_series_is_begun_anew(tmp_path: Path) -> None:
    def interrupted(_arguments: Sequence[str], work: Path) -> None:
        (work / "data" / "results" / "half").mkdir(parents=True)
        (work / "data" / "results" / "half" / "report.json").write_text("{}", encoding="utf8")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_series(WALK, tmp_path, [], interrupted)
    assert run_series(WALK, tmp_path, [], Pipeline(report(plateau=0.7))).passed


def test_run_without_a_report_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SeriesFailedError, match="walk-007: 0 reports"):
        run_series(WALK, tmp_path, [], lambda _arguments, _work: None)


def test_pipeline_that_refuses_is_told_with_its_words(tmp_path: Path) -> None:
    with pytest.raises(SeriesFailedError, match=r"walk-007: exit status 2(.|\n)*optimization.prophile"):
        run_series(WALK, tmp_path, ["optimization.prophile=FAST"])


def test_noise_is_half_random_walks_and_half_shuffled_bars() -> None:
    real = random_walk(0, 30)
    series = noise(real, 5, 10)
    assert [each.name for each in series] == ["walk-000", "walk-001", "walk-002", "shuffled-000", "shuffled-001"]
    assert len({each.make().digest for each in series}) == 5
    assert all(len(each.make()) == 240 for each in series)


def test_series_of_different_ratios_share_no_random_numbers() -> None:
    series = power([1.0, 2.0], 2, days=2)
    assert [(each.group, each.name) for each in series] == [
        ("Sharpe 1", "planted-000"), ("Sharpe 1", "planted-001"), ("Sharpe 2", "planted-000"), ("Sharpe 2", "planted-001"),
    ]  # fmt: skip
    assert len({each.make().volume.tobytes() for each in series}) == 4


def test_quick_settings_stand_below_the_ones_that_are_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Sequence[str]] = []

    def run(_series: Series, _folder: Path, assignments: Sequence[str]) -> Outcome:
        seen.append(assignments)
        return outcome_of(report(plateau=1.0))

    monkeypatch.setattr(campaigns, "run_series", run)
    given = ["--series", "1", "--sharpe", "3", "--set", "optimization.profile=THOROUGH"]
    assert main(["power", str(tmp_path), *given]) == main(["power", str(tmp_path), "--quick", *given]) == 0
    assert seen == [[*BASE, *WINDOWS, *middle, given[-1]] for middle in ([], QUICK)]


def test_series_that_fails_does_not_end_the_campaign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(series: Series, _folder: Path, _assignments: Sequence[str]) -> Outcome:
        if series.name == "walk-001":
            raise SeriesFailedError("walk-001: exit status 1")
        return outcome_of(report(plateau=1.0 if series.name == "walk-002" else -1.0))

    monkeypatch.setattr(campaigns, "run_series", run)
    told: list[str] = []
    groups, troubles = run_all(noise(random_walk(0, 30), 5, 10), tmp_path, [], 2, told.append)
    assert {group: [outcome.passed for outcome in outcomes] for group, outcomes in groups.items()} == {
        "random walk": [False, True], "shuffled bars": [False, False],
    }  # fmt: skip
    assert troubles == ["walk-001: exit status 1"]
    assert len(told) == 5
    assert any(line.endswith("random walk, walk-001: error") for line in told)


def test_table_counts_passes_computed_gates_and_failures() -> None:
    outcomes = [outcome_of(report(plateau=a, permutation=b)) for a, b in ((1.0, 1.0), (-1.0, 1.0), (-1.0, None))]
    groups = {"Sharpe 1": outcomes, "Sharpe 2": outcomes[:1], "Sharpe 3": []}
    assert table(groups).splitlines() == [
        "| series | number | PASS | every gate computed | gates that failed most often |",
        "| --- | ---: | ---: | ---: | --- |",
        "| Sharpe 1 | 3 | 1 (33%) | 2 (67%) | plateau 2, permutation 1 |",
        "| Sharpe 2 | 1 | 1 (100%) | 1 (100%) | none |",
        "| all | 4 | 2 (50%) | 3 (75%) | plateau 2, permutation 1 |",
    ]
    assert missing(groups) == "1 x permutation: no trades"
    assert missing({"Sharpe 2": outcomes[:1]}) == ""


def test_command_prints_the_table_and_fails_when_a_series_could_not_be_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(series: Series, folder: Path, assignments: Sequence[str]) -> Outcome:
        if "seed=13" in assignments:
            raise SeriesFailedError(f"{series.name}: exit status 1")
        return run_series(series, folder, assignments, Pipeline(report(plateau=1.0)))

    monkeypatch.setattr(campaigns, "run_series", run)
    assert main(["power", str(tmp_path / "a"), "--series", "2", "--sharpe", "3"]) == 0
    assert "| Sharpe 3 | 2 | 2 (100%) | 2 (100%) | none |" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["power", str(tmp_path / "a"), "--processes", "two"])
    assert main(["power", str(tmp_path / "b"), "--series", "1", "--sharpe", "3", "--set", "seed=13"]) == 1
    assert "planted-000: exit status 1" in capsys.readouterr().out
