"""Every figure behind the gates as a row of text: what it is called, its value or why there is none, and what it means."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from reporting.account_rows import account_rows
from reporting.gate_texts import plain
from reporting.significance_gates import BENCHMARKS
from reporting.significance_tables import count_rows, drawdown_rows, spread, variant_rows
from reporting.significance_view import sentences, stated_tests

Content = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """One figure: ``value`` as a person reads it, ``meaning`` in a sentence."""

    label: str
    value: str
    meaning: str


def evidence_rows(content: Content) -> tuple[EvidenceRow, ...]:
    """Return the rows for the content of a significance.json, in display order."""
    return (
        *_data_rows(content),
        *_account_rows(content, 0, "Winner"),
        *(_row(each.label, each.text, each.definition, each.more) for each in stated_tests(content)),
        *_other_counts(content["deflated_sharpe"]),
        *_other_trials(content["overfitting_probability"]),
        *_account_rows(content, 1, "Out of sample"),
        *_drawdowns(content["monte_carlo"]),
    )


def _data_rows(content: Content) -> Iterator[EvidenceRow]:
    tried, beside = sentences(content)
    yield EvidenceRow("Trials", f"{content['trials']['raw']:,}", tried)
    yield EvidenceRow("Benchmark", BENCHMARKS.get(content["benchmark"]["name"], content["benchmark"]["name"]), beside)


def _account_rows(content: Content, side: int, name: str) -> Iterator[EvidenceRow]:
    for row in account_rows(content["winner"], content["out_of_sample"]):
        yield _row(f"{name}: {row['label']}", row["cells"][side][0], row["definition"], row["cells"][side][1])


def _other_counts(deflated: Content) -> Iterator[EvidenceRow]:
    for label, definition, trials, value in count_rows(deflated):
        yield EvidenceRow(f"Deflated Sharpe ratio, {label}", value, f"{trials} trials. {definition}")
    if spread(deflated):
        yield EvidenceRow("Variance of the trials' Sharpe ratios", plain(deflated["variance"], 3), spread(deflated))


def _other_trials(found: Content) -> Iterator[EvidenceRow]:
    for row in variant_rows(found)[1:]:
        value, across, chosen, loss, trials = row["cells"]
        meaning = f"{trials} trials; slope across them {across}, of the chosen ones {chosen}; loss out of sample {loss}."
        yield _row(f"Probability of overfitting, {row['label']}", value, meaning, row["reason"])


def _drawdowns(simulated: Content) -> Iterator[EvidenceRow]:
    note = f" {simulated['sentence']}"
    for share, drawn, shuffled in drawdown_rows(simulated):
        yield EvidenceRow(f"Max drawdown, not deeper in {share}", drawn, f"Days drawn in blocks; trades in another order {shuffled}.{note}")
        note = ""


def _row(label: str, value: str, definition: str, more: str) -> EvidenceRow:
    """Return a figure's row; where it has no value, the reason, which is ``more`` then, stands for the meaning."""
    if value == "n/a":
        return EvidenceRow(label, value, f"Cannot be computed: {more.rstrip('.')}.")
    return EvidenceRow(label, value, f"{definition} {more[:1].upper()}{more[1:].rstrip('.')}." if more else definition)
