"""The ten stages in order, one file each."""

from pipeline.stages.stage01_credentials import CREDENTIALS
from pipeline.stages.stage02_connectivity import CONNECTIVITY
from pipeline.stages.stage03_selection import SELECTION
from pipeline.stages.stage04_strategy import STRATEGY
from pipeline.stages.stage05_baseline import BASELINE
from pipeline.stages.stage06_hardware import HARDWARE
from pipeline.stages.stage07_optimize import OPTIMIZE
from pipeline.stages.stage08_walkforward import WALKFORWARD
from pipeline.stages.stage09_report import REPORT
from pipeline.stages.stage10_dashboard import DASHBOARD

PREPARATION = (CREDENTIALS, CONNECTIVITY, SELECTION, STRATEGY, BASELINE)
ALL_STAGES = (*PREPARATION, HARDWARE, OPTIMIZE, WALKFORWARD, REPORT, DASHBOARD)

__all__ = [
    "ALL_STAGES",
    "BASELINE",
    "CONNECTIVITY",
    "CREDENTIALS",
    "DASHBOARD",
    "HARDWARE",
    "OPTIMIZE",
    "PREPARATION",
    "REPORT",
    "SELECTION",
    "STRATEGY",
    "WALKFORWARD",
]
