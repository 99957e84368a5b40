"""What a market of a run was simulated with, put together from the run's own files, each of them checked against its hash."""

import numpy as np
import polars as pl

from config import RunConfig, StrategyConfig
from core.candles import Candles
from core.errors import DataError
from core.funding import FundingRates
from core.market import Market
from dashboard.reading.files import expecting
from dashboard.reading.run_reader import Run
from exchanges.calendars import venue_timeframe
from reporting.market_plan import MarketPlan, market_plan
from reporting.selection import SelectedMarket
from reporting.trade_story import ToldMarket, in_window, optimized_config
from strategies import strategy_names


def told_market(run: Run, slug: str, source: str, window: int | None = None) -> ToldMarket:
    """Return the market as ``source``, "baseline", "optimized" or "walkforward", there in ``window``, was simulated.

    A strategy of the user's own is not run here: a page must not run code that a run's settings happen to name. Raises DataError for
    such a one and before the stage is done, CorruptFileError for a damaged file.
    """
    plan = _plan(run, slug)
    if plan.strategy.name not in strategy_names():
        raise DataError(
            f"this page runs built-in strategies only, and this run has one of its own. The terminal tells it: explain {run.run_id} TRADE"
        )
    with expecting("baseline.json"):
        facts = run.market_json("baseline", slug, "baseline.json")
        if facts is None:
            raise DataError("this run has no baseline yet: stage 5 makes it.")
        candles = _candles(run, slug, plan.selected.market, "candles.parquet", bool(facts["has_volume"]), plan.selected.synthetic)
        detail = facts["detail"] and _detail(run, plan, facts["detail"])
        funding = facts["funding"] and _funding(run, slug)
        told = ToldMarket(plan, _config(run, plan, source), candles, funding or None, detail or None)
    return told if window is None else _in_window(run, told, window)


def _in_window(run: Run, told: ToldMarket, window: int) -> ToldMarket:
    content = run.market_json("walkforward", told.plan.selected.slug, "walkforward.json")
    if content is None:
        raise DataError("this run has no walk-forward yet: stage 8 does it.")
    with expecting("walkforward.json"):
        return in_window(told, content, window)


def _plan(run: Run, slug: str) -> MarketPlan:
    selection, resolved = run.stage_json("selection", "selection.json"), run.stage_json("strategy", "strategy.json")
    if selection is None or resolved is None:
        raise DataError("this run has chosen no market or no strategy yet: stages 3 and 4 do.")
    with expecting("run.json, selection.json or strategy.json"):
        chosen = next(item for item in selection["markets"] if item["slug"] == slug)
        return market_plan(SelectedMarket(**chosen), RunConfig(**run.head()["settings"]), resolved)


def _config(run: Run, plan: MarketPlan, source: str) -> StrategyConfig:
    if source != "optimized":
        return plan.strategy
    content = run.market_json("optimize", plan.selected.slug, "optimization.json")
    if content is None:
        raise DataError("this run has no optimized parameters yet: stage 7 finds them.")
    with expecting("optimization.json"):
        return optimized_config(plan, content)


def _candles(run: Run, slug: str, market: Market, name: str, has_volume: bool, synthetic: bool) -> Candles:
    frame = _table(run, slug, name)
    columns = {column: frame[column].to_numpy() for column in frame.columns}
    return Candles.from_arrays(market, columns, has_volume=has_volume, synthetic=synthetic)


def _detail(run: Run, plan: MarketPlan, facts: dict[str, object]) -> Candles:
    chosen = plan.selected
    finer = Market(chosen.exchange, chosen.symbol, venue_timeframe(chosen.exchange, str(facts["timeframe"])))
    return _candles(run, chosen.slug, finer, "detail.parquet", bool(facts["has_volume"]), chosen.synthetic)


def _funding(run: Run, slug: str) -> FundingRates:
    frame = _table(run, slug, "funding.parquet")
    return FundingRates(frame["time_ms"].to_numpy().astype(np.int64), frame["rate"].to_numpy().astype(np.float64))


def _table(run: Run, slug: str, name: str) -> pl.DataFrame:
    frame = run.market_table("baseline", slug, name)
    if frame is None:
        raise DataError(f"the run has no {name} of this market.")
    return frame
