"""Screening: a device may only drop trials; what is simulated in full is what the processor alone would have found."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from backtest_engine.gpu import Gpu, NoGpu
from backtest_engine.gpu.memory import HostMemory
from config import OptimizationConfig
from core.errors import ConfigError, OptimizationError
from optimization import OptimizationEngine, screening
from optimization.ledger import TrialLedger
from optimization.ledger_lines import record_of, text_of
from optimization.screening import Screen, choose_screen, screening_result
from optimization.search import SearchPlan, best_of, search
from optimization.trial_record import TrialRecord
from optimization.verdicts import Verdict
from tests.optimization.fakes import FakeHeat, FakeTrials, Metrics, Params, hill, mixed, noise, plan
from tests.optimization.market import CANDLES, CONFIG, FAST, engine

GPU = replace(plan(device="gpu", budget=48, sampler="random"))


def drifting(params: Params, share: float) -> Metrics:
    """Return scores of a device whose arithmetic is a little, and now and then a lot, different."""
    found = hill(params, share)
    return found | {"sharpe_ratio": float(found["sharpe_ratio"]) * (1.0 + 0.3 * noise("drift", dict(params), share))}


def run(screen: Any, measure: Any = hill, wanted: SearchPlan = GPU, path: Path | None = None) -> list[TrialRecord]:
    with TrialLedger({"device": wanted.device}, path) as ledger:
        return search(wanted, ledger, FakeTrials(measure), screen=screen)


def in_full(records: Sequence[TrialRecord]) -> list[TrialRecord]:
    return [record for record in records if record.fidelity == 3]


def test_equal_scores_give_the_search_of_the_processor_with_its_pruned_trials_screened() -> None:
    alone, screened = run(None), run(FakeTrials())
    as_if_alone = [replace(record, state="pruned" if record.state == "screened" else record.state, screen=()) for record in screened]
    assert as_if_alone == alone
    assert {record.state for record in screened} == {"complete", "screened"}
    result = screening_result("gpu", screened)
    assert result["screened"] == sum(record.state == "pruned" for record in alone)
    assert (result["largest_drift"], result["equal"]) == (0.0, result["compared"])


def test_every_full_result_is_the_processors_whatever_the_device_says() -> None:
    for record in in_full(run(FakeTrials(drifting))):
        assert record.state == "complete"
        assert record.metrics["sharpe_ratio"] == hill(record.params, 1.0)["sharpe_ratio"]
        assert record.scores == tuple(hill(record.params, end / 900)["sharpe_ratio"] for end in (297, 594, 900))
        assert len(record.screen) <= 2


def test_no_more_trials_than_without_a_device_are_simulated_in_full() -> None:
    for measure in (hill, drifting, mixed):
        assert len(in_full(run(FakeTrials(measure)))) <= len(in_full(run(None)))


def test_a_screened_trial_never_wins_and_keeps_what_the_device_found() -> None:
    found = run(FakeTrials(lambda params, share: hill(params, share) | {"sharpe_ratio": 1000.0 + noise(dict(params), share)}))
    winner = best_of(found)
    assert winner is not None
    assert winner.value < 1.0
    dropped = [record for record in found if record.state == "screened"]
    assert dropped
    assert all(record.fidelity < 3 and record.bars in (297, 594) and record.scores[-1] > 999.0 for record in dropped)  # type: ignore[operator]
    assert all(record.screen == () for record in dropped)


def test_a_trial_that_ruins_the_account_on_the_device_is_screened_not_ruined() -> None:
    found = run(FakeTrials(lambda params, share: hill(params, share) | {"ruined": noise("ruin", dict(params)) < 0.5}))
    assert {record.state for record in found} == {"complete", "screened"}


def test_the_base_always_finishes() -> None:
    base = run(FakeTrials(lambda params, share: hill(params, share) | {"sharpe_ratio": -99.0 if share < 1.0 else 0.0}))[0]
    assert (base.fidelity, base.state) == (3, "complete")
    assert len(base.screen) in (1, 2)


def test_a_batch_with_a_trial_that_the_device_cannot_compute_is_the_processors() -> None:
    found, alone = run(FakeTrials(mixed)), run(None)
    odd = [noise("kind", dict(record.params)) < 0.05 for record in found]
    batches = [range(first, first + 8) for first in range(0, 48, 8)]
    for batch in batches:
        if any(odd[number] for number in batch):
            assert [found[number] for number in batch] == [alone[number] for number in batch]
        else:
            assert any(found[number].state == "screened" for number in batch)
    assert 0 < sum(any(odd[number] for number in batch) for batch in batches) < len(batches)


def test_trials_fail_as_they_do_without_a_device() -> None:
    failed = [record for record in run(FakeTrials(), mixed) if record.state == "failed"]
    assert failed
    assert all(record.error == "RuntimeError: this point cannot be simulated" for record in failed)


class Broken:
    """A device that gives up at its ``last`` batch."""

    def __init__(self, last: int) -> None:
        self._left, self.trials = last, FakeTrials()
        self.bars = self.trials.bars

    def start(self, points: Sequence[Params]) -> FakeHeat:
        self._left -= 1
        if self._left == 0:
            raise OSError("the driver has gone away")
        return self.trials.start(points)


def test_a_batch_on_which_the_device_fails_is_the_processors(caplog: pytest.LogCaptureFixture) -> None:
    found, alone = run(Broken(3)), run(None)
    assert found[16:24] == alone[16:24]
    assert {record.state for record in found[24:]} == {"complete", "screened"}
    assert "a batch of 8 trials was not screened by the GPU (OSError: the driver has gone away); CPU used for it" in caplog.text


def test_without_lower_levels_there_is_nothing_to_screen() -> None:
    screen = FakeTrials()
    found = run(screen, wanted=replace(GPU, levels=(1.0,)))
    assert {record.state for record in found} == {"complete"}
    assert not screen.started


def test_a_screened_search_that_was_interrupted_leaves_the_same_bytes(tmp_path: Path) -> None:
    run(FakeTrials(drifting), path=tmp_path / "whole.log")
    for stretch in (5, 40):
        with pytest.raises(KeyboardInterrupt):
            run(FakeTrials(drifting, interrupt_at=stretch), path=tmp_path / "resumed.log")
    run(FakeTrials(drifting), path=tmp_path / "resumed.log")
    assert (tmp_path / "resumed.log").read_bytes() == (tmp_path / "whole.log").read_bytes()


def test_a_processor_does_not_go_on_with_the_ledger_of_a_device(tmp_path: Path) -> None:
    run(FakeTrials(), path=tmp_path / "trials.log")
    with pytest.raises(OptimizationError, match="its device is gpu, this one's is cpu"):
        run(None, wanted=replace(GPU, device="cpu"), path=tmp_path / "trials.log")


def test_drift_is_the_largest_relative_difference() -> None:
    record = in_full(run(None))[0]
    ours = (2.0, None, 4.0)
    odd = [replace(record, scores=ours, screen=screen) for screen in ((2.0, None), (2.5, None), (2.0, 1.0), (None,))]
    result = screening_result("gpu", odd)
    assert (result["compared"], result["equal"], result["largest_drift"]) == (7, 4, 0.25)


def test_the_sampler_learns_of_a_screened_trial_what_it_learns_of_a_pruned_one() -> None:
    record = next(record for record in run(FakeTrials()) if record.state == "screened")
    assert Verdict.of(record) == Verdict.of(replace(record, state="pruned")) == Verdict(level=record.fidelity, score=record.scores[-1])


def test_a_record_with_scores_of_a_device_comes_back_from_its_line() -> None:
    for record in run(FakeTrials(drifting)):
        assert record_of(text_of(record)).as_dict() == record.as_dict()
        assert ("screen" in record.as_dict()) == bool(record.screen)


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ({}, "not used (gpu is off)"),
        ({"gpu": "on", "multi_fidelity": False}, "not used: without multi_fidelity there is nothing to screen; CPU used"),
        ({"gpu": "auto"}, "not used: batches of 8 trials are too small (256 and more pay); CPU used"),
        ({"gpu": "auto", "batch": 256}, "no GPU: nothing there; CPU used"),
        ({"gpu": "on"}, "no GPU: nothing there; CPU used"),
    ],
)
def test_one_line_says_why_the_processor_is_used(settings: dict[str, Any], line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screening, "find_gpu", lambda: NoGpu("nothing there"))
    assert choose_screen(OptimizationConfig(**settings)) == Screen(None, line)


def test_a_device_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    gpu = Gpu("NVIDIA H200", HostMemory())
    monkeypatch.setattr(screening, "find_gpu", lambda: gpu)
    chosen = choose_screen(OptimizationConfig(gpu="on"))
    assert chosen.gpu is gpu
    assert chosen.line == "NVIDIA H200 screens trials below full fidelity; the CPU simulates the rest"


def test_on_and_off_of_yaml_are_understood() -> None:
    assert OptimizationConfig.model_validate({"gpu": True}).gpu == "on"
    assert OptimizationConfig.model_validate({"gpu": False}).gpu == "off"
    with pytest.raises(ConfigError, match="'maybe' is not known"):
        OptimizationConfig(gpu="maybe")  # type: ignore[arg-type]


def test_a_search_goes_on_without_a_device_and_says_so_once(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(screening, "find_gpu", lambda: NoGpu("no packages"))
    screening.announce.cache_clear()
    wanted, alone = OptimizationEngine(CANDLES, CONFIG, opt_config=FAST.replace(gpu="on")), engine()
    OptimizationEngine(CANDLES, CONFIG, opt_config=FAST.replace(gpu="on"))
    for each in (wanted, alone):
        each.optimize_stage_7_3()
    assert wanted.ledger("7.3") == alone.ledger("7.3")
    assert wanted.summary().as_dict() == alone.summary().as_dict()
    assert caplog.text.count("GPU: no GPU: no packages; CPU used") == 1
