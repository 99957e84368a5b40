"""One run as its files tell it: markets, stages, and each market's candles, results and ledgers."""

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

import polars as pl

from core.errors import CorruptFileError, RunNotFoundError
from core.market import Market
from core.run_folder import STAGES, RunFolder, Stage, StageRecord, stage_named
from core.timeframe import Timeframe
from dashboard.reading.files import FileReader, expecting
from reporting.trial_tables import TABLE_SUFFIX, LedgerFile, LedgerTable, ledger_files

SEARCH_STAGES = ("7.1", "7.2", "7.3")
_SLUG = re.compile(r"[a-z0-9][a-z0-9._-]{0,199}")


@dataclass(frozen=True, slots=True)
class MarketView:
    """One market of a run: names as the venue spells them, ``order_qty`` in the base currency, ``synthetic`` for generated prices."""

    exchange: str
    symbol: str
    timeframe: str
    order_qty: float
    slug: str
    synthetic: bool

    @property
    def bar_ms(self) -> int:
        """The length of a bar in milliseconds."""
        return Timeframe.parse(self.timeframe).ms


class Run:
    """Reads the files of one run; every method raises CorruptFileError for a file that is not what it should be."""

    def __init__(self, folder: RunFolder, files: FileReader) -> None:
        self.folder = folder
        self.files = files

    @property
    def run_id(self) -> str:
        """The run's id."""
        return self.folder.run_id

    def head(self) -> dict[str, Any]:
        """Return run.json: ``settings`` as given and ``created_ms``."""
        head = self.files.mapping(self.folder.settings_file)
        if head is None or not isinstance(head.get("settings"), dict):
            raise CorruptFileError("run.json, the run's settings, is missing or holds no settings.")
        return head

    def markets(self) -> tuple[MarketView, ...]:
        """Return the markets chosen in stage 3, or before that those the settings name."""
        selection = self.stage_json("selection", "selection.json")
        if selection is None:
            with expecting("run.json"):
                return _markets_of_settings(self.head()["settings"])
        with expecting("selection.json"):
            return tuple(_market_view(item) for item in selection["markets"])

    def market(self, slug: str) -> MarketView:
        """Return the market called ``slug``. Raises RunNotFoundError when the run has none of that name."""
        found = next((market for market in self.markets() if market.slug == slug), None)
        if found is None:
            raise RunNotFoundError("the run has no market of that name.")
        return found

    def done_stages(self) -> tuple[Stage, ...]:
        """Return the stages that were committed, in order."""
        return tuple(stage for stage in STAGES if (self.folder.stage(stage) / "stage.json").is_file())

    def stage_json(self, stage_name: str, name: str) -> dict[str, Any] | None:
        """Return a JSON file of a stage, None while there is none."""
        stage = stage_named(stage_name)
        return self.files.mapping(self.folder.stage(stage) / name, self._committed(stage, name))

    def market_json(self, stage_name: str, slug: str, name: str) -> dict[str, Any] | None:
        """Return a JSON file of one market in a stage, None while there is none."""
        return self.stage_json(stage_name, f"{slug}/{name}")

    def market_table(self, stage_name: str, slug: str, name: str, columns: tuple[str, ...] | None = None) -> pl.DataFrame | None:
        """Return a table of one market in a stage, or ``columns`` of it, None while there is none."""
        stage, relative = stage_named(stage_name), f"{slug}/{name}"
        return self.files.table(self.folder.stage(stage) / relative, self._committed(stage, relative), columns)

    def ledgers(self, slug: str) -> list[LedgerFile]:
        """Return the ledgers of one market's searches so far: stage 7's, then window by window."""
        return ledger_files(self.folder, slug)

    def search(self, file: LedgerFile) -> LedgerTable:
        """Return one search as far as its ledger has grown: its settings (empty before it has begun) and its trials."""
        table = self._done(file)
        return self.files.search(file) if table is None else LedgerTable(self.files.study(file), table)

    def trial_frame(self, file: LedgerFile) -> pl.DataFrame:
        """Return the trials of one search as far as its ledger has grown."""
        return self.search(file).trials

    def _done(self, file: LedgerFile) -> pl.DataFrame | None:
        """Return the table that stage 7 wrote of a search when it was done, None where there is none."""
        relative = f"{file.path.parent.name}/{file.stage}{TABLE_SUFFIX}"
        stage = stage_named("optimize")
        sha256 = None if file.window is not None else self._committed(stage, relative)
        return None if sha256 is None else self.files.table(self.folder.stage(stage) / relative, sha256)

    def windows_begun(self, slug: str) -> int:
        """Return how many walk-forward windows have a folder by now."""
        folder = self.folder.stage(stage_named("walkforward")) / slug
        return sum(1 for entry in folder.glob("window_*") if entry.is_dir()) if folder.is_dir() else 0

    def report(self, slug: str) -> dict[str, Any] | None:
        """Return the published verdict and comparison of one market, None while there is none."""
        published = self.stage_json("report", "published.json") or {}
        report = self.files.mapping(self.folder.results / "report.json", published.get("results/<RUN>/report.json"))
        if report is None:
            return None
        with expecting("report.json"):
            market = report["markets"].get(slug)
            if market is not None and not isinstance(market, dict):
                raise TypeError
            return market

    def exports(self) -> tuple[str, ...]:
        """Return the names of the files one may download."""
        folder = self.folder.exports
        if not folder.is_dir() or not self.files.inside(folder):
            return ()
        return tuple(sorted(entry.name for entry in folder.iterdir() if _is_export(entry)))

    def _committed(self, stage: Stage, relative: str) -> str | None:
        record = self._record(stage)
        return None if record is None else record.outputs.get(relative)

    def _record(self, stage: Stage) -> StageRecord | None:
        content = self.files.mapping(self.folder.stage(stage) / "stage.json")
        if content is None:
            return None
        with expecting(f"{stage.folder}/stage.json"):
            record = StageRecord(**content)
            if not isinstance(record.outputs, dict):
                raise TypeError
            return record


