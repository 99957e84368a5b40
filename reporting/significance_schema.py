"""The shape of significance.json: what the evidence of a run says, each statistic with the reason where it has no value.

A statistic is ``{"value", "reason"}`` with more fields of its own. Where it cannot be computed, ``value`` and its other fields are null
(but for ``variants``, which stand by themselves) and ``reason`` is a clause. Ratios named Sharpe are annual and of daily returns;
probabilities and p-values are fractions. Of ``monte_carlo`` returns and drawdowns are percent, the cone is equity in the quote currency,
and ``ruin`` tells how likely equity is to fall to ``level`` of the capital. Histograms are lists of left edge and count, bars of one width.
"""

from reporting.shapes import MAYBE_NUMBER, NUMBER, ListOf, MapOf, NullWith, OrNull, RowOf, Shape

# Top-level fields that are statistics; ``winner``, ``out_of_sample`` and ``haircut`` hold several each.
STATISTICS = (
    "deflated_sharpe", "false_discovery", "overfitting_probability", "superior_ability", "reality_check", "romano_wolf", "permutation",
    "walkforward_permutation", "paths", "monte_carlo", "minimum_backtest_years", "noise_sharpe",
)  # fmt: skip

_MAYBE_TEXT = (str, type(None))
_S: Shape = {"value": MAYBE_NUMBER, "reason": _MAYBE_TEXT}


def _numbers(names: str) -> Shape:
    """Return a statistic whose further fields, named in a text with spaces between them, are numbers."""
    return _S | dict.fromkeys(names.split(), MAYBE_NUMBER)


def _with_value(shape: Shape, fields: str) -> Shape:
    """Return ``shape`` of a statistic that has these fields wherever it has a value."""
    return NullWith(shape, "value", tuple(fields.split()))


_INTERVAL = _with_value(_numbers("low high level"), "level")
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
_HISTOGRAM = OrNull(ListOf(RowOf((NUMBER, int))))
_PERMUTATION = _with_value(
    _numbers("permutations better real") | {"scores": _HISTOGRAM, "objective": _MAYBE_TEXT, "note": _MAYBE_TEXT}, "permutations better"
)
_OVERFITTING = _numbers("slope r_squared skill_slope probability_of_loss columns blocks splits")
_QUANTILES = OrNull(MapOf(MAYBE_NUMBER))

SIGNIFICANCE: Shape = {
    "settings": dict,
    "trials": {"raw": int, "unique": int, "compared": int, "in_windows": int, "states": MapOf(int)},
    "data": {"days": int, "years": (int, float), "first_ms": int, "end_ms": int},
    "benchmark": {"name": str, "return_pct": MAYBE_NUMBER, "sharpe": MAYBE_NUMBER},
    "winner": _ACCOUNT | {"params": dict},
    "out_of_sample": _ACCOUNT,
    "deflated_sharpe": _with_value(
        _numbers("trials threshold_sharpe variance variance_of_draws") | {
            "count": _MAYBE_TEXT,
            "counts": OrNull(MapOf(MAYBE_NUMBER)),
            "variants": OrNull(ListOf({"count": str, "trials": NUMBER, "value": MAYBE_NUMBER})),
            "curve": OrNull(ListOf(RowOf((NUMBER, MAYBE_NUMBER)))),
        },
        "variants",
    ),
    "false_discovery": _numbers("planned power prior edge_sharpe trials"),
    "overfitting_probability": _with_value(
        _OVERFITTING | {"logits": _HISTOGRAM, "variants": OrNull({"all": _OVERFITTING, "draws": _OVERFITTING})}, "splits variants"
    ),
    "superior_ability": _with_value(_numbers("p_lower p_upper block resamples"), "p_lower p_upper block"),
    "reality_check": _S,
    "romano_wolf": _S | {"trials": OrNull(ListOf((str, int)))},
    "permutation": _PERMUTATION,
    "walkforward_permutation": _PERMUTATION,
    "paths": _with_value(
        _numbers("share_positive groups tested purge_days embargo_days") | {"sharpes": OrNull(ListOf(NUMBER))}, "sharpes"
    ),
    "monte_carlo": _S | {
        "cone": OrNull({"days": ListOf(NUMBER), "quantiles": MapOf(ListOf(MAYBE_NUMBER))}),
        "drawdown": _QUANTILES,
        "shuffled_drawdown": _QUANTILES,
        "ruin": OrNull(ListOf({"level": NUMBER, "probability": MAYBE_NUMBER})),
        "sentence": _MAYBE_TEXT,
    },
    "haircut": dict.fromkeys(("bonferroni", "holm", "bhy"), _numbers("p_value")),
    "minimum_backtest_years": _numbers("trials"),
    "noise_sharpe": _numbers("trials"),
}  # fmt: skip
