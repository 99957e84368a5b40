"""The report as one page of Markdown: what a person reads first, pastes into a ticket or compares with another run's."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from core.clock import format_utc
from reporting.checkpoints import MarketReport
from reporting.comparison import COLUMN_LABELS, COLUMNS, NOTE, Comparison
from reporting.evidence_rows import evidence_rows
from reporting.gate import GATES, Gate
from reporting.gate_texts import counted, plain
from reporting.markdown import table, text
from reporting.significance_gates import plain_count, reason_of
from reporting.summary_walkforward import walkforward_sections
from reporting.verdict import Verdict

CAVEATS = (
    "Probabilistic and deflated Sharpe ratios follow the convention of 2012: standard error at the measured ratio, T - 1 days.",
    "The convention of 2025 takes it at the benchmark and knows autocorrelation; on one published example the two say 0.913 and 0.987.",
    "A search that learns crowds its trials near the best one, so their variance is too low and the deflated Sharpe ratio too friendly.",
    "Trades in another order tell about the drawdown only: their sum, and so the final profit, is the same in any order.",
    "Only the trials of this run are counted. Strategies, markets and dates that were tried before it are not known to it.",
    "Trials that are alike and all good share their ranks by chance: a high probability of overfitting is then harmless.",
)


def render_summary(markets: Sequence[MarketReport], comparisons: Mapping[str, Comparison], verdicts: Mapping[str, Verdict]) -> str:
    """Return the whole page for ``markets`` in order; equal contents give equal text."""
    parts = [line for market in markets for line in _market(market, comparisons[market.slug], verdicts[market.slug])]
    caveats = ["## How to read this", "", *(f"- {each}" for each in CAVEATS), ""]
    return "\n".join(["# Summary", "", *parts, *caveats])


def _market(market: MarketReport, comparison: Comparison, verdict: Verdict) -> Iterator[str]:
    baseline = market.baseline
    span = f"{baseline['bars']:,} bars, {format_utc(baseline['start_ms'])} to {format_utc(baseline['end_ms'])} UTC"
    yield from (f"## {text(market.title)}{' (synthetic)' if market.synthetic else ''}", "", f"{span}.", "")
    yield from (f"**{text(verdict.headline)}**", "", text(verdict.text), "")
    yield from ("### Gates", "", *table(("", "gate", "value", "limit", "in words"), map(_gate_row, verdict.gates)))
    yield from ("### What these data could prove", "")
    for paragraph in provable_sentences(market):
        yield from (text(paragraph), "")
    columns = ("metric", *(COLUMN_LABELS[column] for column in COLUMNS))
    yield from ("### Side by side", "", *table(columns, ((row.label, *row.texts()) for row in comparison.rows)), NOTE, "")
    for title, lines in walkforward_sections(market.walkforward):
        yield from (f"### {title}", "", *lines)
    if market.significance is not None:
        rows = ((row.label, row.value, row.meaning) for row in evidence_rows(market.significance))
        yield from ("### How much of it may be luck", "", *table(("figure", "value", "what it says"), rows))


def _gate_row(gate: Gate) -> tuple[str, ...]:
    info = GATES[gate.name]
    limit = f"{gate.comparison} {info.limit_text(gate.threshold)}"
    return "passed" if gate.passed else "failed", info.label, info.value_text(gate.value, gate.threshold), limit, gate.sentence


def provable_sentences(market: MarketReport) -> Iterator[str]:
    """Yield paragraphs: which Sharpe ratio means nothing on so many days, as it was known before the search and after it."""
    yield from provable_before(market.baseline)
    yield provable_after(market.significance)


def provable_before(baseline: Mapping[str, Any]) -> Iterator[str]:
    """Yield what was known before the search; nothing for a run of before the program computed it."""
    before = baseline.get("provable")
    if before is not None:
        years = ", ".join(f"{plain(length)} years for a ratio of {sharpe}" for sharpe, length in before["years_for_sharpe"].items())
        yield (
            f"Before the search: of {counted(before['trials'], 'trial')} without any edge, each taken as another strategy, the best is "
            f"expected to show a Sharpe ratio of {plain(before['noise_sharpe'])} on {counted(before['days'], 'day')}. Data on which noise "
            f"is not expected to reach a given one: {years}."
        )


def provable_after(significance: Mapping[str, Any] | None) -> str:
    """Return what the trials amounted to; ``significance`` is None in a run of before the program computed it."""
    return "This was not computed, because the run was made before the program did so." if significance is None else _proved(significance)


def _proved(significance: Mapping[str, Any]) -> str:
    noise, needed = significance["noise_sharpe"], significance["minimum_backtest_years"]
    if noise["value"] is None:
        return f"After it: the best Sharpe ratio expected of noise cannot be computed: {reason_of(noise)}."
    said = (
        f"After it: the trials amount to {plain_count(noise['trials'])} independent ones, whose best is expected to show "
        f"{plain(noise['value'])} without any edge. The winner shows {plain(significance['winner']['sharpe'])}"
    )
    if needed["value"] is None:
        return f"{said}. How long the data would have to be for that cannot be computed: {reason_of(needed)}."
    years = significance["data"]["years"]
    return f"{said}; noise is expected to reach that on less than {plain(needed['value'])} years of data, and there are {years:.2f}."
