"""One trade or entry of a run, told bar by bar."""

from collections.abc import Sequence
from typing import Any

from backtest_engine.explain import BarStory
from core.canonical_json import read_json
from core.clock import format_utc
from core.errors import ConfigError, DataError
from core.run_folder import RunFolder, stage_named
from pipeline.farewell import resume_command
from pipeline.market_files import market_data
from pipeline.run_markets import plan_of
from pipeline.screen import Screen
from pipeline.tables import cell
from reporting.market_plan import MarketPlan
from reporting.trade_story import ToldMarket, in_window, levels_of, optimized_config, story_of

MISSED = "missed:"


def tell(screen: Screen, run: RunFolder, which: str, slug: str | None, *, optimized: bool = False, window: int | None = None) -> None:
    """Write the story of trade ``which`` (a number, or ``missed:K`` for an entry that was not filled whole) of one market of ``run``.

    It is one of the baseline, of the ``optimized`` parameters, or of a walk-forward ``window``.
    """
    if optimized and window is not None:
        raise ConfigError("--optimized and --window exclude each other: a window has parameters of its own.")
    plan = plan_of(run, slug)
    config = plan.strategy
    if optimized:
        config = optimized_config(plan, _written(run, plan, "optimize", "optimization.json", "optimized parameters"))
    data = market_data(run, plan.selected)
    missed = which.startswith(MISSED)
    told = ToldMarket(plan, config, data.candles, data.funding, data.detail)
    if window is not None:
        told = in_window(told, _written(run, plan, "walkforward", "walkforward.json", "walk-forward"), window)
    story = story_of(told, "entry" if missed else "trade", _number(which))
    name = f"entry {which.removeprefix(MISSED)}" if missed else f"trade {which}"
    whose = f"walk-forward window {window}" if window is not None else "optimized parameters" if optimized else "baseline"
    screen.heading(f"{plan.selected.label}, {whose}, {name}")
    _write(screen, story)


def _number(which: str) -> int:
    try:
        return int(which.removeprefix(MISSED))
    except ValueError:
        raise ConfigError(f"'{which}' names no trade: write a number such as 3, or missed:3 for an entry that was not filled.") from None


def _written(run: RunFolder, plan: MarketPlan, stage: str, name: str, what: str) -> dict[str, Any]:
    """Return the file ``name`` that ``stage`` has written of the market; DataError while there is none."""
    path = run.stage_market(stage_named(stage), plan.selected.market) / name
    if not path.is_file():
        raise DataError(f"run {run.run_id} has no {what} yet. Continue it: {resume_command(run.run_id)}")
    content: dict[str, Any] = read_json(path)
    return content


def _write(screen: Screen, story: Sequence[BarStory]) -> None:
    for bar in story:
        prices = "  ".join(f"{name} {value:,.8g}" for name, value in (("O", bar.open), ("H", bar.high), ("L", bar.low), ("C", bar.close)))
        levels = "".join(f"  {name} {level:,.8g}" for name, level in levels_of(bar))
        screen.line(f"{format_utc(bar.open_ms)}  {prices}  V {bar.volume:,.6g}{levels}  equity {cell(bar.equity)}")
        for event in bar.events:
            screen.line(f"    {event}")
