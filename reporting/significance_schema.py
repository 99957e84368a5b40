"""The shape of significance.json: what the evidence of a run says, each statistic with the reason where it has no value.

A statistic is ``{"value", "reason"}`` with more fields of its own. Where it cannot be computed, ``value`` and its other fields are null
(but for ``variants``, which stand by themselves) and ``reason`` is a clause. Ratios named Sharpe are annual and of daily returns;
probabilities and p-values are fractions. Of ``monte_carlo`` returns and drawdowns are percent, the cone is equity in the quote currency,
and ``ruin`` tells how likely equity is to fall to ``level`` of the capital. Histograms are lists of left edge and count, bars of one width.
"""

from reporting.shapes import MAYBE_NUMBER, Shape

# Top-level fields that are statistics; ``winner``, ``out_of_sample`` and ``haircut`` hold several each.
STATISTICS = (
    "deflated_sharpe", "false_discovery", "overfitting_probability", "superior_ability", "reality_check", "romano_wolf", "permutation",
    "walkforward_permutation", "paths", "monte_carlo", "minimum_backtest_years", "noise_sharpe",
)  # fmt: skip

_NONE = type(None)
_MAYBE_LIST, _MAYBE_DICT, _MAYBE_TEXT = (list, _NONE), (dict, _NONE), (str, _NONE)
_S: Shape = {"value": MAYBE_NUMBER, "reason": _MAYBE_TEXT}


def _statistic(numbers: str = "", lists: str = "", objects: str = "", texts: str = "") -> Shape:
    """Return a statistic with further fields, named in texts with spaces between them."""
    kinds = ((numbers, MAYBE_NUMBER), (lists, _MAYBE_LIST), (objects, _MAYBE_DICT), (texts, _MAYBE_TEXT))
    return _S | {name: kind for names, kind in kinds for name in names.split()}


_INTERVAL = _statistic("low high level")
_ACCOUNT: Shape = {
    "stage": str,
    "sharpe": MAYBE_NUMBER,
    "sharpe_autocorrelated": _S,
    "psr": _S,
    "psr_autocorrelated": _S,
    "psr_robust": _S,
    "track_record_years": _S,
    "intervals": {"sharpe": _INTERVAL, "profit_factor": _INTERVAL, "max_drawdown": _INTERVAL},
}
_PERMUTATION = _statistic("permutations better real", lists="scores", texts="objective note")

SIGNIFICANCE: Shape = {
    "settings": dict,
    "trials": {"raw": int, "unique": int, "compared": int, "in_windows": int, "states": dict},
    "data": {"days": int, "years": (int, float), "first_ms": int, "end_ms": int},
    "benchmark": {"name": str, "return_pct": MAYBE_NUMBER, "sharpe": MAYBE_NUMBER},
    "winner": _ACCOUNT | {"params": dict},
    "out_of_sample": _ACCOUNT,
    "deflated_sharpe": _statistic(
        "trials threshold_sharpe variance variance_of_draws", lists="variants curve", objects="counts", texts="count"
    ),
    "false_discovery": _statistic("planned power prior edge_sharpe trials"),
    "overfitting_probability": _statistic(
        "slope r_squared skill_slope probability_of_loss columns blocks splits", lists="logits", objects="variants"
    ),
    "superior_ability": _statistic("p_lower p_upper block resamples"),
    "reality_check": _S,
    "romano_wolf": _statistic(lists="trials"),
    "permutation": _PERMUTATION,
    "walkforward_permutation": _PERMUTATION,
    "paths": _statistic("share_positive groups tested purge_days embargo_days", lists="sharpes"),
    "monte_carlo": _statistic(lists="ruin", objects="cone drawdown shuffled_drawdown", texts="sentence"),
    "haircut": dict.fromkeys(("bonferroni", "holm", "bhy"), _statistic("p_value")),
    "minimum_backtest_years": _statistic("trials"),
    "noise_sharpe": _statistic("trials"),
}  # fmt: skip
