"""The report on several objectives and constraints: there where there is something to say, absent otherwise."""

from pathlib import Path
from typing import Any

import pytest

from core.errors import CorruptFileError
from reporting.fronts import aims
from reporting.publish import publish_report
from reporting.schema import OPTIMIZATION
from reporting.shapes import require_shape
from tests.reporting.runs import SLUG, optimization, put, write_run

PARETO = {
    "objectives": ["sharpe", "<b>.py"],
    "front": [{"trial": number, "params": {"ema_fast": number}, "values": [float(number), 40.0 - number]} for number in range(40)],
    "knee": 39,
    "explanation": "Trial 39 is the knee.",
}
LIMITS = {"max_drawdown": {"limit": 20.0, "broken": 3, "judged": 12, "closest": 18.25}}


def with_aims(**parts: Any) -> dict[str, Any]:
    content = optimization()
    content["stages"]["7.2"] = content["stages"]["7.2"] | parts
    return content


def test_a_search_for_one_objective_has_no_such_part() -> None:
    assert aims(optimization()) is None


def test_a_long_front_is_cut_but_keeps_its_knee() -> None:
    found = aims(with_aims(pareto=PARETO))
    assert found is not None
    (front,) = found["fronts"]
    assert [row["trial"] for row in front["rows"]] == [*range(25), 39]
    assert front["left"] == 14
    assert [row["trial"] for row in front["rows"] if row["knee"]] == [39]


def test_report_shows_front_limits_and_advice_and_escapes_names(tmp_path: Path) -> None:
    run = write_run(tmp_path)
    put(run.checkpoints / "07_optimize" / SLUG / "optimization.json", with_aims(pareto=PARETO, constraints=LIMITS, advice="Loosen it."))
    publish_report(run)
    page = (run.exports / "report.html").read_text()
    for text in (
        "39 (knee)",
        "Trial 39 is the knee.",
        "14 more of the front",
        "3 of 12",
        "18.25 %",
        "Stage 7.2: Loosen it.",
        "&lt;b&gt;.py",
    ):
        assert text in page
    assert "<b>.py" not in page


@pytest.mark.parametrize(
    ("part", "problem"),
    [
        ({"pareto": PARETO | {"knee": "3"}}, r"pareto\.knee must be"),
        ({"pareto": PARETO | {"front": [{"trial": 1}]}}, "has no 'params'"),
        ({"constraints": {"max_drawdown": {"limit": 3}}}, "has no 'broken'"),
        ({"advice": 3}, "advice must be"),
    ],
)
def test_wrong_parts_are_named(part: dict[str, Any], problem: str, tmp_path: Path) -> None:
    require_shape(with_aims(pareto=PARETO, constraints=LIMITS), OPTIMIZATION, tmp_path)
    with pytest.raises(CorruptFileError, match=problem):
        require_shape(with_aims(**part), OPTIMIZATION, tmp_path)
