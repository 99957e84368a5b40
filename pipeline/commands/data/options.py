"""Options and arguments that several commands of the candle store share."""

from typing import Any

import click

from config import RunConfig
from core.errors import ConfigError
from exchanges.limit_share import LIMIT_SHARE, read_share, use_limit_share

symbols = click.argument("symbols", nargs=-1, metavar="[SYMBOL]...")
exchange = click.option("--exchange", help="Only this exchange's series.")
timeframe = click.option("--timeframe", help="Only this timeframe's series, e.g. 1h.")
venue = click.option(
    "--exchange", default="BINANCE", show_default=True, help="The venue: BINANCE, BINANCEUSDM, DELTA, ZERODHA, DHAN, CCXT:<id>."
)


class _Share(click.ParamType[float]):
    """A part of the venues' limits, above 0 and at most 1."""

    name = "SHARE"

    def convert(self, value: str | float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the number; wrong usage for any other."""
        try:
            return read_share(str(value), "the share")
        except ConfigError as error:
            self.fail(str(error), param, ctx)


def _use(_ctx: click.Context, _param: click.Parameter, share: float | None) -> Any:
    if share is not None:
        use_limit_share(share)
    return share


limit_share = click.option(
    "--limit-share",
    type=_Share(),
    callback=_use,
    help=f"The part of each venue's limit to use, at most 1.  [default: {LIMIT_SHARE} or 0.5]",
)


class UtcDate(click.ParamType[int]):
    """A date or time in UTC, as run files have it; the value is UTC milliseconds."""

    name = "DATE"

    def convert(self, value: str | int, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return UTC milliseconds; wrong usage for what is no date."""
        if isinstance(value, int):
            return value
        try:
            start_ms = RunConfig.model_validate({"start": value}).start_ms
        except (ConfigError, ValueError):
            start_ms = None
        if start_ms is None:
            self.fail(f"'{value}' is no date: write 2024-01-31 or 2024-01-31T12:00.", param, ctx)
        return start_ms


def listed(texts: tuple[str, ...] | str) -> tuple[str, ...]:
    """Return the names in ``texts``, which may be separated by commas, each once."""
    joined = texts if isinstance(texts, str) else ",".join(texts)
    return tuple(dict.fromkeys(name for text in joined.split(",") if (name := text.strip())))
