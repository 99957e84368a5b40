"""kill -9 and Ctrl-C at any moment, resume, and the bytes are those of a run that was left alone."""

import random
import subprocess
from collections import Counter
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.pipeline.conftest import command, environment, only_run, write_settings
from tests.pipeline.digests import differing, run_digests
from tests.pipeline.kill_campaign import Kill, Moment, campaign, file_written_anew, lost_trials, more_trials, random_campaign

MARKETS = [{"exchange": "SIMULATED", "symbol": symbol, "timeframe": "1h", "order_qty": 0.1} for symbol in ("AAA", "BBB", "CCC")]
SHORT: dict[str, Any] = {
    "mode": "MULTI",
    "markets": MARKETS[:2],
    "optimization": {"profile": "FAST", "optuna_sampler": "random", "executor": "processes"},
}
IN_5 = [Moment("5", file_written_anew(name)) for name in ("candles.parquet", "equity.parquet", "trades.parquet")]
IN_7_1, IN_7_2 = ([Moment(stage, more_trials("07_optimize", stage, 8))] for stage in ("7.1", "7.2"))
# 7.3 is short: it is caught when its ledger is opened, and a batch later.
IN_7_3 = [Moment("7.3", file_written_anew("7.3.trials.log")), Moment("7.3", more_trials("07_optimize", "7.3", 8))]
IN_8 = [Moment("8", more_trials("08_walkforward", "", count)) for count in (8, 40, 90)]


def finish(root: Path, *arguments: str) -> dict[str, str]:
    """Run a command to its end and return the digests of the one run in ``root``."""
    done = subprocess.run(
        command(*arguments), env=environment(root), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr
    return run_digests(root / "data", only_run(root / "data"))


def survive(tmp_path: Path, moments: list[Moment], changes: dict[str, Any]) -> list[Kill]:
    """Run the campaign, finish the run, and compare it with one that was left alone."""
    killed, alone = (tmp_path / name for name in ("killed", "alone"))
    killed.mkdir()
    alone.mkdir()
    settings = write_settings(tmp_path / "run.yaml", **changes)
    kills = campaign(killed, settings, moments)
    resumed, undisturbed = finish(killed, "resume", "--quiet"), finish(alone, "run", "--quiet", "--config", str(settings))
    assert differing(resumed, undisturbed) == []
    assert lost_trials(kills, killed / "data" / "checkpoints" / only_run(killed / "data")) == []
    return kills


def test_run_killed_at_four_moments_has_the_same_bytes(tmp_path: Path) -> None:
    kills = survive(tmp_path, [IN_5[0], *IN_7_1, IN_7_3[0], IN_8[1]], SHORT)
    assert len(kills) >= 4


def survive_at_random(tmp_path: Path, settings: Path, expected: dict[str, str], times: int, most: int, seed: int) -> list[Kill]:
    """Interrupt runs of ``settings`` at random until it has happened ``times`` times; each ends with the ``expected`` bytes."""
    draw, kills = random.Random(seed), list[Kill]()
    for attempt in count():
        root = tmp_path / f"attempt{attempt}"
        root.mkdir()
        of_this_run = random_campaign(root, settings, draw, times - len(kills), most)
        kills += of_this_run
        assert differing(finish(root, "resume", "--quiet"), expected) == []
        assert lost_trials(of_this_run, root / "data" / "checkpoints" / only_run(root / "data")) == []
        if len(kills) == times:
            break
    return kills


@pytest.mark.xdist_group("finished run")
def test_run_interrupted_at_random_has_the_same_bytes(finished_root: Path, tmp_path: Path) -> None:
    expected = run_digests(finished_root / "data", only_run(finished_root / "data"))
    kills = survive_at_random(tmp_path, write_settings(tmp_path / "small.yaml"), expected, times=4, most=110, seed=1)
    assert len(kills) == 4


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("sampler", ["random", "tpe"])
def test_run_interrupted_fifty_times_at_random_has_the_same_bytes(tmp_path: Path, sampler: str, capsys: pytest.CaptureFixture[str]) -> None:
    settings = write_settings(tmp_path / "small.yaml", optimization={"profile": "FAST", "optuna_sampler": sampler})
    (tmp_path / "alone").mkdir()
    expected = finish(tmp_path / "alone", "run", "--quiet", "--config", str(settings))
    kills = survive_at_random(tmp_path, settings, expected, times=50, most=20, seed=7)
    with capsys.disabled():
        print(f"\n{len(kills)} interruptions, {sampler}: {dict(Counter(kill.part for kill in kills))}")  # noqa: T201
    assert len({kill.part for kill in kills}) >= 4


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_year_of_real_candles_killed_at_twenty_moments_has_the_same_bytes(
    tmp_path: Path, shared_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    real = {
        "exchange": "LOCAL",
        "symbol": str(shared_data / "candles" / "BINANCE_BTCUSDT_1h.parquet"),
        "start": "2024-01-01",
        "end": "2025-01-01",
        "strategy": {"rsi_long_threshold": 45, "rsi_short_threshold": 55},
        "optimization": {"profile": "BALANCED"},
        "walkforward": {"is_length_days": 60, "oos_length_days": 20, "stride_days": 20},
    }
    moments = [*IN_5, IN_5[0], *IN_7_1 * 4, *IN_7_2 * 4, *IN_7_3, IN_7_3[1], *IN_8 * 2, IN_8[0]]
    kills = survive(tmp_path, moments, real)
    with capsys.disabled():
        for number, kill in enumerate(kills):
            print(f"\nkill {number:2d} in {kill.part}, {kill.trials} trials saved", end="")  # noqa: T201
    hits = Counter(kill.part for kill in kills)
    assert len(kills) >= 20
    assert all(hits[part] >= 3 for part in ("5", "7.1", "7.2", "7.3", "8")), hits
