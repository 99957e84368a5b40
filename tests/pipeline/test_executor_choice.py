"""What computes a run: chosen from the estimate, said with its reason, and replaced only where the user does not insist."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config import OptimizationConfig, RunConfig, SignificanceConfig
from config.optimization import SAMPLERS
from core.canonical_json import dump_bytes
from core.errors import OptimizationError
from core.paths import Paths
from optimization.executors import Inline, Lost, MarketSeries, RayUnavailable, ignore_done, ignore_tick
from optimization.executors.study_marks import AT_WORK
from optimization.isolation import mark
from optimization.screening import TRIALS_WORTH_A_GPU
from pipeline import fleet as fleets
from pipeline.app import App
from pipeline.context import RunContext
from pipeline.fleet import Fleet
from pipeline.gpu_crossover import NEVER, crossover, crossover_facts, crossover_in_use, known_crossover
from pipeline.opening import new_run
from pipeline.runner import run_stages
from pipeline.screen import Screen
from pipeline.stages import OPTIMIZE, PREPARATION
from pipeline.stages.stage06_hardware import ray_line
from pipeline.workers import (
    BATCH_SECONDS,
    OPTUNA_TPE_SECONDS,
    RECORD_SECONDS,
    SAMPLER_SECONDS,
    START_SECONDS,
    Choice,
    Load,
    MarketLoad,
    choose_executor,
    choose_for_evidence,
    seconds_beside_bars,
)
from pipeline.workload import chosen_executor
from tests.optimization.executors import work
from tests.optimization.executors.work import SERIES, studies
from tests.pipeline.conftest import SMALL


@pytest.fixture
def context_of_two(app: App) -> Iterator[RunContext]:
    markets = [{"exchange": "SIMULATED", "symbol": symbol, "timeframe": "1h"} for symbol in ("AAA", "BBB")]
    small = {name: value for name, value in SMALL.items() if name not in ("exchange", "symbol", "timeframe")}
    settings = RunConfig.model_validate(small | {"mode": "MULTI", "markets": markets})
    with new_run(app, Screen(quiet=True), settings) as context:
        yield context


YEAR = MarketLoad(8_784, 15, 1_440)
SPEED = 30e6


def choose(executor: str, profile: str, cores: int, markets: int, *, ray: bool = True, gpu: bool = False, **others: Any) -> Choice:
    settings = OptimizationConfig(executor=executor, profile=profile, **others)  # type: ignore[arg-type]
    return choose_executor(settings, cores, Load.of(settings, [YEAR] * markets, SPEED), ray=ray, gpu=gpu)


@pytest.mark.parametrize(
    ("executor", "profile", "cores", "markets", "chosen"),
    [
        ("auto", "BALANCED", 2, 1, ("processes", 2)),
        ("auto", "BALANCED", 64, 1, ("processes", 15)),
        ("auto", "BALANCED", 1, 6, ("inline", 1)),
        ("auto", "BALANCED", 2, 6, ("ray", 2)),
        ("auto", "BALANCED", 8, 6, ("ray", 8)),
        ("auto", "FAST", 2, 1, ("inline", 1)),
        ("inline", "THOROUGH", 8, 6, ("inline", 1)),
        ("processes", "FAST", 1, 1, ("processes", 2)),
        ("ray", "FAST", 4, 1, ("ray", 4)),
    ],
)
def test_executor_is_the_one_whose_start_pays(executor: str, profile: str, cores: int, markets: int, chosen: tuple[str, int]) -> None:
    choice = choose(executor, profile, cores, markets)
    assert (choice.executor, choice.workers) == chosen
    assert choice.insisted is (executor != "auto")
    assert choice.reason


def test_a_market_or_two_of_quick_trials_stay_in_this_process() -> None:
    choice = choose("auto", "FAST", 2, 1, optuna_sampler="random")
    assert choice.executor == "inline"
    assert "too few for the start of workers to pay" in choice.reason


def test_one_process_drives_a_gpu_and_ray_that_is_absent_is_not_chosen() -> None:
    assert choose("auto", "BALANCED", 8, 6, gpu=True) == Choice("inline", 1, "one process drives the GPU")
    assert choose("auto", "BALANCED", 8, 6, ray=False).executor == "processes"


def test_address_makes_ray_the_first_choice_for_one_market_too() -> None:
    choice = choose("auto", "THOROUGH", 2, 1, ray_address="10.0.0.5:6379")
    assert (choice.executor, choice.workers, choice.insisted) == ("ray", 15, False)


def test_estimate_counts_whole_studies() -> None:
    load = Load(markets=3, windows=4, search_seconds=30.0, window_seconds=8.0)
    assert [load.seconds(workers) for workers in (1, 2, 3, 4, 100)] == [38.0, 24.0, 14.0, 12.0, 12.0]
    assert START_SECONDS["processes"] < START_SECONDS["ray"]


def test_what_is_asked_of_luck_is_work_too_and_is_shared_out() -> None:
    optimization = OptimizationConfig(profile="FAST", optuna_sampler="random")  # type: ignore[arg-type]
    none, default = (Load.of(optimization, [YEAR], SPEED, asked) for asked in (None, SignificanceConfig()))
    assert (none.evidence, none.evidence_seconds) == (0, 0.0)
    assert default.evidence == 1 + 21 + 11, "the statistics, and ten histories a study, the real one among them"
    assert default.evidence_seconds > 200 * 116 * 8_784 / SPEED
    assert default.studies == 33
    assert choose_executor(optimization, 2, default, ray=False).executor == "processes"
    silent = SignificanceConfig(permutations=0, walkforward_permutations=0)
    assert Load.of(optimization, [YEAR], SPEED, silent).evidence == 1
    assert Load.of(optimization, [MarketLoad(8_784, 0, 0)], SPEED, SignificanceConfig()).evidence_seconds == 0.0, "no windows, no stage 8"


def test_a_gpu_that_one_process_drives_is_no_reason_to_ask_luck_on_one_core() -> None:
    optimization, load = OptimizationConfig(), Load.of(OptimizationConfig(), [YEAR], SPEED, SignificanceConfig())
    driving = choose_executor(optimization, 4, load, ray=False, gpu=True)
    assert driving.executor == "inline"
    shared = choose_for_evidence(driving, optimization, 4, load)
    assert (shared.executor, shared.workers) == ("processes", 4)
    for choice in (Choice("inline", 1, "as the settings say", insisted=True), Choice("ray", 8, "many markets")):
        assert choose_for_evidence(choice, optimization, 4, load) is choice


def test_every_sampler_has_its_cost_and_windows_have_their_own_sampler() -> None:
    assert SAMPLER_SECONDS.keys() == {*SAMPLERS}
    settings = OptimizationConfig(trials=30, optuna_sampler="gp", walkforward_sampler="qmc")
    load = Load.of(settings, [MarketLoad(0, 4, 0)], SPEED)
    trials = 30 + 30 + 10
    beside = RECORD_SECONDS + BATCH_SECONDS / settings.batch
    assert load.search_seconds == pytest.approx(trials * (SAMPLER_SECONDS["gp"] + beside))
    assert load.window_seconds == pytest.approx(4 * trials * (SAMPLER_SECONDS["qmc"] + beside))


def test_several_objectives_are_searched_at_the_cost_of_optuna() -> None:
    one, two = OptimizationConfig(), OptimizationConfig(objective=("sharpe", "calmar"))
    assert seconds_beside_bars(two) - seconds_beside_bars(one) == pytest.approx(OPTUNA_TPE_SECONDS - SAMPLER_SECONDS["tpe"])


def test_unusable_ray_is_said_once_and_processes_go_on_unless_the_user_insists(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: Any, **_options: Any) -> Any:
        raise RayUnavailable("Ray is not installed.")

    monkeypatch.setattr(fleets, "LocalRay", refuse)
    monkeypatch.setattr(fleets, "Processes", lambda _workers: Inline())
    monkeypatch.setattr(Fleet, "_processes", lambda self, _choice: Inline())
    said, settings, series = list[str](), OptimizationConfig(), {SERIES: work.series()}

    def run(fleet: Fleet, choice: Choice) -> list[Any]:
        return fleet.run(choice, settings, studies(work.fail, [0, 2]), series, ignore_done, ignore_tick, said.append)

    fleet, wanted = Fleet(), Choice("ray", 2, "pays")
    fleet.prepare(wanted, settings)
    assert [run(fleet, wanted), run(fleet, wanted)] == [[0, 2], [0, 2]]
    assert said == ["Ray is not installed. The run goes on with processes of this machine."]
    with pytest.raises(RayUnavailable, match="not installed"):
        run(Fleet(), Choice("ray", 2, "as the settings say", insisted=True))


def test_address_where_no_cluster_answers_is_noticed_before_the_work() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # ours, but not listened on: nobody answers there
        settings = OptimizationConfig(ray_address=f"127.0.0.1:{closed.getsockname()[1]}")
        with pytest.raises(RayUnavailable, match="no Ray cluster answers at 127.0.0.1"):
            Fleet().prepare(Choice("ray", 2, "as the settings say", insisted=True), settings)
        said, fleet, wanted = list[str](), Fleet(), Choice("ray", 2, "pays")
        fleet.prepare(wanted, settings)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Fleet, "_processes", lambda self, _choice: Inline())
        series: dict[str, MarketSeries] = {SERIES: work.series()}
        assert fleet.run(wanted, settings, studies(work.fail, [0, 2]), series, ignore_done, ignore_tick, said.append) == [0, 2]
    assert len(said) == 1
    assert said[0].endswith("The run goes on with processes of this machine.")


@pytest.fixture
def teams(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Let "processes" be this one, and return the list that gets the number of workers of each team that is made."""
    made = list[int]()

    class Here(Inline):
        def __init__(self, workers: int) -> None:
            self.workers, self.wary = workers, False
            made.append(workers)

    monkeypatch.setattr(fleets, "Processes", Here)
    return made


