"""The figures behind the gates as text: every statistic has its row, and a row without a value says why."""

from core.canonical_json import plain
from reporting.evidence_rows import evidence_rows
from tests.reporting.significance import nothing_computed, significance


def test_every_statistic_has_a_row_whether_or_not_it_could_be_computed() -> None:
    computed, missing = (evidence_rows(plain(content)) for content in (significance(), nothing_computed()))
    labels = [row.label for row in computed]
    assert "n/a" not in {row.value for row in computed}
    assert {row.label for row in missing} <= set(labels)
    # what has nothing of its own to say when there is no value: other counts of trials, their variance, variants, other orders
    assert {label for label in labels if label not in {row.label for row in missing}} == {
        "Deflated Sharpe ratio, otherwise counted",
        "Variance of the trials' Sharpe ratios",
        "Probability of overfitting, on all trials",
        "Probability of overfitting, on start-up trials only",
        "Trades in another order: max drawdown, %",
    }


def test_row_without_a_value_says_why() -> None:
    rows = evidence_rows(plain(nothing_computed("There is one trial.")))
    unknown = [row for row in rows if row.value == "n/a"]
    assert len(unknown) > 20
    assert {row.meaning for row in unknown} == {"Cannot be computed: There is one trial."}


def test_values_are_those_of_the_file_in_a_readable_form() -> None:
    rows = {row.label: row for row in evidence_rows(plain(significance()))}
    shown = {
        "Trials": "350",
        "Best Sharpe ratio expected from noise, independent trials only": "2.28",
        "Winner: Sharpe ratio annualized with autocorrelation": "3.00",
        "Out of sample: the same of any dependence": "95.0 %",
        "False discovery rate": "23.0 %",
        "Winner: probabilistic Sharpe ratio": "99.9 %",
        "Winner: Sharpe ratio, between": "1.20 and 5.00",
        "Deflated Sharpe ratio": "96.8 %",
        "Probability of overfitting, on one trial of every cluster": "11.0 %",
        "Benchmark": "buying and holding",
        "Superior predictive ability, p": "0.012",
        "Trials better than the benchmark": "3",
        "Shuffled candles, search, p": "0.00498",
        "Combinatorial paths: median Sharpe ratio": "1.90",
        "Trades in another order: max drawdown, %": "-4.00",
    }
    assert {label: rows[label].value for label in shown} == shown
    assert "41.3 independent trials (by the effective rank of their returns)" in rows["Deflated Sharpe ratio"].meaning
    assert "0.710 among the start-up trials only" in rows["Variance of the trials' Sharpe ratios"].meaning
