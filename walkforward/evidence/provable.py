"""What so much data can prove after so many trials, before any of them is made."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from backtest_engine.metrics import day_ends
from core.candles import Candles
from exchanges.calendars import days_per_year
from walkforward.significance.backtest_length import minimum_backtest_years, sharpe_expected_from_noise

# The annual Sharpe ratios of which it is told how many years they need.
SHARPES = (1.0, 2.0)


@dataclass(frozen=True, slots=True)
class Provable:
    """``days`` of data (``years``) and ``trials`` of a search, counted as if each were another strategy.

    ``noise_sharpe``: the best annual Sharpe ratio that is expected of so many strategies without any edge. ``years_for``: annual Sharpe
    ratio -> the years at which noise alone is expected to reach it.
    """

    days: int
    years: float
    trials: int
    noise_sharpe: float
    years_for: dict[float, float]

    def as_dict(self) -> dict[str, Any]:
        """Return days, years, trials, noise_sharpe and years_for_sharpe ("1" -> years)."""
        years = {f"{sharpe:g}": length for sharpe, length in self.years_for.items()}
        return {
            "days": self.days, "years": self.years, "trials": self.trials, "noise_sharpe": self.noise_sharpe, "years_for_sharpe": years,
        }  # fmt: skip

    @property
    def sentence(self) -> str:
        """The same in words."""
        needed = ", ".join(f"{length:,.2f} years for a Sharpe ratio of {sharpe:g}" for sharpe, length in self.years_for.items())
        return (
            f"With {self.days:,} days of data and {self.trials:,} trials, all counted, a best annual Sharpe ratio of "
            f"{self.noise_sharpe:.2f} is expected from noise alone. History that noise is not expected to fool: {needed}."
        )


def provable(candles: Candles, trials: int, sharpes: Sequence[float] = SHARPES) -> Provable:
    """Return what ``candles`` can prove after a search of ``trials`` >= 1."""
    days, _ = day_ends(candles.open_ms)
    years = len(days) / days_per_year(candles.market.exchange, candles.timeframe)
    lengths = {sharpe: minimum_backtest_years(trials, sharpe) for sharpe in sharpes}
    return Provable(len(days), years, trials, sharpe_expected_from_noise(trials, years), lengths)
