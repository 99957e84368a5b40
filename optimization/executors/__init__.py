"""Where studies are computed: in this process, in processes of this machine, or on Ray. The answer is the same, byte for byte.

Every executor takes whole studies (a market's search, a walk-forward window), hands each worker the candles once, and gives the results
back in the order of the studies. Work is a function of its arguments and of its study's own files only.
"""

from optimization.executors.inline import Inline
from optimization.executors.processes import Processes
from optimization.executors.studies import (
    RETRIES,
    Executor,
    Lost,
    MarketSeries,
    RayUnavailable,
    Study,
    Tick,
    Work,
    ignore_done,
    ignore_tick,
)

__all__ = [
    "RETRIES",
    "Executor",
    "Inline",
    "Lost",
    "MarketSeries",
    "Processes",
    "RayUnavailable",
    "Study",
    "Tick",
    "Work",
    "ignore_done",
    "ignore_tick",
]