def _is_export(entry: Path) -> bool:
    return (
        re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,250}\.(csv|html|json|md|parquet)", entry.name) is not None
        and entry.is_file()
        and not entry.is_symlink()
    )


def _market_view(item: dict[str, Any]) -> MarketView:
    slug = str(item["slug"])
    if not _SLUG.fullmatch(slug) or ".." in slug:
        raise ValueError("a slug that is no plain name")
    timeframe = Timeframe.parse(str(item["timeframe"])).name
    return MarketView(
        str(item["exchange"]), short_name(str(item["symbol"])), timeframe, float(item["order_qty"]), slug, bool(item["synthetic"])
    )


def _markets_of_settings(settings: dict[str, Any]) -> tuple[MarketView, ...]:
    listed = settings.get("markets") or [settings]
    views = []
    for item in listed:
        exchange, symbol = str(item.get("exchange", "SIMULATED")).upper(), short_name(str(item.get("symbol", "BTCUSDT")))
        timeframe = Timeframe.parse(str(item.get("timeframe", "1h")))
        slug = Market(exchange, symbol, timeframe).slug
        views.append(MarketView(exchange, symbol, timeframe.name, float(item.get("order_qty", 0.1)), slug, exchange == "SIMULATED"))
    return tuple(views)


def short_name(symbol: str) -> str:
    """Return the stem of a symbol that is a path, and any other symbol as it is: pages show no paths."""
    if "/" not in symbol and "\\" not in symbol:
        return symbol
    windows = "\\" in symbol and "/" not in symbol
    path = PureWindowsPath(symbol) if windows else PurePosixPath(symbol)
    looks_like_file = (
        path.is_absolute() or path.suffix.lower() in {".parquet", ".csv", ".feather", ".arrow", ".gz", ".zip"} or symbol.startswith(".")
    )
    return path.stem if looks_like_file else symbol
