"""Trial ledgers with trials of every state."""

from pathlib import Path
from typing import Any

import numpy as np

from core.checked_log import CheckedLog
from tests.dashboard.sample_market import BARS

STAGE_TRIALS = {"7.1": 50, "7.2": 50, "7.3": 16}
STATES = ("complete", "pruned", "few_trades", "duplicate", "undefined")


def write_ledger(folder: Path, stage: str, trials: int) -> Path:
    """Write the ledger of a search stage with that many trials, or add that many to it."""
    rng = np.random.default_rng(int(stage[-1]))
    path = folder / f"{stage}.trials.log"
    with CheckedLog(path) as log:
        if not log.records:
            log.append([{"schema": 1, "study": {"stage": stage, "trials": STAGE_TRIALS[stage]}}])
        known = max(0, len(log.records) - 1)
        log.append(_trial(number, stage, rng) for number in range(known, known + trials))
    return path


def _trial(number: int, stage: str, rng: np.random.Generator) -> dict[str, Any]:
    state = "complete" if number == 0 else str(rng.choice(STATES, p=[0.36, 0.42, 0.1, 0.07, 0.05]))
    level = int(rng.integers(1, 3)) if state == "pruned" else 3
    final = 0.2 + 0.9 * (1 - np.exp(-number / 25)) + float(rng.normal(0, 0.35))
    scores = [round(final + float(rng.normal(0, 0.4)), 6) for _ in range(level - 1)] + [None if state == "undefined" else round(final, 6)]
    params = {
        "7.1": {"ema_fast": int(rng.integers(18, 23)), "ema_slow": int(rng.integers(43, 58)), "rsi_period": int(rng.integers(12, 17))},
        "7.2": {"atr_sl_multiplier": round(float(rng.uniform(0.5, 5)), 1), "rsi_long_threshold": float(rng.integers(20, 51))},
        "7.3": {"hybrid_tier1_timeout": int(rng.integers(2, 9)), "hybrid_tier2_timeout": int(rng.integers(1, 7))},
    }[stage]
    return {
        "trial": number,
        "stage": stage,
        "window": None,
        "params": params,
        "key": str(params),
        "state": state,
        "fidelity": level,
        "error": None,
        "bars": 0 if state == "duplicate" else BARS * level // 3,
        "scores": [] if state == "duplicate" else scores,
        "metrics": {"total_trades": int(rng.integers(8, 60)), "net_pnl": round(final * 700, 2), "sharpe_ratio": round(final, 4)},
        "duplicate_of": 0 if state == "duplicate" else None,
    }
