"""Searches over a hill that is a formula: ledgers of any length with trials of every state, and what stage 7 says of them.

The space, the outcome and what lies around the winner come from the product itself; only the simulations are made up.
"""

import math
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from config import StrategyConfig
from core.canonical_json import dumps_plain
from core.checked_log import CheckedLog, checked_line
from optimization.ledger_lines import text_of
from optimization.neighbourhood.study import study_winner
from optimization.objectives import Goal
from optimization.results import StageResult, stage_result
from optimization.search import SearchPlan
from optimization.space import Dimension, Stage, canonical_key, stage_space
from optimization.trial_record import State, TrialRecord
from strategies.base import ParamValue
from strategies.registry import get_strategy

LEVELS = (0.33, 0.66, 1.0)
BATCH = 8
_FEWEST = 10

Values = Mapping[str, ParamValue]


def plan_of(stage: Stage, trials: int, slug: str, *, objectives: tuple[str, ...] = ("sharpe",), seed: int = 42) -> SearchPlan:
    """Return the plan of a search over the stage's own space; several objectives have one fidelity level."""
    space = stage_space(stage, get_strategy("hybrid_trend"), StrategyConfig(), 0.25)
    levels = LEVELS if len(objectives) == 1 else (1.0,)
    return SearchPlan(stage, space, slug, None, seed, "random", objectives, levels, BATCH, trials, _FEWEST)


@dataclass(frozen=True)
class Hill:
    """The made-up simulations of a stage over ``bars`` bars: one broad best point, and noise that falls with the bars seen."""

    plan: SearchPlan
    bars: int

    @cached_property
    def _slopes(self) -> list[tuple[Dimension, float, float]]:
        rng = np.random.default_rng(zlib.crc32(self.plan.stage.encode()))
        return [(each, rng.uniform(0.25, 0.75), rng.uniform(0.1, 4.0)) for each in self.plan.space.dimensions]

    def best_share(self) -> list[float]:
        """Return where the best point lies along each dimension, 0..1."""
        return [middle for _, middle, _ in self._slopes]

    def outcome(self, params: Values, share: float) -> dict[str, float | int | bool]:
        """Return all metrics of ``params`` over that share of the bars."""
        places = [(float(params[each.name]) - each.low) / max(each.high - each.low, 1e-9) for each, _, _ in self._slopes]
        away = [weight * (place - middle) ** 2 for place, (_, middle, weight) in zip(places, self._slopes, strict=True)]
        drawn = zlib.crc32(f"{sorted(params.items())}{share:.2f}".encode()) / 2**32
        sharpe = 1.9 - sum(away) + (drawn - 0.5) * (0.25 + 1.2 * (1 - share))
        trades = int(share * (6 + 90 * (1 - places[0]) * (0.4 + drawn)))
        return _metrics(sharpe, trades, 4.0 + 18 * places[-1] * (0.6 + drawn))

    def start(self, points: Sequence[Values]) -> "_Heat":
        """Return the trials of ``points`` before their first bar."""
        return _Heat(self, points)


@dataclass(frozen=True)
class _Heat:
    hill: Hill
    points: Sequence[Values]

    def advance(self, places: Sequence[int], end: int) -> list[dict[str, float | int | bool] | Exception]:
        return [self.hill.outcome(self.points[place], end / self.hill.bars) for place in places]


def _metrics(sharpe: float, trades: int, drawdown: float) -> dict[str, float | int | bool]:
    won = int(trades * min(0.9, max(0.1, 0.42 + 0.08 * sharpe)))
    net, fees = 850.0 * sharpe, 1.9 * trades
    return {
        "total_trades": trades, "winning_trades": won, "losing_trades": trades - won,
        "win_rate": 100 * won / trades if trades else math.nan,
        "net_pnl": net, "return_pct": net / 1000, "gross_pnl": net + fees, "fees": fees, "slippage_cost": 0.8 * trades, "funding": 0.0,
        "final_equity": 100_000 + net, "sharpe_ratio": sharpe, "sortino_ratio": 1.4 * sharpe, "calmar_ratio": 10 * sharpe / drawdown,
        "cagr": net / 800, "volatility": 9.0 + drawdown / 4, "max_drawdown": -drawdown, "max_drawdown_quote": -1000 * drawdown,
        "profit_factor": max(0.05, 1 + sharpe / 2.5), "recovery_factor": net / (1000 * drawdown), "expectancy": net / max(trades, 1),
        "average_win": 60.0 + sharpe, "average_loss": -42.0, "max_consecutive_wins": 5, "max_consecutive_losses": 4,
        "exposure": min(95.0, 0.6 * trades), "average_bars_held": 14.0, "missed_entries": trades // 7, "partial_entries": trades // 9,
        "rejected_entries": 0, "ruined": False,
    }  # fmt: skip