def compute(fleet: Fleet, choice: Choice, arguments: list[float], folder: Path | None = None) -> tuple[list[Any], list[str]]:
    said, series = list[str](), {SERIES: work.series()}
    wanted = studies(work.last_close, arguments, folder)
    return fleet.run(choice, OptimizationConfig(), wanted, series, ignore_done, ignore_tick, said.append), said


def test_single_study_starts_no_worker_unless_the_user_insists(teams: list[int]) -> None:
    found, _ = compute(Fleet(), Choice("processes", 2, "pays"), [1.0])
    assert teams == []
    assert compute(Fleet(), Choice("processes", 2, "as the settings say", insisted=True), [1.0]) == (found, [])
    assert teams == [2]
    assert Choice("ray", 2, "pays").for_studies(1) == "inline"
    assert Choice("ray", 2, "as the settings say", insisted=True).for_studies(1) == "ray"


def test_what_a_program_did_not_outlive_goes_on_in_workers_and_so_does_all_that_follows(tmp_path: Path, teams: list[int]) -> None:
    fleet, insisted = Fleet(), Choice("inline", 1, "as the settings say", insisted=True)
    assert compute(fleet, insisted, [1.0, 2.0], tmp_path)[1] == []
    (tmp_path / "1" / AT_WORK).touch()
    _, said = compute(fleet, insisted, [1.0, 2.0], tmp_path)
    assert [line.partition(":")[0] for line in said] == ["study 1"]
    assert "ended without a word" in said[0]
    assert fleet.choice is not None
    assert (fleet.choice.executor, fleet.choice.for_studies(1)) == ("processes", "processes")
    assert teams == [1]


