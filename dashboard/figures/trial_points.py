"""What charts of trials share: how states look, which of very many trials are drawn, and what the pointer tells of one."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from dashboard.figures.base import Trace, plain_text
from dashboard.formatting import compact, number, words
from reporting.trial_tables import PARAM

MOST_POINTS = 3000
# So many of the best are drawn whatever is left out.
_BEST_KEPT = 200

# State: shape, colour, filled. Told apart without colour.
STATES = {
    "complete": ("circle", "@c-blue", True),
    "infeasible": ("circle-x-open", "@c-orange", False),
    "pruned": ("triangle-down-open", "@muted", False),
    "screened": ("triangle-left-open", "@muted", False),
    "duplicate": ("diamond-open", "@c-sky", False),
    "few_trades": ("x-thin-open", "@c-orange", False),
    "undefined": ("hexagon-open", "@c-purple", False),
    "ruined": ("star-open", "@c-vermillion", False),
    "failed": ("square-x-open", "@c-vermillion", False),
}


def in_order(states: Sequence[str]) -> list[str]:
    """Return ``states`` as legends list them: winners' first, unknown ones last."""
    names = list(STATES)
    return sorted(set(states), key=lambda name: (names.index(name) if name in STATES else len(names), name))


def best_so_far(values: pl.Series) -> pl.Series:
    """Return which of ``values`` (null: cannot win) are better than all before them."""
    reached = values.cum_max().forward_fill()
    return (values.is_not_null() & (reached.shift(1).is_null() | (values > reached.shift(1)))).fill_null(value=False)


def thinned(trials: pl.DataFrame, most: int = MOST_POINTS) -> pl.DataFrame:
    """Return at most about ``most`` of ``trials``, in their order: every new best, the best of all, and a fixed draw of the others.

    The draw depends on a trial's number only: what is shown of a growing search thins out, and nothing jumps.
    """
    if len(trials) <= most:
        return trials
    best = trials["value"].rank("ordinal", descending=True).le(_BEST_KEPT).fill_null(value=False)
    kept = best | best_so_far(trials["value"])
    room = max(0, most - int(kept.sum()))
    order = pl.Series(_scattered(trials["trial"].to_numpy())).rank("ordinal")
    others = order.set(kept, None).rank("ordinal") <= room
    return trials.filter(kept | others.fill_null(value=False))


def left_out(drawn: int, total: int, what: str = "trials") -> str:
    """Return the note of a chart that shows ``drawn`` of ``total``; empty when it shows all."""
    if drawn >= total:
        return ""
    return (
        f"{number(drawn, 0)} of {number(total, 0)} {what} are drawn: every new best, the {_BEST_KEPT} best, and an even draw of the others."
    )


def _scattered(numbers: Any) -> Any:
    """Return for each number one that looks random and is always the same."""
    mixed = numbers.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return mixed ^ (mixed >> np.uint64(31))


def params_of(trials: pl.DataFrame) -> list[str]:
    """Return the parameters that ``trials`` have a value of."""
    names = [name for name in trials.columns if name.startswith(PARAM)]
    return [name.removeprefix(PARAM) for name in names if trials[name].null_count() < len(trials)]


def told(trials: pl.DataFrame) -> list[str]:
    """Return for each trial the text that the pointer shows."""
    names = params_of(trials)
    return [_text(row, names) for row in trials.iter_rows(named=True)]


def _text(row: Mapping[str, Any], names: Sequence[str]) -> str:
    params = [f"{plain_text(name)} {compact(row[PARAM + name])}" for name in names if row[PARAM + name] is not None]
    rows = [", ".join(params[start : start + 3]) for start in range(0, len(params), 3)]
    facts = f"{number(row['total_trades'], 0)} trades, net {number(row['net_pnl'])}, {number(row['bars'], 0)} bars"
    head = f"{plain_text(row['stage'])} trial {row['trial']}, {plain_text(words(row['state']).lower())}, score {number(row['score'], 3)}"
    return "<br>".join([head, facts, *rows])


def told_briefly(trials: pl.DataFrame) -> list[str]:
    """Return for each trial its number and score, for charts that show it many times."""
    return [f"trial {trial}: {number(score, 3)}" for trial, score in trials.select("trial", "score").iter_rows()]


def points(state: str, trials: pl.DataFrame, **more: Any) -> Trace:
    """Return a trace of the trials of one state; ``more`` has ``x``, ``y`` and ``text``. A click hands back the trial's number."""
    symbol, color, filled = STATES.get(state, ("circle-open", "@muted", False))
    line = {"width": 1 if filled else 1.4, "color": "@panel" if filled else color}
    return {
        "type": "scatter", "mode": "markers", "name": plain_text(words(state)), "legendgroup": state,
        "customdata": trials["trial"].to_list(), "marker": {"symbol": symbol, "size": 7, "color": color, "line": line},
        "hovertemplate": "%{text}<extra></extra>",
    } | more  # fmt: skip
