"""Settings out of values as users write them: any text, list or mapping, right or wrong."""

from typing import Any

from config import ExecutionConfig, OptimizationConfig, RunConfig


def run_config(**values: Any) -> RunConfig:
    return RunConfig(**values)


def optimization_config(**values: Any) -> OptimizationConfig:
    return OptimizationConfig(**values)


def execution_config(**values: Any) -> ExecutionConfig:
    return ExecutionConfig(**values)
