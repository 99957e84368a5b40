"""Real candles give the trades and the figures they gave when golden.json was written (see update.py)."""

import json
from pathlib import Path

import pytest

from tests.golden.cases import CASES, GOLDEN_FILE, HEADLINES, fingerprint, run

GOLDEN = json.loads(GOLDEN_FILE.read_text(encoding="utf8"))


def test_every_case_has_its_golden_figures_and_no_other() -> None:
    assert list(GOLDEN) == list(CASES)
    assert all(list(figures) == [*HEADLINES, "trades"] for figures in GOLDEN.values())


def test_the_cases_are_worth_keeping() -> None:
    assert all(figures["total_trades"] > 10 for figures in GOLDEN.values())


@pytest.mark.parametrize("name", CASES)
def test_golden_run(name: str, shared_data: Path) -> None:
    found, golden = fingerprint(run(CASES[name], shared_data / "candles")), GOLDEN[name]
    assert {key: found[key] for key in HEADLINES} == pytest.approx({key: golden[key] for key in HEADLINES}, rel=1e-9)
    assert found["trades"] == golden["trades"]
