"""The markets of a run as stage 3 chose them and later stages read them."""

from dataclasses import asdict, dataclass
from typing import Any

from config import MarketConfig
from core.canonical_json import read_json
from core.errors import CorruptFileError
from core.market import Market, MarketRules
from core.run_folder import RunFolder, stage_named
from exchanges.calendars import venue_timeframe

SELECTION_STAGE = stage_named("selection")


@dataclass(frozen=True, slots=True)
class SelectedMarket:
    """One market of the run: ``order_qty`` in the base currency, ``synthetic`` for generated prices."""

    exchange: str
    symbol: str
    timeframe: str
    order_qty: float
    slug: str
    synthetic: bool
    qty_step: float = 0.0
    min_qty: float = 0.0
    min_notional: float = 0.0
    price_step: float = 0.0

    @property
    def rules(self) -> MarketRules:
        """What one order may be, as the venue said when the market was selected."""
        return MarketRules(self.qty_step, self.min_qty, self.min_notional, self.price_step)

    @property
    def market(self) -> Market:
        """The market of its candles."""
        return Market(self.exchange, self.symbol, venue_timeframe(self.exchange, self.timeframe))

    @property
    def label(self) -> str:
        """The name on screens; generated prices are always called synthetic."""
        return f"{self.market}{' (synthetic)' if self.synthetic else ''}"

    def as_setting(self) -> MarketConfig:
        """Return the market as a run file names it; a candle file's path is not in it."""
        return MarketConfig(exchange=self.exchange, symbol=self.symbol, timeframe=self.timeframe, order_qty=self.order_qty)

    def as_dict(self) -> dict[str, Any]:
        """Return the fields as selection.json holds them."""
        return asdict(self)


def load_selection(run: RunFolder) -> list[SelectedMarket]:
    """Return the markets of a run whose stage 3 is done; CorruptFileError names the file that is not as written."""
    path = run.stage(SELECTION_STAGE) / "selection.json"
    if not path.is_file():
        raise CorruptFileError(f"{path} is missing: stage 3 has not been done or its files were removed. Resume the run.")
    try:
        return [SelectedMarket(**item) for item in read_json(path)["markets"]]
    except (TypeError, KeyError) as error:
        raise CorruptFileError(f"{path} is no selection ({error!r}). Remove {path.with_name('stage.json')} and resume.") from error
