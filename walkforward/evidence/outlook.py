"""What else the out-of-sample days could have brought: a cone of equity, its drawdowns, and the same trades in other orders."""

from typing import Any

from core.errors import StatisticsError
from walkforward.evidence.account_statistics import Curve, Draws
from walkforward.evidence.statistic import Statistic, as_clause, statistic, without
from walkforward.significance.monte_carlo import SENTENCE, equity_cone, shuffled_drawdown

_FIELDS = ("cone", "drawdown", "ruin", "shuffled_drawdown", "sentence", "block", "paths")


def outlook(curve: Curve, draws: Draws) -> Statistic:
    """Return the Monte Carlo of ``curve``: median final return (%), cone (quote), drawdowns (%, <= 0), ruin (share of the capital)."""
    return statistic(lambda: _cone(curve, draws) | _shuffles(curve, draws), _FIELDS)


def missing_outlook(reason: str) -> Statistic:
    """Return the same fields where there is no curve."""
    return without(reason, _FIELDS)


def _cone(curve: Curve, draws: Draws) -> dict[str, Any]:
    found = equity_cone(curve.returns, draws.resamples, draws.seed_for("cone"))
    quantiles = {str(share): [curve.capital * value for value in values] for share, values in found.cone.items()}
    return {
        "value": 100.0 * found.final_return,
        "cone": {"days": list(found.days), "quantiles": quantiles},
        "drawdown": {str(share): 100.0 * depth for share, depth in found.drawdown.items()},
        "ruin": [{"level": level, "probability": share} for level, share in found.ruin.items()],
        "block": found.block,
        "paths": found.paths,
    }


def _shuffles(curve: Curve, draws: Draws) -> dict[str, Any]:
    try:
        found = shuffled_drawdown(curve.pnls, curve.capital, draws.resamples, draws.seed_for("trade order"))
    except StatisticsError as error:
        return {"shuffled_drawdown": {}, "sentence": f"Trades were not shuffled: {as_clause(str(error))}."}
    return {"shuffled_drawdown": {str(share): 100.0 * depth for share, depth in found.drawdown.items()}, "sentence": SENTENCE}
