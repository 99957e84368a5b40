"""One market of a run, chosen by its slug where the run has several."""

from core.errors import ConfigError, DataError
from core.run_folder import RunFolder, stage_named
from core.suggest import did_you_mean
from pipeline.farewell import resume_command
from pipeline.plan import load_plan
from pipeline.settings import load_settings
from reporting.market_plan import MarketPlan


def plan_of(run: RunFolder, slug: str | None) -> MarketPlan:
    """Return the plan of the market called ``slug``; None will do where there is one market only. DataError before stage 5 is done."""
    settings, _ = load_settings(run)
    if not (run.stage(stage_named("baseline")) / "stage.json").is_file():
        raise DataError(f"run {run.run_id} has no baseline yet. Continue it: {resume_command(run.run_id)}")
    plans = {plan.selected.slug: plan for plan in load_plan(run, settings)}
    if slug is None and len(plans) == 1:
        return next(iter(plans.values()))
    if slug is None:
        raise ConfigError(f"run {run.run_id} has {len(plans)} markets: choose one with --market, e.g. --market {next(iter(plans))}.")
    if slug not in plans:
        raise ConfigError(f"run {run.run_id} has no market '{slug}'.{did_you_mean(slug, plans)}")
    return plans[slug]
