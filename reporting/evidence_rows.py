"""Every figure behind the gates as a row of text: what it is called, its value or why there is none, and what it means."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from reporting.gate_texts import finite, percent, percent_beside, percent_of_limit, plain
from reporting.significance_gates import BENCHMARKS, COUNTS, plain_count, reason_of

Statistic = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """One figure: ``value`` as a person reads it, ``meaning`` in a sentence."""

    label: str
    value: str
    meaning: str


_YEARS_NEEDED = "Years of such returns until the probability that the true Sharpe ratio is above zero reaches 95 %."
_INTERVALS = {"sharpe": "Sharpe ratio", "profit_factor": "profit factor", "max_drawdown": "max drawdown, %"}
_HAIRCUTS = {"bonferroni": "Bonferroni", "holm": "Holm", "bhy": "Benjamini, Hochberg and Yekutieli"}


def evidence_rows(content: Mapping[str, Any]) -> tuple[EvidenceRow, ...]:
    """Return the rows for the content of a significance.json, in display order."""
    return (
        *_data_rows(content),
        *_sample_rows("Winner", content["winner"]),
        *_trial_rows(content),
        *_overfitting_rows(content["overfitting_probability"]),
        *_benchmark_rows(content),
        *_permutation_rows(content),
        *_sample_rows("Out of sample", content["out_of_sample"]),
        *_path_rows(content["paths"]),
        *_simulation_rows(content["monte_carlo"]),
    )


def _data_rows(content: Mapping[str, Any]) -> Iterator[EvidenceRow]:
    trials, data = content["trials"], content["data"]
    states = ", ".join(f"{count:,} {state.replace('_', ' ')}" for state, count in trials["states"].items() if count)
    yield EvidenceRow("Days of returns", f"{data['days']:,}", f"{data['years']:.2f} years.")
    yield EvidenceRow(
        "Trials", f"{trials['raw']:,}",
        f"{trials['unique']:,} different ones, {trials['compared']:,} compared day by day; {states}. {trials['in_windows']:,} more in the "
        "walk-forward windows.",
    )  # fmt: skip
    noise, needed = content["noise_sharpe"], content["minimum_backtest_years"]
    yield _row(
        "Best Sharpe ratio expected from noise, independent trials only", noise, plain,
        f"The best of {plain_count(noise['trials'])} independent trials without any edge on so many days. Before the search, stage 5 takes "
        "every trial for an independent one and expects more.",
    )  # fmt: skip
    yield _row(
        "Years needed",
        needed,
        plain,
        "Minimum backtest length: with less, the best of as many trials without any edge shows the winner's ratio.",
    )


def _sample_rows(name: str, sample: Mapping[str, Any]) -> Iterator[EvidenceRow]:
    ratio = {"value": sample["sharpe"], "reason": sample["psr"]["reason"]}
    yield _row(f"{name}: Sharpe ratio", ratio, plain, "From daily returns, annualized by the root of the days in a year.")
    yield _row(
        f"{name}: Sharpe ratio annualized with autocorrelation", sample["sharpe_autocorrelated"], plain,
        "The same where a day depends on the day before: gains that follow gains make years differ more than days suggest (Lo 2002).",
    )  # fmt: skip
    yield _row(
        f"{name}: probabilistic Sharpe ratio", sample["psr"], percent,
        "Probability that the true Sharpe ratio is above zero, given its skewness and fat tails (convention of 2012: standard error at the "
        "ratio measured, T - 1 days).",
    )  # fmt: skip
    yield _row(
        f"{name}: the same with autocorrelation", sample["psr_autocorrelated"], percent,
        "Convention of 2025: standard error at zero, returns that depend on the day before.",
    )  # fmt: skip
    yield _row(
        f"{name}: the same of any dependence", sample["psr_robust"], percent,
        "Long-run variance of the daily returns (Newey and West), which assumes neither independence nor calm.",
    )  # fmt: skip
    yield _row(f"{name}: minimum track record, years", sample["track_record_years"], plain, _YEARS_NEEDED)
    for key, label in _INTERVALS.items():
        found = sample["intervals"][key]
        yield _row(f"{name}: {label}, between", found, _ends(found), _margin(found))


def _trial_rows(content: Mapping[str, Any]) -> Iterator[EvidenceRow]:
    found = content["deflated_sharpe"]
    yield _row(
        "Deflated Sharpe ratio", found, percent,
        f"Probability that the true Sharpe ratio is above {plain(found['threshold_sharpe'])}, the best expected of "
        f"{plain_count(found['trials'])} {COUNTS.get(found['count'], 'trials')} without any edge.",
    )  # fmt: skip
    for each in found["variants"] or ():
        if each["count"] != found["count"]:
            meaning = f"The same for {plain_count(each['trials'])} {COUNTS.get(each['count'], 'trials')}."
            yield EvidenceRow("Deflated Sharpe ratio, otherwise counted", percent(each["value"]), meaning)
    yield _false_discovery_row(content["false_discovery"])
    if found["variance"] is not None:
        yield EvidenceRow(
            "Variance of the trials' Sharpe ratios", plain(found["variance"], 3),
            f"{plain(found['variance_of_draws'], 3)} among the start-up trials only. A search that learns crowds its trials near the best, "
            "which makes the variance, and with it the bar for the deflated Sharpe ratio, too low.",
        )  # fmt: skip
    for key, label in _HAIRCUTS.items():
        found = content["haircut"][key]
        meaning = f"What is left of it after so many tests; p {plain(found['p_value'], 4)}."
        yield _row(f"Sharpe ratio after the haircut of {label}", found, plain, meaning)


def _false_discovery_row(found: Statistic) -> EvidenceRow:
    return _row(
        "False discovery rate", found, percent,
        f"Probability that the winner has no edge, if {percent(found['prior'])} of all strategies have one of an annual Sharpe ratio of "
        f"{plain(found['edge_sharpe'])} (López de Prado, Lipton and Zoonekynd 2025). Of all that is significant at 5 % on such data "
        f"{percent(found['planned'])} would be false; the edge would be found with a probability of {percent(found['power'])}.",
    )  # fmt: skip


def _overfitting_rows(found: Statistic) -> Iterator[EvidenceRow]:
    named = [
        ("on one trial of every cluster", found),
        *((_VARIANTS.get(name, name), each) for name, each in (found["variants"] or {}).items()),
    ]
    for name, each in named:
        yield _row(
            f"Probability of overfitting, {name}", each, percent,
            f"{plain_count(each.get('columns'))} trials; slope across them {plain(each.get('skill_slope'), 3)}, of the chosen ones "
            f"{plain(each.get('slope'), 3)}; probability of a loss {percent(each.get('probability_of_loss'))}.",
        )  # fmt: skip


_VARIANTS = {"all": "on all trials", "draws": "on start-up trials only"}


def _benchmark_rows(content: Mapping[str, Any]) -> Iterator[EvidenceRow]:
    benchmark, found = content["benchmark"], content["superior_ability"]
    name = BENCHMARKS.get(benchmark["name"], benchmark["name"])
    yield EvidenceRow("Benchmark", name, f"Return {plain(benchmark['return_pct'])} %, Sharpe ratio {plain(benchmark['sharpe'])}.")
    yield _row(
        "Superior predictive ability, p", found, _probability,
        f"Hansen's test, consistent; lower bound {plain(found['p_lower'], 4)}, upper bound {plain(found['p_upper'], 4)}.",
    )  # fmt: skip
    yield _row(
        "Reality Check, p", content["reality_check"], _probability, "White's test: the same question, weaker where many trials are poor."
    )
    stepwise = "By the stepwise test of Romano and Wolf, wrong about any of them in 5 % of all cases at most."
    yield _row("Trials better than the benchmark", content["romano_wolf"], plain_count, stepwise)


def _permutation_rows(content: Mapping[str, Any]) -> Iterator[EvidenceRow]:
    for name, key in (("search", "permutation"), ("walk-forward", "walkforward_permutation")):
        found = content[key]
        repeats = f"{plain_count(found['better'])} of {plain_count(found['permutations'])} repeats of the {name}"
        meaning = f"{repeats} on shuffled candles did as well. {found['note']}"
        yield _row(f"Shuffled candles, {name}, p", found, _probability, meaning)


def _path_rows(found: Statistic) -> Iterator[EvidenceRow]:
    yield _row(
        "Combinatorial paths: median Sharpe ratio", found, plain,
        f"{len(found['sharpes'] or ())} histories of trials on days they were not chosen on, though the search had seen them; "
        f"{percent(found['share_positive'])} above zero, {plain_count(found['purge_days'])} days purged.",
    )  # fmt: skip


def _simulation_rows(found: Statistic) -> Iterator[EvidenceRow]:
    drawdown = {name: plain(value) for name, value in (found["drawdown"] or {}).items()}
    ruin = "; ".join(f"{percent(each['probability'])} fall to {percent_of_limit(each['level'])}" for each in found["ruin"] or ())
    yield _row(
        "Out-of-sample days redrawn: median return, %", found, plain,
        f"Max drawdown in percent: median {drawdown.get('0.5', 'n/a')}, one in twenty {drawdown.get('0.95', 'n/a')} or worse, one in a "
        f"hundred {drawdown.get('0.99', 'n/a')}. Of the start, {ruin or 'n/a'}.",
    )  # fmt: skip
    if found["sentence"]:
        shuffled = {name: plain(value) for name, value in (found["shuffled_drawdown"] or {}).items()}
        yield EvidenceRow("Trades in another order: max drawdown, %", shuffled.get("0.95", "n/a"), f"One in twenty. {found['sentence']}")


def _row(label: str, found: Statistic, text: Callable[[float], str] | str, meaning: str) -> EvidenceRow:
    """Return a statistic's row, its value in the form of ``text``; where it has no value, its reason stands for the meaning."""
    value = finite(found["value"])
    if value is None:
        return EvidenceRow(label, "n/a", f"Cannot be computed: {reason_of(found)}.")
    return EvidenceRow(label, text if isinstance(text, str) else text(value), meaning)


def _ends(interval: Statistic) -> str:
    return f"{plain(interval['low'])} and {plain(interval['high'])}"


def _margin(interval: Statistic) -> str:
    return f"Bootstrap interval (BCa): {percent_beside(interval['level'], 1.0)} of intervals made like this hold the true value."


def _probability(value: float) -> str:
    """Return a p-value with three significant digits."""
    return f"{value:.3g}"
