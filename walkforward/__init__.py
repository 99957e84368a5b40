"""Walk-forward validation: ``WalkForwardEngine(...).run() -> WalkForwardResult``."""

from walkforward.drift import ParameterDrift
from walkforward.engine import WalkForwardEngine, WalkForwardProgress
from walkforward.groups import windows_of
from walkforward.result import MedianTrial, OutOfSampleRun, WalkForwardResult, WindowOutcome
from walkforward.robustness import RobustnessScores
from walkforward.windows import Window, split

__all__ = [
    "MedianTrial",
    "OutOfSampleRun",
    "ParameterDrift",
    "RobustnessScores",
    "WalkForwardEngine",
    "WalkForwardProgress",
    "WalkForwardResult",
    "Window",
    "WindowOutcome",
    "split",
    "windows_of",
]
