"""The part of the report about luck: what the statistics of significance.json say, in texts; each without a value says why.

The page shows them as tables, summary and terminal as the rows of ``evidence_rows``.
"""

from collections.abc import Mapping
from typing import Any

from reporting.account_rows import account_rows
from reporting.gate_texts import objective_in_words, percent, percent_of_limit, plain
from reporting.metric_table import format_metric
from reporting.significance_gates import BENCHMARKS, plain_count
from reporting.significance_tables import count_rows, drawdown_rows, spread, variant_rows
from reporting.stated import Stated, stated

Content = Mapping[str, Any]

ABSENT = "This run was made before the program computed these statistics; a new run computes them."


def significance_context(content: Content | None) -> dict[str, Any] | None:
    """Return what the template shows of a market's significance.json, None where there is none."""
    if content is None:
        return None
    return {
        "sentences": sentences(content),
        "accounts": account_rows(content["winner"], content["out_of_sample"]),
        "tests": stated_tests(content),
        "counts": count_rows(content["deflated_sharpe"]),
        "spread": spread(content["deflated_sharpe"]),
        "variants": variant_rows(content["overfitting_probability"]),
        "drawdowns": drawdown_rows(content["monte_carlo"]),
        "note": content["monte_carlo"]["sentence"] or "",
    }


def stated_tests(content: Content) -> list[Stated]:
    """Return every test of the search and what the out-of-sample days could have brought."""
    return [*_deflated(content), *_overfitting(content), *_comparisons(content), *_shuffles(content), *_futures(content)]


def sentences(content: Content) -> list[str]:
    """Return what was tried, and beside what it is held."""
    trials, data, benchmark = content["trials"], content["data"], content["benchmark"]
    states = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in trials["states"].items() if count)
    tried = (
        f"{trials['raw']:,} trials, {trials['unique']:,} of them different ({states}); the daily returns of {trials['compared']:,} are "
        f"compared, over {data['days']:,} days. The walk-forward windows tried {trials['in_windows']:,} more."
    )
    beside = (
        f"The benchmark is the better of cash and buy and hold, here {BENCHMARKS.get(benchmark['name'], benchmark['name'])}: return "
        f"{format_metric('return_pct', benchmark['return_pct'])}, annual Sharpe ratio {plain(benchmark['sharpe'])}, costs paid."
    )
    return [tried, beside]


def _deflated(content: Content) -> list[Stated]:
    deflated, haircut = content["deflated_sharpe"], content["haircut"]
    beside = "" if deflated["value"] is None else (
        f"beyond a Sharpe ratio of {plain(deflated['threshold_sharpe'])}, the best to expect of {plain_count(deflated['trials'])} "
        "independent trials that differ as much as these"
    )  # fmt: skip
    return [
        stated(
            "Deflated Sharpe ratio", "Probability that the winner's true Sharpe ratio is above the best that so many trials without any "
            "edge are expected to show (Bailey and López de Prado 2014).", deflated, percent, beside,
        ),
        *(
            stated(
                f"Sharpe ratio less haircut, {name}", "The winner's annual Sharpe ratio that is left when its p-value is corrected for the "
                f"number of trials by the method of {name} (Harvey and Liu 2015).", haircut[key], plain, _p_beside(haircut[key]),
            )
            for key, name in (("bonferroni", "Bonferroni"), ("holm", "Holm"), ("bhy", "Benjamini, Hochberg and Yekutieli"))
        ),
        stated(
            "False discovery rate", "Probability that the winner has no edge, from how rare and how large edges are taken to be (López de "
            "Prado, Lipton and Zoonekynd 2025).", content["false_discovery"], percent, _assumed(content["false_discovery"]),
        ),
        stated(
            "Best Sharpe ratio expected from noise, independent trials only", "The best annual Sharpe ratio that so many "
            "independent trials without any edge are expected to show on so many days. Before the search, stage 5 takes every trial for "
            "an independent one and expects more.", content["noise_sharpe"], plain, _trials_beside(content["noise_sharpe"]),
        ),
        stated(
            "Backtest length needed", "Years of data below which so many trials are expected to show the winner's Sharpe ratio without any "
            "edge (Bailey, Borwein, López de Prado and Zhu 2014).", content["minimum_backtest_years"], lambda years: f"{years:,.2f} years",
        ),
    ]  # fmt: skip