def test_a_team_that_is_too_small_for_the_next_choice_is_replaced(teams: list[int]) -> None:
    fleet = Fleet()
    for workers in (1, 2, 2, 1):
        compute(fleet, Choice("processes", workers, "pays"), [1.0, 2.0])
    assert teams == [1, 2]


def test_a_run_in_which_trials_were_isolated_is_never_computed_by_the_program_again(context_of_two: RunContext) -> None:
    context = context_of_two
    context.fleet.choice = Choice("inline", 1, "too few for workers to pay")
    assert chosen_executor(context).executor == "inline"
    mark(context.run.checkpoints / "07_optimize" / "simulated_aaa_1h")
    assert chosen_executor(context).for_studies(1) == "processes"
    assert context.fleet._processes(chosen_executor(context)).wary, "the first death is enough to isolate a study"


@pytest.mark.parametrize(
    ("installed", "executor", "line"),
    [
        (None, "inline", "not installed; not needed"),
        ("2.60.0", "processes", "2.60.0 installed; not used by this run"),
        ("2.60.0", "ray", "2.60.0, computes this run"),
    ],
)
def test_hardware_stage_says_what_ray_does(installed: str | None, executor: Any, line: str) -> None:
    assert ray_line(installed, Choice(executor, 2, "")) == line


@pytest.mark.parametrize(("gpu", "batch"), [([9, 9, 9], NEVER), ([9, 1, 1], 64), ([1, 1, 1], 16), ([1, 9, 1], 256), ([1, 1, 9], NEVER)])
def test_crossover_is_where_the_gpu_stays_ahead(gpu: list[float], batch: int) -> None:
    sizes = (16, 64, 256)
    assert crossover(dict(zip(sizes, gpu, strict=True)).__getitem__, lambda _rows: 5.0, sizes) == batch


def test_measured_crossover_is_remembered_for_its_device_only(paths: Paths) -> None:
    assert crossover_in_use(paths, "H200") == TRIALS_WORTH_A_GPU
    paths.hardware_profile.parent.mkdir(parents=True)
    paths.hardware_profile.write_bytes(dump_bytes({"gpu_crossover": crossover_facts("H200", 1_024)}))
    assert known_crossover(paths, "H200") == crossover_in_use(paths, "H200") == 1_024
    assert known_crossover(paths, "A100") is None
    paths.hardware_profile.write_bytes(dump_bytes({"gpu_crossover": {"device": "H200", "code": "older", "batch": 16}}))
    assert known_crossover(paths, "H200") is None


def test_lost_market_is_named_when_the_others_are_done(context_of_two: RunContext, monkeypatch: pytest.MonkeyPatch) -> None:
    done = list[str]()

    def run(_fleet: Fleet, _choice: Any, _settings: Any, studies: Any, series: Any, on_done: Any, on_tick: Any, _say: Any) -> list[Any]:
        _first, second = studies
        tables = second.work(series[second.series], second.argument, second.folder, lambda _progress: None)
        done.append(second.name)
        return [Lost("its worker died 4 times, the last time: killed by SIGKILL"), tables]

    monkeypatch.setattr(Fleet, "run", run)
    with pytest.raises(OptimizationError, match=r"SIMULATED AAA 1h.*died 4 times.*"):
        run_stages(context_of_two, (*PREPARATION, OPTIMIZE))
    assert len(done) == 1