def trials_of(hill: Hill, seed: int = 1) -> Iterator[TrialRecord]:
    """Yield the trials of the plan, raced batch by batch; the further the search gets, the closer it looks at the best point."""
    known: dict[str, int] = {}
    points = _points(hill, seed)
    for first in range(0, hill.plan.budget, hill.plan.batch):
        batch = list(enumerate(islice(points, min(hill.plan.batch, hill.plan.budget - first)), start=first))
        keys = {number: canonical_key(params) for number, params in batch}
        fresh = [number for number, _ in batch if known.setdefault(keys[number], number) == number]
        reached = _race(hill, {number: params for number, params in batch if number in fresh})
        for number, params in batch:
            yield _record(hill, number, params, keys[number], reached.get(number, []), known[keys[number]])


def _points(hill: Hill, seed: int) -> Iterator[dict[str, ParamValue]]:
    """Yield the base first and then points that crowd more and more around the best one, a third of them anywhere."""
    space, rng = hill.plan.space, np.random.default_rng(seed)
    yield dict(space.base)
    count, best = hill.plan.budget, np.array(hill.best_share())
    wide = 0.4 * (1 - np.arange(1, count) / count) + 0.06
    near = best + rng.normal(0, 1, (count - 1, len(best))) * wide[:, None]
    shares = np.where(rng.random((count - 1, 1)) < 1 / 3, rng.random((count - 1, len(best))), near).clip(0, 1)
    for row in np.rint(shares * [each.last for each in space.dimensions]).astype(int).tolist():
        yield space.params(dict(zip(space.names, row, strict=True)))


def _race(hill: Hill, points: Mapping[int, Values]) -> dict[int, list[dict[str, float | int | bool]]]:
    """Return the metrics of each trial at every level that it reached: the better half goes on, the base always."""
    reached: dict[int, list[dict[str, float | int | bool]]] = {number: [] for number in points}
    field = list(points)
    for share in hill.plan.levels:
        for number in field:
            reached[number].append(hill.outcome(points[number], share))
        ranked = sorted(field, key=lambda number: -float(reached[number][-1]["sharpe_ratio"]))
        field = sorted({*ranked[: -(-len(ranked) // 2)], *([0] if 0 in points else [])})
    return reached


def _record(
    hill: Hill, number: int, params: Values, key: str, levels: Sequence[dict[str, float | int | bool]], original: int
) -> TrialRecord:
    plan = hill.plan
    if original != number:
        return TrialRecord(number, plan.stage, None, params, key, "duplicate", 0, 0, (), {}, duplicate_of=original)
    last = levels[-1]
    scores = tuple(float(each["sharpe_ratio"]) for each in levels)
    values = scores[-1:] if len(plan.objectives) == 1 else tuple(_objective(name, last) for name in plan.objectives)
    bars = int(hill.bars * plan.levels[len(levels) - 1])
    return TrialRecord(
        number, plan.stage, None, params, key, _state(plan, levels), len(levels), bars, scores, last, values=values,
    )  # fmt: skip


def _objective(name: str, metrics: Mapping[str, float | int | bool]) -> float:
    return float(metrics[Goal.of(name).metric])


def _state(plan: SearchPlan, levels: Sequence[Mapping[str, float | int | bool]]) -> State:
    if len(levels) < len(plan.levels):
        return "pruned"
    return "few_trades" if levels[-1]["total_trades"] < plan.min_trades else "complete"


def header_of(plan: SearchPlan) -> dict[str, Any]:
    """Return the first line of the ledger: of the settings of a search those that pages show."""
    study = {
        "stage": plan.stage, "window": None, "space": plan.space.as_dict(), "sampler": plan.sampler, "objective": list(plan.objectives),
        "levels": list(plan.levels), "batch": plan.batch, "trials": plan.budget, "min_trades": plan.min_trades, "seed": plan.seed,
    }  # fmt: skip
    return {"schema": 1, "study": study}


def write_search(folder: Path, hill: Hill) -> tuple[Path, dict[str, Any]]:
    """Write the ledger of a whole search and return its path and the stage's part of optimization.json."""
    path, records = folder / f"{hill.plan.stage}.trials.log", list(trials_of(hill))
    path.unlink(missing_ok=True)
    with CheckedLog(path) as log:
        log.append_lines([checked_line(dumps_plain(header_of(hill.plan)).encode())])
        log.append_lines(checked_line(text_of(record)) for record in records)
    return path, summary_of(hill, records)


def summary_of(hill: Hill, records: Sequence[TrialRecord]) -> dict[str, Any]:
    """Return what stage 7 says of a finished search: its outcome, what lies around the winner, and which parameters matter."""
    result: StageResult = stage_result(hill.plan, records, hill.bars)
    around, importance = study_winner(hill.plan, records, hill)
    result["neighbourhood"], result["importance"] = around.as_dict(), importance.as_dict()
    return dict(result)
