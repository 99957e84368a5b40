"""The evidence on the terminal: what each figure counts."""

from core.canonical_json import plain
from pipeline.evidence_tables import evidence_table
from tests.reporting.significance import nothing_computed, significance
from tests.walkforward.evidence.searches import series
from walkforward.evidence.provable import provable


def test_the_two_figures_of_noise_say_which_trials_they_count() -> None:
    rows = evidence_table("X", plain(significance())).rows
    assert ("best Sharpe ratio expected from noise, of 41.3 independent trials", "2.280") in rows
    assert "350 trials, all counted" in provable(series().candles, 350).sentence


def test_without_a_number_of_trials_there_is_no_figure() -> None:
    table = evidence_table("X", plain(nothing_computed("there is one trial")))
    assert ("best Sharpe ratio expected from noise, of independent trials", "n/a") in table.rows
    assert "there is one trial" in table.note
