"""Options and arguments that several commands of the candle store share."""

import click

from config import RunConfig
from core.errors import ConfigError

symbols = click.argument("symbols", nargs=-1, metavar="[SYMBOL]...")
exchange = click.option("--exchange", help="Only this exchange's series.")
timeframe = click.option("--timeframe", help="Only this timeframe's series, e.g. 1h.")


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
