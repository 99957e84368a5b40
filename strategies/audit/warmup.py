"""What the warm-up is worth: does the strategy say the same of a bar when the candles begin later?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.candles import Candles
from strategies.audit.causality import Outputs, relative_differences
from strategies.audit.result import Check, Finding, State
from strategies.audit.subject import IN_SEARCH, StrategyFailure, Subject

NAME, TITLE = "warmup", "later starts"
STARTS = 5
TOLERANCE = 1e-9
# An exponential average keeps a part of its first value for good. After ten times its period that part is below 5e-5 for Wilder's and
# 3e-9 for the usual kind, and no signal should hang on it any more.
SETTLING = 10
# Running sums round otherwise when they begin elsewhere, so that a rule that compares equal prices may tip over now and then: on candles
# with coarse ticks one signal in a hundred, on made-up ones one in twenty. More than a few, and beyond this share, it is no rounding.
FEW, TIPPING = 2, 0.1


@dataclass(frozen=True, slots=True)
class LateStart:
    """One run from bar ``start`` on, judged from bar ``judged`` on, where its warm-up is over.

    ``drift`` is the largest relative difference (infinity: undefined in one of the runs), ``settled`` the number of bars from the start
    until all values agree, ``values`` and ``signals`` the bars at which they differ, ``given`` those with a signal in either run.
    """

    start: int
    judged: int
    drift: float
    settled: int
    values: NDArray[np.int64]
    signals: NDArray[np.int64]
    given: NDArray[np.int64]

    def later(self, bars: NDArray[np.int64], limit: int) -> int:
        """Return how many of ``bars`` come ``limit`` bars after the start or later."""
        return int((bars - self.start >= limit).sum())


def check_later_starts(subject: Subject, candles: Candles, whole: Outputs, seed: int) -> Check:
    """Compare runs that begin later with ``whole``, after their warm-up.

    Passed when all values agree within 1e-9 of each other; a warning when they drift or a signal differs; failed when of the signals
    after ten times the warm-up more than one in ten (and more than two) differs.
    """
    starts = choose_starts(len(candles), subject.warmup, seed)
    if not starts:
        text = f"{len(candles):,} bars are too few to begin later: the warm-up alone takes {subject.warmup:,}"
        return Check(NAME, TITLE, "warning", 0, 0, None, float("nan"), text)
    try:
        runs = [_run(subject, candles, whole, start) for start in starts]
    except StrategyFailure as error:
        text = f"with candles that begin later the strategy fails: {error}"
        return Check(NAME, TITLE, "failed", len(starts), 1, None, float("nan"), text)
    return _judged(runs, candles, whole, subject)


def choose_starts(bars: int, warmup: int, seed: int) -> list[int]:
    """Return up to five later first bars, spread over the first half of what the warm-up leaves."""
    half = (bars - warmup - 1) // 2
    if half < 2:
        return []
    borders = np.linspace(1, half, STARTS + 1)
    return sorted({int(start) for start in np.random.default_rng(seed).uniform(borders[:-1], borders[1:])})


def _run(subject: Subject, candles: Candles, whole: Outputs, start: int) -> LateStart:
    late = subject.outputs(candles[start:])
    skipped = subject.warmup + 1
    judged = start + skipped
    drifts = [
        relative_differences(values[judged:], late[name][skipped:])
        for name, values in whole.items()
        if values.dtype.kind == "f" and not name.endswith(IN_SEARCH)
    ]
    drift = np.max(drifts, axis=0, initial=0.0)
    bars = np.flatnonzero(drift > TOLERANCE)
    real, other = whole["direction"][judged:], late["direction"][skipped:]
    signals, given = np.flatnonzero(real != other), np.flatnonzero((real != 0) | (other != 0))
    settled = skipped + int(bars[-1]) + 1 if len(bars) else skipped
    return LateStart(start, judged, float(drift.max(initial=0.0)), settled, bars + judged, signals + judged, given + judged)


def _judged(runs: list[LateStart], candles: Candles, whole: Outputs, subject: Subject) -> Check:
    limit = SETTLING * (subject.warmup + 1)
    late = sum(run.later(run.signals, limit) for run in runs)
    given = sum(run.later(run.given, limit) for run in runs)
    differing = [run for run in runs if len(run.values) or len(run.signals)]
    state: State = "failed" if late > max(FEW, TIPPING * given) else "warning" if differing else "passed"
    drift = max(run.drift for run in runs)
    text = _text(runs, limit, len(candles), subject.warmup)
    first = _first(differing, candles, whole, subject) if differing else None
    return Check(NAME, TITLE, state, len(runs), len(differing), first, drift if drift < float("inf") else float("nan"), text)


def _text(runs: list[LateStart], limit: int, bars: int, warmup: int) -> str:
    if not any(len(run.values) or len(run.signals) for run in runs):
        return f"the same values within 1e-9 after the warm-up of {warmup:,} bars"
    drift = max(run.drift for run in runs)
    size = "by an undefined value" if drift == float("inf") else f"by up to {100 * drift:.2g} %"
    settled = max(run.settled for run in runs)
    until = "to the last bar" if any(run.start + run.settled >= bars for run in runs) else f"until {settled:,} bars after the start"
    values = f"after the warm-up of {warmup:,} bars values drift {size}, {until}" if drift > TOLERANCE else "the values agree"
    return f"{values}; {_signals_in_words(runs, limit)}"


def _signals_in_words(runs: list[LateStart], limit: int) -> str:
    differing = sum(len(run.signals) for run in runs)
    if not differing:
        return "all signals agree"
    noun = "signal differs" if differing == 1 else "signals differ"
    late = sum(run.later(run.signals, limit) for run in runs)
    if not late:
        return f"{differing:,} {noun}, all within {limit:,} bars of the start"
    share = late / sum(run.later(run.given, limit) for run in runs)
    return f"{differing:,} {noun}, {late:,} of them {limit:,} bars or more after the start, {100 * share:.2g} % of those there"


def _first(runs: list[LateStart], candles: Candles, whole: Outputs, subject: Subject) -> Finding:
    """Return the earliest differing bar: of a signal where signals differ, else of a value."""
    by_signal = [run for run in runs if len(run.signals)]
    run = min(by_signal or runs, key=lambda run: int((run.signals if by_signal else run.values)[0]))
    bar = int((run.signals if by_signal else run.values)[0])
    late = subject.outputs(candles[run.start :])
    here = bar - run.start
    names = ("direction",) if by_signal else ("touch_level", "atr")
    name = max(names, key=lambda name: relative_differences(whole[name][bar : bar + 1], late[name][here : here + 1])[0])
    times = candles.open_ms
    values = float(whole[name][bar]), float(late[name][here])
    return Finding(name, bar, int(times[bar]), run.start, int(times[run.start]), "the first bar of all", *values)
