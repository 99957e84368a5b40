"""How likely a discovery is a false one: from how rare true edges are, and from what the test finds when there is one.

Convention 2025 throughout. Source: López de Prado, Lipton and Zoonekynd (2025), "How to Use the Sharpe Ratio", SSRN 5520741.
"""

from core.errors import StatisticsError
from walkforward.significance import normal
from walkforward.significance.moments import Moments
from walkforward.significance.probabilistic_sharpe import deviation_autocorrelated


def critical_sharpe(moments: Moments, benchmark: float = 0.0, significance: float = 0.05) -> float:
    """Return the per-period Sharpe ratio exceeded with probability ``significance`` in (0, 1) where the true one is ``benchmark``."""
    share = _probability(significance, "the significance level")
    return benchmark - normal.quantile(share) * deviation_autocorrelated(moments, benchmark)


def power(moments: Moments, alternative: float, benchmark: float = 0.0, significance: float = 0.05) -> float:
    """Return P(the test finds it) in [0, 1] for a true Sharpe ``alternative`` per period, in a record of this length and shape."""
    short = critical_sharpe(moments, benchmark, significance) - alternative
    return normal.cdf(-short / deviation_autocorrelated(moments, alternative))


def planned_false_discovery(detected: float, prior: float, significance: float = 0.05) -> float:
    """Return P(no edge | the test says edge), before the result is seen: a(1-p) / (a(1-p) + power p), a the ``significance``.

    ``detected``: the test's ``power``; ``prior`` p in (0, 1): how many strategies out of one have an edge.
    """
    false = _probability(significance, "the significance level") * (1 - _probability(prior, "the prior"))
    return false / (false + detected * prior)


def observed_false_discovery(moments: Moments, alternative: float, prior: float, benchmark: float = 0.0, trials: float = 1.0) -> float:
    """Return P(no edge | a Sharpe ratio of at least the measured one): the same with the two tails beyond the measured one.

    ``benchmark``: without an edge, ``alternative``: with one, per period; ``trials``: the series is the best of so many.
    StatisticsError where neither could have shown so much.
    """
    share = _probability(prior, "the prior")
    false = normal.cdf((benchmark - moments.sharpe) / deviation_autocorrelated(moments, benchmark, trials)) * (1 - share)
    true = normal.cdf((alternative - moments.sharpe) / deviation_autocorrelated(moments, alternative, trials)) * share
    if not false + true > 0:
        raise StatisticsError(f"a Sharpe ratio of {moments.sharpe:.4f} per period is beyond both hypotheses")
    return false / (false + true)


def _probability(value: float, name: str) -> float:
    if not 0 < value < 1:
        raise StatisticsError(f"{name} of {value:g} is not between 0 and 1")
    return value
