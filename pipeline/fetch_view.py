"""How a fetch is shown while it is under way, and counted for the day it is interrupted."""

from dataclasses import dataclass, field

from core.market import Market
from exchanges.parallel import Part
from market_data.fetching import FetchProgress, OnProgress
from pipeline.progress import ProgressReport


def fetch_progress(report: ProgressReport, name: str) -> OnProgress:
    """Return what tells ``report`` how many of the candles of ``name`` are there; the rate it shows is candles per second."""

    def tell(progress: FetchProgress) -> None:
        report.report(name, progress.done, progress.total)

    return tell


@dataclass
class Tally:
    """The candles that were stored since the command began, by market and by where they came from."""

    bars: dict[Market, dict[str, int]] = field(default_factory=dict)

    def take(self, part: Part) -> None:
        """Count one answer that is stored."""
        source = "rest" if part.source == "rest" else "archive"
        counts = self.bars.setdefault(part.market, {})
        counts[source] = counts.get(source, 0) + part.bars

    @property
    def total(self) -> int:
        """All candles of all markets."""
        return sum(count for counts in self.bars.values() for count in counts.values())

    def sources(self, market: Market) -> str:
        """Return where candles of ``market`` came from: ``rest``, ``archive 40,000, rest 320``, or ``store`` when nothing was fetched."""
        counts = self.bars.get(market)
        if counts is None:
            return "store"
        return next(iter(counts)) if len(counts) == 1 else ", ".join(f"{source} {count:,}" for source, count in sorted(counts.items()))
