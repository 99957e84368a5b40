"""VerdictConfig: what a strategy has to reach to pass."""

from typing import Annotated

from pydantic import Field

from config.base import Settings

Share = Annotated[float, Field(ge=0, le=1)]
Amount = Annotated[float, Field(ge=-1e15, le=1e15)]


class VerdictConfig(Settings):
    """The limit of every gate. Shares and probabilities are fractions (0.6 = 60 %), profits are in the quote currency.

    ``spa_p_below``: the chance that the best of all trials beats the better of cash and buy-and-hold by luck must be below it.
    ``deflated_sharpe_from``: the least probability that the true Sharpe ratio is above what the best of so many trials shows by luck.
    ``overfitting_probability_to``: the most that choosing in sample may come out in the worse half out of sample; across the trials, the
    slope of their results there over those in sample must also be above ``degradation_slope_above``. ``permutation_p_to``: the most that a
    search of shuffled candles may do as well. ``profitable_windows_from`` and ``out_of_sample_psr_from`` judge the walk-forward,
    ``plateau_from`` the surroundings of the winner (their median over its value), ``doubled_costs_profit_above`` the walk-forward's profit
    at twice the costs.
    """

    spa_p_below: Share = 0.05
    deflated_sharpe_from: Share = 0.95
    overfitting_probability_to: Share = 0.2
    degradation_slope_above: Annotated[float, Field(ge=-1e6, le=1e6)] = 0.0
    profitable_windows_from: Share = 0.6
    out_of_sample_psr_from: Share = 0.9
    plateau_from: Annotated[float, Field(ge=-1e6, le=1e6)] = 0.6
    permutation_p_to: Share = 0.05
    doubled_costs_profit_above: Amount = 0.0
    out_of_sample_trades_from: Annotated[int, Field(ge=0, le=1_000_000)] = 30
