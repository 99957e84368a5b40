"""The search of stage 7: spaces, samplers, multi-fidelity, the trial ledger, and ``OptimizationEngine`` over them."""

from optimization.engine import OptimizationEngine
from optimization.ledger import read_ledger
from optimization.results import OptimizationSummary, StageResult
from optimization.screening import choose_screen
from optimization.search import SearchProgress, best_of
from optimization.space import STAGES, Stage
from optimization.trial_record import TrialRecord

__all__ = [
    "STAGES",
    "OptimizationEngine",
    "OptimizationSummary",
    "SearchProgress",
    "Stage",
    "StageResult",
    "TrialRecord",
    "best_of",
    "choose_screen",
    "read_ledger",
]
