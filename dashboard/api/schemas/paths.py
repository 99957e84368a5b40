"""The names in addresses. A name that fits no pattern is simply not found, so that only the document knows the patterns."""

from typing import Any

from pydantic import BaseModel, Field

from dashboard.api.schemas.base import FromAddress

_RUN = r"^[a-z0-9][a-z0-9._-]{0,63}$"
_SLUG = r"^[a-z0-9][a-z0-9._-]{0,199}$"


def _named(pattern: str, example: str, text: str) -> Any:
    return Field(description=text, json_schema_extra={"pattern": pattern, "example": example})


class RunPath(FromAddress):
    """A run by its id."""

    run_id: str = _named(_RUN, "20250102-030405-ab12", "The id of the run.")


class MarketPath(RunPath):
    """A market of a run."""

    slug: str = _named(_SLUG, "simulated_btcusdt_1h", "The market's name in addresses and files, as the list of markets has it.")


class ChartPath(MarketPath):
    """A chart of a market."""

    name: str = _named(r"^[a-z][a-z0-9_-]{0,60}$", "equity", "The name of the chart.")


class ExchangePath(BaseModel):
    """An exchange by its name."""

    name: str = _named(r"^[A-Za-z0-9:_-]{1,40}$", "SIMULATED", "The name of the exchange, such as BINANCE, LOCAL or CCXT:bybit.")


class StrategyPath(BaseModel):
    """A built-in strategy by its name."""

    name: str = _named(r"^[a-z][a-z0-9_]{0,60}$", "ema_cross", "The name of the strategy.")
