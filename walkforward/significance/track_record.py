"""Minimum track record length: how many periods it takes until a Sharpe ratio like this one is believed.

Sources: Bailey and López de Prado (2012), "The Sharpe Ratio Efficient Frontier"; López de Prado, Lipton and Zoonekynd (2025), SSRN 5520741.
"""

from core.errors import StatisticsError
from walkforward.significance import normal
from walkforward.significance.moments import Moments
from walkforward.significance.probabilistic_sharpe import spread_at


def minimum_track_record(moments: Moments, benchmark: float = 0.0, confidence: float = 0.95) -> float:
    """Return 1 + (1 - g3 SR + (g4-1)/4 SR²) (Z⁻¹(confidence) / (SR - SR*))²: periods, > 1, at which the 2012 probability is ``confidence``.

    ``benchmark`` per period, ``confidence`` in (0.5, 1). StatisticsError where the Sharpe ratio is not above the benchmark: then no
    length is enough.
    """
    return 1 + spread_at(moments, moments.sharpe) * _squared_quotient(moments, benchmark, confidence)


def minimum_track_record_autocorrelated(moments: Moments, benchmark: float = 0.0, confidence: float = 0.95) -> float:
    """Return the same by convention 2025: spread at the benchmark, with the autocorrelation, and without the 1 of T - 1."""
    return spread_at(moments, benchmark, autocorrelation=moments.autocorrelation) * _squared_quotient(moments, benchmark, confidence)


def _squared_quotient(moments: Moments, benchmark: float, confidence: float) -> float:
    if not 0.5 < confidence < 1:
        raise StatisticsError(f"a confidence of {confidence:g} is not between 0.5 and 1")
    if not moments.sharpe > benchmark:
        raise StatisticsError(f"a Sharpe ratio of {moments.sharpe:.4f} per period is not above {benchmark:.4f}: no record is long enough")
    return (normal.quantile(confidence) / (moments.sharpe - benchmark)) ** 2
