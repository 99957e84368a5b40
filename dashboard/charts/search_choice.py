"""Which search the charts of trials show, and how: read from a chart's options, strictly."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.errors import ConfigError
from dashboard.reading.run_reader import SEARCH_STAGES

_MOST_WINDOWS = 2**31


@dataclass(frozen=True, slots=True)
class SearchChoice:
    """``stage`` (None: the one that began last) and walk-forward ``window`` (None: the search over all candles), the parameters or
    objectives ``x`` and ``y`` of a map (None: the most telling ones), and in how many ``columns`` small plots stand.
    """

    stage: str | None = None
    window: int | None = None
    x: str | None = None
    y: str | None = None
    columns: int = 3

    @classmethod
    def of(cls, options: Mapping[str, str]) -> "SearchChoice":
        """Return the choice in ``options``. Raises ConfigError for a value that makes no sense."""
        stage = options.get("stage")
        if stage is not None and stage not in SEARCH_STAGES:
            raise ConfigError(f"stage must be one of {', '.join(SEARCH_STAGES)}.")
        columns = _whole(options, "columns", 1, 4)
        return cls(stage, _whole(options, "window", 0, _MOST_WINDOWS), options.get("x"), options.get("y"), columns or cls().columns)


def _whole(options: Mapping[str, str], name: str, low: int, high: int) -> int | None:
    text = options.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and low <= int(text) <= high):
        raise ConfigError(f"{name} must be a whole number from {low} to {high}.")
    return int(text)