def _assumed(found: Content) -> str:
    if found["value"] is None:
        return ""
    return (
        f"if {percent(found['prior'])} of strategies have an edge, of an annual Sharpe ratio of {plain(found['edge_sharpe'])}; of all that "
        f"is significant at 5 % on such data {percent(found['planned'])} would be false, and the edge is found with a probability of "
        f"{percent(found['power'])}"
    )


def _trials_beside(statistic: Content) -> str:
    return "" if statistic["trials"] is None else f"{plain_count(statistic['trials'])} independent trials"


def _overfitting(content: Content) -> list[Stated]:
    found = content["overfitting_probability"]
    beside = "" if found["value"] is None else (
        f"slope across the trials {plain(found['skill_slope'])}, of the chosen ones {plain(found['slope'])} (R² "
        f"{plain(found['r_squared'])}); loss out of sample {percent(found['probability_of_loss'])}; {plain_count(found['splits'])} splits "
        f"of {plain_count(found['blocks'])} blocks"
    )  # fmt: skip
    return [
        stated(
            "Probability of overfitting (PBO)", "How often the best trial of one half of the days is in the worse half of the trials on "
            "the other half. Slope: how much of a trial's lead over the others in sample it keeps out of sample, 1 being all of it.",
            found, percent, beside,
        ),
        stated(
            "Sharpe ratio of combinatorial paths", "Median annual Sharpe ratio of the paths put together from all ways to leave groups of "
            "days out, choose the best trial on the rest and test it there (CPCV).", content["paths"], plain,
            _paths_beside(content["paths"]),
        ),
    ]  # fmt: skip


def _paths_beside(paths: Content) -> str:
    if paths["value"] is None:
        return ""
    return (
        f"{percent(paths['share_positive'])} of {len(paths['sharpes'])} paths above 0; {plain_count(paths['groups'])} "
        f"groups, {plain_count(paths['tested'])} tested, purge {plain_count(paths['purge_days'])} and embargo "
        f"{plain_count(paths['embargo_days'])} days"
    )


def _comparisons(content: Content) -> list[Stated]:
    superior, stepwise = content["superior_ability"], content["romano_wolf"]
    beside = "" if superior["value"] is None else (
        f"between {superior['p_lower']:.3f} and {superior['p_upper']:.3f}; {plain_count(superior['resamples'])} resamples in blocks of "
        f"{superior['block']:.1f} days on average"
    )  # fmt: skip
    named = ", ".join(map(str, (stepwise["trials"] or ())[:12]))
    return [
        stated(
            "Superior predictive ability (SPA)", "p-value: how often the best of all trials would look this good beside the benchmark if "
            "none of them were better (Hansen 2005, consistent).", superior, _p, beside,
        ),
        stated("Reality check", "The same question without Hansen's refinements (White 2000); cautious.", content["reality_check"], _p),
        stated(
            "Trials that beat the benchmark", "How many single trials are better than the benchmark beyond doubt, all looks counted "
            "(Romano and Wolf 2005).", stepwise, plain_count, named,
        ),
    ]  # fmt: skip


def _shuffles(content: Content) -> list[Stated]:
    searched = "a fixed set of parameters"
    return [
        stated(
            label, f"p-value: how often the best of {searched} does as well on candles whose order was shuffled{where}; the real candles "
            "count as one of them.", content[name], _p, _shuffle_beside(content[name]),
        )
        for name, label, where in (
            ("permutation", "Shuffled candles", ""),
            ("walkforward_permutation", "Shuffled candles, walk-forward", " after the first training window"),
        )
    ]  # fmt: skip


def _shuffle_beside(test: Content) -> str:
    if test["value"] is None:
        return ""
    aim = objective_in_words(str(test["objective"] or "objective"))
    counted = f"{plain_count(test['better'])} of {plain_count(test['permutations'])} did as well by the {aim}"
    return f"{counted}. {test['note']}" if test["note"] else counted


def _futures(content: Content) -> list[Stated]:
    simulated = content["monte_carlo"]
    ruin = "; ".join(
        f"falls to {percent_of_limit(each['level'])} of the start: {percent(each['probability'])}" for each in simulated["ruin"] or ()
    )
    return [
        stated(
            "Simulated return", "Median final return of accounts whose days are drawn in blocks from the out-of-sample days.", simulated,
            lambda value: format_metric("return_pct", value), ruin,
        )
    ]  # fmt: skip


def _p_beside(haircut: Content) -> str:
    return "" if haircut["p_value"] is None else f"p-value {_p(haircut['p_value'])}"


def _p(value: float) -> str:
    return f"{value:.3f}" if value >= 0.001 else f"{value:.1e}"
