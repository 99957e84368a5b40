"""The figures behind the gates as text: every statistic has its row, and a row without a value says why."""

from core.canonical_json import plain
from reporting.evidence_rows import evidence_rows
from reporting.significance_view import significance_context
from tests.reporting.significance import nothing_computed, significance


def test_every_statistic_has_a_row_whether_or_not_it_could_be_computed() -> None:
    computed, missing = (evidence_rows(plain(content)) for content in (significance(), nothing_computed()))
    labels = [row.label for row in computed]
    assert len(set(labels)) == len(labels)
    assert "n/a" not in {row.value for row in computed}
    assert {row.label for row in missing} <= set(labels)
    # what has nothing of its own to say when there is no value: other counts of trials, their variance, other sets, drawdowns
    alone = {label.partition(",")[0] for label in labels if label not in {row.label for row in missing}}
    assert alone == {
        "Deflated Sharpe ratio", "Variance of the trials' Sharpe ratios", "Probability of overfitting", "Max drawdown",
    }  # fmt: skip


def test_every_label_is_the_one_that_the_page_has() -> None:
    content = plain(significance())
    found = significance_context(content)
    assert found is not None
    shown = {item.label: item.text for item in found["tests"]}
    assert shown.items() <= {row.label: row.value for row in evidence_rows(content)}.items()


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
        "Winner: Sharpe ratio with autocorrelation": "3.00",
        "Out of sample: The same of any dependence": "95.0 %",
        "False discovery rate": "23.0 %",
        "Winner: Probabilistic Sharpe ratio": "99.9 %",
        "Winner: Sharpe ratio, interval": "1.20 to 5.00",
        "Out of sample: Max drawdown, interval": "-4.90 % to -1.30 %",
        "Deflated Sharpe ratio": "96.8 %",
        "Deflated Sharpe ratio, all trials": "94.1 %",
        "Probability of overfitting (PBO)": "11.0 %",
        "Benchmark": "buying and holding",
        "Superior predictive ability (SPA)": "0.012",
        "Trials that beat the benchmark": "3",
        "Shuffled candles": "0.005",
        "Sharpe ratio of combinatorial paths": "1.90",
        "Max drawdown, not deeper in 95 %": "-5.10 %",
    }
    assert {label: rows[label].value for label in shown} == shown
    assert "41.3 independent trials" in rows["Deflated Sharpe ratio"].meaning
    assert "0.71" in rows["Variance of the trials' Sharpe ratios"].meaning
    assert "-4.00 %" in rows["Max drawdown, not deeper in 95 %"].meaning
    assert all(row.meaning.endswith(".") and ".." not in row.meaning for row in rows.values()), [row.meaning for row in rows.values()]
