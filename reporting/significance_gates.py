"""The gates that ask whether the result is luck, from the content of a significance.json."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from config import VerdictConfig
from reporting.gate import Gate, gate, uncomputed
from reporting.gate_texts import counted, finite, percent, percent_beside, percent_of_limit, plain

Content = Mapping[str, Any]

NOT_COMPUTED = "not computed, because this run was made before the program asked for it; a new run computes it"
BENCHMARKS = {"cash": "holding cash", "buy_and_hold": "buying and holding"}
# How the number of independent trials was counted.
COUNTS = {
    "raw": "trials, all of them counted",
    "unique": "trials with returns of their own",
    "average_correlation": "independent trials (by their average correlation)",
    "effective_rank": "independent trials (by the effective rank of their returns)",
    "participation": "independent trials (by the participation of their returns)",
    "clustered": "independent trials (clusters of similar ones)",
}


def significance_gates(content: Content | None, limits: VerdictConfig) -> tuple[Gate, Gate, Gate, Gate, Gate]:
    """Return the gates superior_ability, deflated_sharpe, overfitting_probability, out_of_sample_psr and permutation.

    Without ``content`` each fails because it was not computed; where a statistic has no value, its own reason is the gate's.
    """
    return (
        _better_than_the_benchmark(content, limits.spa_p_below),
        _beyond_the_best_of_noise(content, limits.deflated_sharpe_from),
        _not_overfitted(content, limits),
        _true_sharpe_out_of_sample(content, limits.out_of_sample_psr_from),
        _better_than_shuffled(content, limits.permutation_p_to),
    )


def reason_of(statistic: Content) -> str:
    """Return why a statistic has no value, without a full stop."""
    return str(statistic["reason"] or "no value was stated").rstrip(".")


def _why_not(content: Content | None, *path: str) -> str:
    """Return why the statistic at ``path`` has no value, empty where it has one."""
    if content is None:
        return NOT_COMPUTED
    found = content
    for name in path:
        found = found[name]
    return reason_of(found) if finite(found["value"]) is None else ""


def _better_than_the_benchmark(content: Content | None, limit: float) -> Gate:
    missing = _why_not(content, "superior_ability")
    if content is None or missing:
        return uncomputed("superior_ability", "<", limit, missing)
    value = content["superior_ability"]["value"]
    name = BENCHMARKS.get(content["benchmark"]["name"], content["benchmark"]["name"])
    return gate(
        "superior_ability", value, "<", limit,
        f"If no trial were truly better than {name}, the best of them would still look this good in {percent_beside(value, limit)} of all "
        f"histories; it must be below {percent_of_limit(limit)}.",
    )  # fmt: skip


def _beyond_the_best_of_noise(content: Content | None, limit: float) -> Gate:
    missing = _why_not(content, "deflated_sharpe")
    if content is None or missing:
        return uncomputed("deflated_sharpe", ">=", limit, missing)
    found = content["deflated_sharpe"]
    return gate(
        "deflated_sharpe", found["value"], ">=", limit,
        f"The best of {plain_count(found['trials'])} {COUNTS.get(found['count'], 'trials')} without any edge, as far apart as these, is "
        f"expected to show a Sharpe ratio of {plain(found['threshold_sharpe'])}. That the winner's true one "
        f"({plain(content['winner']['sharpe'])} measured) is higher has a probability of {percent_beside(found['value'], limit)}; at "
        f"least {percent_of_limit(limit)} is needed.",
        _all_counted(found),
    )  # fmt: skip


def _all_counted(found: Content) -> str:
    """Say what it would be if no two trials were alike."""
    value = next((finite(each["value"]) for each in found["variants"] if each["count"] == "raw"), None)
    return "" if value is None else f"All trials counted as independent: {percent(value)}."


def plain_count(trials: float | None) -> str:
    """Return a number of independent trials, which need not be whole: ``350``, ``41.3``."""
    return "n/a" if finite(trials) is None else f"{trials:,.1f}".removesuffix(".0")


def _not_overfitted(content: Content | None, limits: VerdictConfig) -> Gate:
    missing, limit = _why_not(content, "overfitting_probability"), limits.overfitting_probability_to
    if content is None or missing:
        return uncomputed("overfitting_probability", "<=", limit, missing)
    found = content["overfitting_probability"]
    # Not the published slope: of one trial that is chosen on every half it is near -1, edge or not.
    slope, least = finite(found["skill_slope"]), limits.degradation_slope_above
    judged = gate(
        "overfitting_probability", found["value"], "<=", limit,
        f"In {percent_beside(found['value'], limit)} of {counted(found['splits'], 'way')} to choose on one half of the days and to test "
        f"on the other, the choice ended in the worse half of the trials; at most {percent_of_limit(limit)} may. "
        f"{_slope_sentence(slope, least)}",
        _other_trials(found),
    )  # fmt: skip
    if slope is None:
        return replace(judged, passed=False, reason="the slope of results on one half on those on the other is undefined")
    return replace(judged, passed=judged.passed and slope > least)


def _other_trials(found: Content) -> str:
    """Say what the probability is among other trials than one of every cluster."""
    named = {"all": "all trials", "draws": "start-up trials only"}
    values = {words: finite(found["variants"][name]["value"]) for name, words in named.items()}
    told = ", ".join(f"{percent(value)} among {words}" for words, value in values.items() if value is not None)
    return f"That is among one trial of every cluster; {told}." if told else ""


def _slope_sentence(slope: float | None, least: float) -> str:
    if slope is None:
        return "Whether better trials also tested better cannot be computed: the slope is undefined. That counts as failed."
    word = "better" if slope > 0 else "worse" if slope < 0 else "neither better nor worse"
    return f"Better on the one half went with {word} on the other (slope {slope:,.3g}, which must be above {least:g})."


def _true_sharpe_out_of_sample(content: Content | None, limit: float) -> Gate:
    missing = _why_not(content, "out_of_sample", "psr")
    if content is None or missing:
        return uncomputed("out_of_sample_psr", ">=", limit, missing)
    sample = content["out_of_sample"]
    value = sample["psr"]["value"]
    return gate(
        "out_of_sample_psr", value, ">=", limit,
        f"On days the search had not seen the Sharpe ratio was {plain(sample['sharpe'])}. That the true one is above zero has a "
        f"probability of {percent_beside(value, limit)}; at least {percent_of_limit(limit)} is needed.",
    )  # fmt: skip


def _better_than_shuffled(content: Content | None, limit: float) -> Gate:
    missing = _why_not(content, "permutation")
    if content is None or missing:
        return uncomputed("permutation", "<=", limit, missing)
    found = content["permutation"]
    copies = counted(found["permutations"], "shuffled copy", "shuffled copies")
    return gate(
        "permutation", found["value"], "<=", limit,
        f"Of {copies} of the candles, in which there is nothing to find, {found['better']:,} gave as good a best point as the real ones or "
        f"a better one: {percent_beside(found['value'], limit)} with the real ones counted; at most {percent_of_limit(limit)} may."
        f"{_too_few_copies(found['permutations'], limit)}",
        _whole_walkforward(content["walkforward_permutation"]),
    )  # fmt: skip


def _too_few_copies(copies: int, limit: float) -> str:
    """Say so when no result could have passed."""
    least = 1 / (1 + copies)
    if least <= limit:
        return ""
    return f" With so few copies it cannot be less than {percent_beside(least, limit)}: raise significance.permutations."


def _whole_walkforward(found: Content) -> str:
    value = finite(found["value"])
    return "" if value is None else f"The whole walk-forward on shuffled days: {percent(value)}."
