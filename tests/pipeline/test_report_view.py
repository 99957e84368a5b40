"""A published report in the terminal: gates by the names that the verdict uses, those of older runs by their own."""

from typing import Any

from pipeline.report_view import gate_table, luck_table
from reporting import GATES, Evidence, judge
from tests.reporting.runs import optimization, walkforward
from tests.reporting.significance import significance


def report(gates: list[dict[str, Any]]) -> dict[str, Any]:
    return {"verdict": {"gates": gates}}


def test_gates_are_called_as_in_the_verdict_with_values_that_fit_their_results() -> None:
    content = significance(deflated_sharpe=significance()["deflated_sharpe"] | {"value": 0.9496})
    verdict = judge(Evidence(walkforward(), optimization(), content), synthetic=False)
    table = gate_table("A", report([gate.as_dict() for gate in verdict.gates]))
    assert [row[1] for row in table.rows] == [info.label for info in GATES.values()]
    assert table.rows[1][:4] == ("failed", "Sharpe ratio after so many trials", "0.9496", ">= 0.95")


def test_gate_of_an_older_run_keeps_its_name() -> None:
    old = {"name": "out_of_sample_profit", "passed": False, "value": None, "threshold": 0.0, "comparison": ">", "sentence": "It lost."}
    assert gate_table("A", report([old])).rows == (("failed", "Out of sample profit", "n/a", "> 0", "It lost."),)


def test_figures_behind_the_gates_have_a_table() -> None:
    table = luck_table("A", significance())
    assert len(table.rows) > 30
    assert all(len(row) == 3 for row in table.rows)
