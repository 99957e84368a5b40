"""What filling on finer candles changed, as it stands in a baseline.json: for terminal, HTML report and dashboard alike."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reporting.metric_table import METRIC_BY_NAME, format_metric

AMBIGUOUS = "ambiguous_exits"
_AMBIGUOUS_LABEL = "Ambiguous exits"


@dataclass(frozen=True, slots=True)
class FinerExecution:
    """``sentence`` says on what orders filled and how many exits were ambiguous; ``rows`` are label, finer, coarse, difference as texts."""

    detail: str
    coarse: str
    sentence: str
    rows: tuple[tuple[str, str, str, str], ...]


def finer_execution(baseline: Mapping[str, Any], timeframe: str) -> FinerExecution | None:
    """Return what a market's baseline says of its run on finer candles and of the same run on ``timeframe`` bars alone; None without."""
    compared, detail = baseline.get("compared"), baseline.get("detail")
    if not compared or not detail:
        return None
    finer, figures = str(detail["timeframe"]), {str(each["name"]): each for each in compared}
    ambiguous, trades = figures[AMBIGUOUS], figures["total_trades"]
    sentence = (
        f"The strategy decides on {timeframe} candles and orders fill on {finer} candles. On {timeframe} bars alone "
        f"{ambiguous['coarse']:,.0f} of {trades['coarse']:,.0f} exits are ambiguous: another order of prices inside the bar would have "
        f"changed them, and the worse one counts. On {finer} bars {ambiguous['detail']:,.0f} of {trades['detail']:,.0f} are."
    )
    return FinerExecution(finer, timeframe, sentence, tuple(_row(name, each) for name, each in figures.items()))


def _row(name: str, figure: Mapping[str, Any]) -> tuple[str, str, str, str]:
    info = METRIC_BY_NAME.get(name)
    label = _AMBIGUOUS_LABEL if info is None else info.label
    texts = [f"{figure[key]:,.0f}" if info is None else format_metric(name, figure[key]) for key in ("detail", "coarse", "difference")]
    return label, texts[0], texts[1], texts[2]
