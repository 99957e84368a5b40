"""What newer runs say of their walk-forward beside its results: worth of the searches, stress, regimes, paths."""

from copy import deepcopy
from typing import Any

from walkforward.scenarios import SCENARIOS

_NET = {"costs_x1": 95.0, "costs_x2": -145.0, "costs_x3": -385.0, "late_entry": 40.0, "price_noise": 12.0, "start_offset": 130.0}
_REGIMES = ((trend, volatility) for trend in ("up", "sideways", "down") for volatility in ("calm", "volatile"))
REGIMES = [(None, None), *_REGIMES]


def deepened(content: dict[str, Any]) -> dict[str, Any]:
    """Return the content of a walkforward.json with everything that newer runs tell; some of it undefined."""
    content = deepcopy(content)
    for place, window in enumerate(content["windows"]):
        window |= {
            "path": None, "profitable": window["scored"] and window["oos_metrics"]["net_pnl"] > 0,
            "efficiency": (0.8, -4.2, None, 0.1)[place % 4], "rank_correlation": (0.41, -0.2, 0.05, None)[place % 4],
            "selection_skill": (1.2, -0.4, None, 0.0)[place % 4], "selection_skill_net_pnl": (88.0, -31.5, 4.0, 0.0)[place % 4],
            "trials_tested": 340 + place, "trials_ranked": 300,
        }  # fmt: skip
    return content | {
        "efficiency": 0.22, "rank_correlation": 0.087, "rank_measure": "sharpe_ratio", "selection_skill": 0.27,
        "selection_skill_net_pnl": 15.1, "stress": [_scenario(each.name, each.label, each.sentence) for each in SCENARIOS],
        "regimes": [_regime(place, *names) for place, names in enumerate(REGIMES)], "paths": [], "stitched_path": None,
    }  # fmt: skip


def combinatorial(content: dict[str, Any], paths: int = 3) -> dict[str, Any]:
    """Return the content of a walkforward.json whose windows are ``paths`` times as many; path 1 is the one that is judged."""
    deep = deepened(content)
    windows: list[dict[str, Any]] = []
    for path in range(paths):
        for window in deepcopy(deep["windows"]):
            shifted = window["oos_metrics"] | {"net_pnl": window["oos_metrics"]["net_pnl"] + 20 * path}
            windows.append(window | {"index": len(windows), "path": path, "oos_metrics": shifted})
    figures = {"sharpe_ratio": 0.4, "max_drawdown": -0.9, "total_trades": 39}
    return deep | {
        "windows": windows, "stitched_path": 1, "paths": [{"path": path, "net_pnl": 40.0 * (path - 1)} | figures for path in range(paths)],
    }  # fmt: skip


def _scenario(name: str, label: str, sentence: str) -> dict[str, Any]:
    tested = name != "price_noise"
    figures = {"return_pct": _NET[name] / 1000, "sharpe_ratio": 0.3, "profit_factor": 1.1, "max_drawdown": -0.8, "total_trades": 39}
    return {
        "name": name, "label": label, "sentence": sentence, "net_pnl": _NET[name] if tested else None,
        "kept": _NET[name] / 95 if tested else None, "worst_net_pnl": _NET[name] - 10 if tested else None,
        "reason": None if tested else "the strategy refuses candles with a gap between them",
    } | (figures if tested else dict.fromkeys(figures) | {"total_trades": 0})  # fmt: skip


def _regime(place: int, trend: str | None, volatility: str | None) -> dict[str, Any]:
    return {
        "trend": trend, "volatility": volatility, "bars": 240 + 10 * place, "share": (240 + 10 * place) / 1920, "trades": place,
        "net_pnl": 30.0 * (place - 3), "sharpe_ratio": None if not place else 0.5 * (place - 3),
    }  # fmt: skip
