"""The significance.json of a search that holds up, and of one of which nothing could be computed; every test changes what it is about."""

from copy import deepcopy
from typing import Any

from reporting.significance_schema import STATISTICS

_DAY = 86_400_000
_START = 1_704_067_200_000  # 2024-01-01 UTC


def stated(value: float | None, **more: Any) -> dict[str, Any]:
    """Return a statistic that has a value."""
    return {"value": value, "reason": None} | more


def missing(reason: str, statistic: dict[str, Any]) -> dict[str, Any]:
    """Return ``statistic`` as it is when it cannot be computed: its value and all of its other fields are null."""
    return dict.fromkeys(statistic) | {"value": None, "reason": reason}


def significance(**changes: Any) -> dict[str, Any]:
    """Return the content of a significance.json with which every gate passes; ``changes`` replace whole top-level fields."""
    return deepcopy(_HOLDS_UP | changes)


def nothing_computed(reason: str = "there is one trial, and a comparison needs two") -> dict[str, Any]:
    """Return a significance.json in which every statistic says ``reason``."""
    content = significance()
    for name in STATISTICS:
        content[name] = missing(reason, content[name])
    for part in ("winner", "out_of_sample"):
        content[part] = missing_account(reason, content[part])
    content["haircut"] = {name: missing(reason, each) for name, each in content["haircut"].items()}
    content["benchmark"] = {"name": "cash", "return_pct": 0.0, "sharpe": None}
    return content


def missing_account(reason: str, account: dict[str, Any]) -> dict[str, Any]:
    """Return the winner, or the out-of-sample part, without any figure."""
    parts = {name: missing(reason, account[name]) for name, each in account.items() if isinstance(each, dict) and "value" in each}
    return account | parts | {"sharpe": None, "intervals": {name: missing(reason, each) for name, each in account["intervals"].items()}}


def _interval(low: float, value: float, high: float) -> dict[str, Any]:
    return stated(value, low=low, high=high, level=0.95)


def _account(sharpe: float, psr: float) -> dict[str, Any]:
    return {
        "sharpe": sharpe,
        "sharpe_autocorrelated": stated(sharpe - 0.1),
        "psr": stated(psr),
        "psr_autocorrelated": stated(psr - 0.01),
        "psr_robust": stated(psr - 0.02),
        "track_record_years": stated(0.61),
        "intervals": {
            "sharpe": _interval(sharpe - 1.9, sharpe, sharpe + 1.9),
            "profit_factor": _interval(1.02, 1.61, 2.55),
            "max_drawdown": _interval(-4.9, -2.1, -1.3),
        },
    }


def _histogram(first: float, width: float, counts: list[int]) -> list[list[float]]:
    return [[first + place * width, count] for place, count in enumerate(counts)]


def _permutation(permutations: int, better: int, real: float, counts: list[int]) -> dict[str, Any]:
    return stated(
        (1 + better) / (permutations + 1), permutations=permutations, better=better, real=real, scores=_histogram(-0.5, 0.25, counts),
        objective="sharpe", note="The same 150 + 150 + 50 fixed points of 7.1, 7.2 and 7.3 on every history.",
    )  # fmt: skip


