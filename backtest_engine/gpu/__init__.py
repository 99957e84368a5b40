"""The GPU twin of batches: the very same step function, one GPU thread per run. Nothing heavy is imported before a GPU is looked for."""

from backtest_engine.gpu.batch import GpuBatch
from backtest_engine.gpu.device import Gpu, NoGpu, find_gpu

__all__ = ["Gpu", "GpuBatch", "NoGpu", "find_gpu"]
