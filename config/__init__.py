"""What a user chooses: frozen, validated settings, one file per concern, and the one reader of config/.env."""

from config.execution import ExecutionConfig, SizingMethod
from config.loading import load_run_config, merge_settings, parse_assignments
from config.objectives import Constraints
from config.optimization import OptimizationConfig, OptimizationProfile
from config.run import GapPolicy, MarketConfig, RunConfig, RunMode, TopMarkets
from config.significance import SignificanceConfig
from config.strategy import Distance, StrategyConfig
from config.verdict import VerdictConfig
from config.walkforward import WalkForwardConfig

__all__ = [
    "Constraints",
    "Distance",
    "ExecutionConfig",
    "GapPolicy",
    "MarketConfig",
    "OptimizationConfig",
    "OptimizationProfile",
    "RunConfig",
    "RunMode",
    "SignificanceConfig",
    "SizingMethod",
    "StrategyConfig",
    "TopMarkets",
    "VerdictConfig",
    "WalkForwardConfig",
    "load_run_config",
    "merge_settings",
    "parse_assignments",
]
