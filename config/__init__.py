"""What a user chooses: frozen, validated settings, one file per concern, and the one reader of config/.env."""

from config.execution import ExecutionConfig
from config.loading import load_run_config, merge_settings, parse_assignments
from config.optimization import OptimizationConfig, OptimizationProfile
from config.run import GapPolicy, MarketConfig, RunConfig, RunMode, TopMarkets
from config.strategy import StrategyConfig
from config.walkforward import WalkForwardConfig

__all__ = [
    "ExecutionConfig",
    "GapPolicy",
    "MarketConfig",
    "OptimizationConfig",
    "OptimizationProfile",
    "RunConfig",
    "RunMode",
    "StrategyConfig",
    "TopMarkets",
    "WalkForwardConfig",
    "load_run_config",
    "merge_settings",
    "parse_assignments",
]