_DAYS = list(range(0, 300, 10))
_HOLDS_UP: dict[str, Any] = {
    "settings": {
        "resamples": 2_000, "permutations": 200, "walkforward_permutations": 100, "overfitting_blocks": 16, "path_groups": 6,
        "path_test_groups": 2, "most_trials": 1_000,
    },
    "trials": {
        "raw": 350, "unique": 341, "compared": 338, "in_windows": 5_014,
        "states": {"complete": 180, "pruned": 158, "few_trades": 3, "duplicate": 9},
    },
    "data": {"days": 366, "years": 1.002, "first_ms": _START, "end_ms": _START + 366 * _DAY},
    "benchmark": {"name": "buy_and_hold", "return_pct": 5.1, "sharpe": 1.42},
    "winner": _account(3.1, 0.999) | {"stage": "7.3", "params": {"ema_fast": 18, "rsi_long_threshold": 41.0, "hybrid_tier1_timeout": 4}},
    "out_of_sample": _account(2.2, 0.97) | {"stage": "walkforward"},
    "deflated_sharpe": stated(
        0.968, trials=41.3, count="effective_rank", threshold_sharpe=1.31, variance=0.36, variance_of_draws=0.71,
        counts={"raw": 350, "unique": 341, "average_correlation": 88.2, "effective_rank": 41.3, "participation": 12.9, "clustered": 14},
        variants=[
            {"count": "raw", "trials": 350.0, "value": 0.941}, {"count": "unique", "trials": 341.0, "value": 0.942},
            {"count": "average_correlation", "trials": 88.2, "value": 0.958}, {"count": "effective_rank", "trials": 41.3, "value": 0.968},
            {"count": "participation", "trials": 12.9, "value": 0.984}, {"count": "clustered", "trials": 14.0, "value": 0.983},
        ],
        curve=[[1.0, 0.999], [3.0, 0.995], [10.0, 0.986], [30.0, 0.973], [100.0, 0.957], [300.0, 0.943], [1000.0, 0.921]],
    ),
    "false_discovery": stated(0.23, planned=0.41, power=0.68, prior=0.1, edge_sharpe=2.0, trials=41.3),
    "overfitting_probability": stated(
        0.11, skill_slope=0.31, slope=0.42, r_squared=0.21, probability_of_loss=0.05, columns=14, blocks=16, splits=12_870,
        logits=_histogram(-3.0, 0.5, [40, 90, 160, 280, 360, 480, 1_400, 2_300, 3_000, 2_800, 1_400, 560]),
        variants={
            "all": stated(
                0.21, skill_slope=0.22, slope=0.18, r_squared=0.06, probability_of_loss=0.09, columns=338, blocks=16, splits=12_870,
            ),
            "draws": stated(
                0.14, skill_slope=0.35, slope=0.35, r_squared=0.17, probability_of_loss=0.06, columns=27, blocks=16, splits=12_870,
            ),
        },
    ),
    "superior_ability": stated(0.012, p_lower=0.009, p_upper=0.019, block=3.2, resamples=2_000),
    "reality_check": stated(0.031),
    "romano_wolf": stated(3, trials=["7.2/44", "7.3/12", "7.3/31"]),
    "permutation": _permutation(200, 0, 3.0, [4, 22, 51, 60, 38, 17, 8]),
    "walkforward_permutation": _permutation(100, 1, 2.1, [9, 18, 30, 22, 12, 6, 3]),
    "paths": stated(1.9, sharpes=[1.1, 1.6, 1.9, 2.3, 2.4], share_positive=1.0, groups=6, tested=2, purge_days=3, embargo_days=3),
    "monte_carlo": stated(
        4.8, drawdown={"0.5": -2.4, "0.95": -5.1, "0.99": -6.8}, shuffled_drawdown={"0.5": -2.2, "0.95": -4.0, "0.99": -5.2},
        block=2.9, paths=2_000,
        ruin=[{"level": level, "probability": 0.0} for level in (0.9, 0.75, 0.5, 0.25)],
        sentence="Trades in another order end at the same profit, so they say something of the drawdown only.",
        cone={
            "days": _DAYS,
            "quantiles": {
                name: [100_000 * (1 + (0.00017 + spread) * day) for day in _DAYS]
                for name, spread in (("0.05", -0.0002), ("0.25", -0.0001), ("0.5", 0.0), ("0.75", 0.0001), ("0.95", 0.0002))
            },
        },
    ),
    "haircut": {"bonferroni": stated(1.4, p_value=0.15), "holm": stated(1.4, p_value=0.15), "bhy": stated(1.7, p_value=0.08)},
    "minimum_backtest_years": stated(0.55, trials=41.3),
    "noise_sharpe": stated(2.28, trials=41.3),
}  # fmt: skip
