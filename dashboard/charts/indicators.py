"""The indicators that stage 5 kept beside a market's candles."""

from dashboard.figures.indicators import IndicatorLine
from dashboard.reading.files import expecting
from dashboard.reading.run_reader import Run

_PANELS = ("price", "oscillator")


def indicators_of(run: Run, slug: str, bars: int) -> tuple[IndicatorLine, ...] | None:
    """Return the lines beside the ``bars`` candles of a market, None where none were kept. Raises CorruptFileError."""
    named = run.market_json("baseline", slug, "indicators.json")
    table = run.market_table("baseline", slug, "indicators.parquet")
    if named is None or table is None:
        return None
    with expecting("indicators.json or indicators.parquet"):
        if len(table) != bars:
            raise ValueError("lines of another length than the candles")
        return tuple(
            IndicatorLine(
                str(line["name"]), _PANELS[_PANELS.index(line["panel"])], tuple(float(level) for level in line["levels"]),
                table[line["column"]].to_numpy(),
            )
            for line in named["lines"]
        )  # fmt: skip
