"""The audit of one strategy: every check over one series of candles."""

from collections.abc import Callable, Iterator

import numpy as np

from core.candles import Candles
from core.clock import format_utc
from core.errors import BacktestError, ConfigError
from core.seeds import derive_seed
from strategies.audit.causality import Leak, Outputs, compare, differing_bars
from strategies.audit.cuts import choose_cuts
from strategies.audit.futures import CUT_OFF, FUTURES, POISONS
from strategies.audit.result import AuditResult, Check, Finding
from strategies.audit.subject import IN_SEARCH, SIGNAL_OUTPUTS, StrategyFailure, Subject
from strategies.audit.tally import Tally
from strategies.audit.verdict import verdict_of
from strategies.audit.warmup import check_later_starts
from strategies.base import ParamValues, Strategy

DEFAULT_CUTS = 500
Progress = Callable[[int, int], None]


def audit_strategy(
    strategy: Strategy,
    params: ParamValues,
    candles: Candles,
    *,
    cuts: int = DEFAULT_CUTS,
    seed: int = 42,
    label: str = "",
    digest: str = "",
    on_progress: Progress | None = None,
) -> AuditResult:
    """Return what ``strategy`` with ``params`` gives away about bars to come, over all ``candles``.

    ``cuts`` >= 1 is the least number of cut points, ``seed`` >= 0 places them; ``label`` and ``digest`` name the strategy in the result
    (default: its own name); ``on_progress`` is told how many cuts of how many are done. Raises ConfigError for numbers out of range and
    BacktestError when the strategy fails on the candles as they are or there are fewer than two.
    """
    if cuts < 1 or seed < 0:
        raise ConfigError(f"cuts = {cuts}, seed = {seed} is not allowed: cuts must be at least 1 and seed at least 0.")
    if len(candles) < 2:
        raise BacktestError(f"{candles.market} has 1 candle: nothing can be cut off. Audit at least a few hundred bars.")
    name, before = label or strategy.name, candles[:].digest
    subject = _subject(strategy, params, name)
    early = _early(subject, candles)
    whole = _whole(subject, candles, name)
    again = subject.outputs(candles)
    signal_bars = np.flatnonzero(whole["direction"])
    points = choose_cuts(len(candles), signal_bars, subject.warmup, cuts, derive_seed(seed, "cuts"))
    checks = (
        *_causality(subject, candles, whole, early, points, on_progress),
        check_later_starts(subject, candles, whole, derive_seed(seed, "starts")),
        _repeat(candles, whole, (again, subject.outputs(candles))),
        _inputs(subject, intact=candles[:].digest == before),
        *_search(subject, candles, whole),
        *_enough(len(signal_bars)),
    )
    market, (headline, text) = candles.market, verdict_of(checks, len(points))
    return AuditResult(
        name, digest or name, dict(params), market.exchange, market.symbol, market.timeframe.name, candles.synthetic, len(candles),
        int(candles.open_ms[0]), candles.end_ms, before, len(signal_bars), subject.warmup, len(points), seed, checks, headline, text,
    )  # fmt: skip


def _subject(strategy: Strategy, params: ParamValues, name: str) -> Subject:
    try:
        return Subject(strategy, params)
    except StrategyFailure as error:
        raise BacktestError(f"strategy {name}: {error}.") from error


def _early(subject: Subject, candles: Candles) -> Outputs | None:
    """Return what the strategy says of the first half before it has seen the second: one that remembers cannot know it then."""
    try:
        return subject.outputs(candles[: (len(candles) + 1) // 2])
    except StrategyFailure:  # may be too short for it; the cuts will tell
        return None


def _whole(subject: Subject, candles: Candles, name: str) -> Outputs:
    try:
        return subject.outputs(candles)
    except StrategyFailure as error:
        raise BacktestError(f"strategy {name} fails on {candles.market} ({len(candles):,} candles): {error}.") from error


def _causality(
    subject: Subject, candles: Candles, whole: Outputs, early: Outputs | None, points: list[int], on_progress: Progress | None
) -> tuple[Check, Check]:
    truncation, poison = Tally(candles), Tally(candles)
    if early is not None:
        leak = compare(whole, early, (len(candles) + 1) // 2, CUT_OFF)
        truncation.leaks([leak] if leak is not None else [])
    for done, cut in enumerate(points, 1):
        _judge(truncation, subject, candles, whole, cut, [CUT_OFF])
        _judge(poison, subject, candles, whole, cut, list(POISONS))
        if on_progress is not None:
            on_progress(done, len(points))
    return truncation.check("truncation", "future cut off"), poison.check("poison", "future replaced")


def _judge(tally: Tally, subject: Subject, candles: Candles, whole: Outputs, cut: int, futures: list[str]) -> None:
    """Give one past other ``futures`` and add what that changed to ``tally``."""
    found: list[Leak] = []
    for future in futures:
        try:
            leak = compare(whole, subject.outputs(FUTURES[future](candles, cut)), cut, future)
        except StrategyFailure as error:
            if found:
                break  # what changed says more than the error
            if future == CUT_OFF and cut <= subject.warmup + 1:
                tally.too_short()
            else:
                tally.failure(cut, future, error)
            return
        if leak is not None:
            found.append(leak)
    tally.leaks(found)


def _repeat(candles: Candles, whole: Outputs, others: tuple[Outputs, ...]) -> Check:
    """Compare runs on the very same candles: one made at once, one after all others."""
    title = "the same again"
    for other in others:
        leak = compare(whole, other, len(candles), "")
        if leak is not None:
            ms = int(candles.open_ms[leak.bar])
            first = Finding(leak.output, leak.bar, ms, leak.bar, ms, "run again", leak.whole, leak.other)
            text = f"another run on the same candles gives another {leak.output.replace('_', ' ')} at {first.when}"
            return Check("repeat", title, "failed", len(others), 1, first, float("nan"), text)
    return Check("repeat", title, "passed", len(others), 0, None, 0.0, "equal input gives equal bytes")


def _inputs(subject: Subject, *, intact: bool) -> Check:
    title, changed = "inputs left alone", [] if intact else ["the candles"]
    changed += [f"its parameter {name}" for name in sorted(subject.changed_params)]
    if changed:
        return Check("inputs", title, "failed", 1, 1, None, float("nan"), f"the strategy changes {', '.join(changed)}")
    return Check("inputs", title, "passed", 1, 0, None, 0.0, "candles and parameters are as they were")


def _search(subject: Subject, candles: Candles, whole: Outputs) -> Iterator[Check]:
    """Compare the signals that backtests use with those that a search uses, where a strategy has both."""
    if not subject.searches_by_conditions:
        return
    name, title = "search", "the same in a search"
    for output in SIGNAL_OUTPUTS:
        bars = differing_bars(whole[output], whole[output + IN_SEARCH])
        if len(bars):
            bar = int(bars[0])
            text = f"conditions give another {output.replace('_', ' ')} than signals at {len(bars):,} bars, first bar {bar:,}"
            text += f" ({format_utc(int(candles.open_ms[bar]))} UTC)"
            yield Check(name, title, "failed", 1, 1, None, float("nan"), text)
            return
    yield Check(name, title, "passed", 1, 0, None, 0.0, "conditions and signals agree at every bar")


def _enough(signals: int) -> Iterator[Check]:
    """Warn where a strategy said nothing that could have been a leak."""
    if signals == 0:
        text = "no signal on these candles, so its conditions were hardly tested: audit more or other candles"
        yield Check("signals", "signals to judge", "warning", 0, 0, None, float("nan"), text)
