"""The arithmetic of the cost model in docs/scaling.md."""

import pytest

from benchmarks.scaling import Costs, Study, driver_seconds, most_workers, series_bytes, study_seconds, tasks_of, wall_seconds

COSTS = Costs(sampler=0.006, trial=0.004, bar=1e-6, batch=0.1, task=0.05, bandwidth=1e6, slice=1.0)
STUDY = Study(trials=100, bars=10_000, fidelity=0.5, batch=10, record=1_000)


def test_study_costs_its_sampler_its_records_its_bars_and_its_batches() -> None:
    assert study_seconds(STUDY, COSTS) == pytest.approx(0.6 + 0.4 + 0.5 + 1.0)
    assert tasks_of(STUDY, COSTS) == 3


def test_driver_pays_for_tasks_and_for_files_that_go_out_and_come_back() -> None:
    assert driver_seconds(STUDY, COSTS) == pytest.approx(3 * 0.05 + 4 * 0.1)


def test_workers_do_whole_studies_until_the_driver_bounds_them() -> None:
    alone, errands = study_seconds(STUDY, COSTS), driver_seconds(STUDY, COSTS)
    assert wall_seconds(1, 1, STUDY, COSTS) == pytest.approx(alone + errands)
    assert wall_seconds(8, 3, STUDY, COSTS) == pytest.approx(max(3 * (alone + errands), 8 * errands + alone))
    assert wall_seconds(1_000, 1_000, STUDY, COSTS) == pytest.approx(1_000 * errands + alone)
    assert most_workers(STUDY, COSTS) == 4


@pytest.mark.parametrize("workers", [1, 2, 4, 8, 16])
def test_more_workers_never_take_longer(workers: int) -> None:
    assert wall_seconds(64, 2 * workers, Study(), Costs()) <= wall_seconds(64, workers, Study(), Costs())


def test_candles_of_a_year_of_hours_are_half_a_megabyte() -> None:
    assert series_bytes(8_784) == 491_904
