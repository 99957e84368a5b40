"""The data of one market for one run: loaded in stage 5, kept in its folder, and read again from there by all later stages."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from config import MarketConfig
from core.candles import Candles
from core.canonical_json import digest, read_json
from core.errors import CorruptFileError
from core.funding import FundingRates
from core.market import Market
from core.parquet_files import write_parquet
from core.run_folder import RunFolder, stage_named
from exchanges import ExchangeManager
from exchanges.calendars import venue_timeframe
from market_data import LoadedCandles, LoadedDetail, LoadedFunding, load_candles, load_detail, load_funding
from pipeline.context import RunContext
from pipeline.fetch_view import fetch_progress
from pipeline.frames import read_candles, read_frame, write_candles
from pipeline.market_costs import tells_funding
from reporting.market_plan import MarketPlan
from reporting.selection import SelectedMarket, load_selection

_STAGE = stage_named("baseline")


@dataclass(frozen=True, slots=True)
class LoadedMarket:
    """What stage 5 loaded of one market, with what is to be said about it."""

    candles: LoadedCandles
    funding: LoadedFunding | None
    detail: LoadedDetail | None

    @property
    def data(self) -> "MarketData":
        """What the engines take."""
        funding = None if self.funding is None else self.funding.rates
        return MarketData(self.candles.candles, funding, None if self.detail is None else self.detail.candles)

    @property
    def warnings(self) -> tuple[str, ...]:
        """All that is to be said, candles first."""
        detail = () if self.detail is None else (*self.detail.quality.warnings, *self.detail.notes)
        return (*self.candles.quality.warnings, *detail, *(() if self.funding is None else self.funding.notes))


@dataclass(frozen=True, slots=True)
class MarketData:
    """Candles, and where there are such: funding rates, and finer candles to fill on."""

    candles: Candles
    funding: FundingRates | None
    detail: Candles | None


def load_market(context: RunContext, plan: MarketPlan, source: MarketConfig) -> LoadedMarket:
    """Load everything of one market, with a bar for what has to be fetched; Ctrl-C stores what came first."""
    settings, name = context.settings, f"{source.exchange} {source.symbol}"
    with context.interrupts.gently() as stop:
        loaded = load_candles(
            source.exchange, source.symbol, source.timeframe, settings.start_ms, settings.end_ms, gaps=settings.gaps, paths=context.paths,
            on_progress=fetch_progress(context.progress, f"fetching {name} {source.timeframe}"), stop=stop,
        )  # fmt: skip
        finer = plan.execution.detail_timeframe
        detail = None if finer is None else load_detail(
            loaded.candles, source.symbol, finer, gaps=settings.gaps, paths=context.paths,
            on_progress=fetch_progress(context.progress, f"fetching {name} {finer}"), stop=stop,
        )  # fmt: skip
        funding = None
        if tells_funding(ExchangeManager().get(source.exchange, context.paths), source.symbol):
            funding = load_funding(
                source.exchange, source.symbol, int(loaded.candles.open_ms[0]), loaded.candles.end_ms,
                assumed_rate=plan.execution.funding_rate, interval_hours=plan.execution.funding_interval_hours, paths=context.paths,
                on_rates=lambda done, total: context.progress.report(f"fetching funding of {name}", done, total), stop=stop,
            )  # fmt: skip
    return LoadedMarket(loaded, funding, detail)


def write_market(folder: Path, loaded: LoadedMarket) -> list[Path]:
    """Write candles, funding and detail candles into a market's folder: all that later stages and a resumed run need."""
    data = loaded.data
    written = [write_candles(folder / "candles.parquet", data.candles)]
    if data.funding is not None:
        frame = pl.DataFrame({"time_ms": data.funding.time_ms, "rate": data.funding.rate})
        written.append(write_parquet(folder / "funding.parquet", frame))
    if data.detail is not None:
        written.append(write_candles(folder / "detail.parquet", data.detail))
    return written


def data_facts(loaded: LoadedMarket) -> dict[str, Any]:
    """Return what baseline.json says of a market's data, the digests among it."""
    candles, detail = loaded.candles.candles, loaded.detail
    return {
        "candles_digest": candles.digest,
        "synthetic": candles.synthetic,
        "has_volume": candles.has_volume,
        "bars": len(candles),
        "start_ms": int(candles.open_ms[0]),
        "end_ms": candles.end_ms,
        "funding": None if loaded.funding is None else loaded.funding.as_dict(),
        "detail": None if detail is None else _detail_facts(detail),
    }


def _detail_facts(detail: LoadedDetail) -> dict[str, Any]:
    return {
        "timeframe": detail.candles.timeframe.name,
        "bars": len(detail.candles),
        "has_volume": detail.candles.has_volume,
        "digest": detail.candles.digest,
        "quality": detail.quality.as_dict(),
        "warnings": [*detail.quality.warnings, *detail.notes],
    }


def read_baseline(run: RunFolder, market: SelectedMarket) -> dict[str, Any]:
    """Return a market's baseline.json; CorruptFileError when it is absent or damaged."""
    path = run.stage_market(_STAGE, market.market) / "baseline.json"
    if not path.is_file():
        raise CorruptFileError(f"{path} is missing: stage 5 has not been done or its files were removed. Resume the run.")
    content: dict[str, Any] = read_json(path)
    return content


def market_data(run: RunFolder, market: SelectedMarket) -> MarketData:
    """Return a market's data as stage 5 kept it; CorruptFileError unless it is exactly that."""
    summary, folder = read_baseline(run, market), run.stage_market(_STAGE, market.market)
    candles = read_candles(folder / "candles.parquet", market.market, has_volume=bool(summary["has_volume"]), synthetic=market.synthetic)
    _require(run, folder / "candles.parquet", "candles", candles.digest, summary["candles_digest"])
    return MarketData(candles, _read_funding(run, folder, summary["funding"]), _read_detail(run, folder, market, summary["detail"]))


def data_hash(context: RunContext) -> str:
    """Return the hash of all markets' data."""
    return digest({market.slug: _digests(read_baseline(context.run, market)) for market in load_selection(context.run)})


def _digests(summary: dict[str, Any]) -> list[str | None]:
    return [summary["candles_digest"], *(summary[name] and summary[name]["digest"] for name in ("funding", "detail"))]


def _read_funding(run: RunFolder, folder: Path, facts: dict[str, Any] | None) -> FundingRates | None:
    if facts is None:
        return None
    path = folder / "funding.parquet"
    frame = read_frame(path)
    rates = FundingRates(frame["time_ms"].to_numpy().astype(np.int64), frame["rate"].to_numpy().astype(np.float64))
    _require(run, path, "funding rates", rates.digest, facts["digest"])
    return rates


def _read_detail(run: RunFolder, folder: Path, market: SelectedMarket, facts: dict[str, Any] | None) -> Candles | None:
    if facts is None:
        return None
    path = folder / "detail.parquet"
    finer = Market(market.exchange, market.symbol, venue_timeframe(market.exchange, facts["timeframe"]))
    candles = read_candles(path, finer, has_volume=bool(facts["has_volume"]), synthetic=market.synthetic)
    _require(run, path, "detail candles", candles.digest, facts["digest"])
    return candles


def _require(run: RunFolder, path: Path, what: str, found: str, wanted: str) -> None:
    if found != wanted:
        raise CorruptFileError(f"{path} does not hold the {what} of its run. Remove {run.stage(_STAGE) / 'stage.json'} and resume.")
