"""A finished run whose searches are of the product's own making but for the simulations: for the pages and charts of the search."""

from pathlib import Path

from core.atomic_files import write_bytes
from core.canonical_json import dump_bytes, read_json
from core.paths import Paths
from core.run_folder import RunFolder, commit_stage, stage_named
from optimization.space import Stage
from tests.dashboard.sample_market import BARS
from tests.dashboard.sample_run import RUN_ID, SLUG, market_folder, write_run
from tests.dashboard.sample_search import Hill, plan_of, write_search

TRIALS: dict[Stage, int] = {"7.1": 240, "7.2": 240, "7.3": 80}


def write_search_run(paths: Paths, run_id: str = RUN_ID, *, objectives: tuple[str, ...] = ("sharpe",), windows: int = 2) -> RunFolder:
    """Write the run and return its folder; the first ``windows`` walk-forward windows have ledgers of their own."""
    return put_searches(write_run(paths, run_id), objectives=objectives, windows=windows)


def put_searches(run: RunFolder, *, objectives: tuple[str, ...] = ("sharpe",), windows: int = 2) -> RunFolder:
    """Replace the searches of the market ``SLUG`` of a finished ``run``, and return it."""
    strategy = run.stage(stage_named("strategy")) / "strategy.json"
    content = read_json(strategy)
    content["optimization"]["objective"] = objectives[0] if len(objectives) == 1 else list(objectives)
    write_bytes(strategy, dump_bytes(content))
    folder = market_folder(run, "optimize")
    hills = [Hill(plan_of(stage, count, SLUG, objectives=objectives), BARS) for stage, count in TRIALS.items()]
    stages = {hill.plan.stage: write_search(folder, hill)[1] for hill in hills}
    write_bytes(folder / "optimization.json", dump_bytes(read_json(folder / "optimization.json") | {"stages": stages}))
    for window in range(windows):
        _window(market_folder(run, "walkforward") / f"window_{window:02d}", objectives)
    for name in ("strategy", "optimize", "walkforward"):
        stage = run.stage(stage_named(name))
        commit_stage(stage, name, {}, [path for path in stage.rglob("*") if path.is_file() and path.name != "stage.json"], "code")
    return run


def _window(folder: Path, objectives: tuple[str, ...]) -> None:
    write_search(folder, Hill(plan_of("7.1", 40, SLUG, objectives=objectives), BARS // 3))
