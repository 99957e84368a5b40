"""What numba-cuda's compiler has to be told, so that the device computes what the processor does. The simulator compiles nothing.

All of it reaches into numba-cuda, which has no option for it; requirements-gpu.txt keeps to versions for which this was tried.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager

import numba
import numpy as np

# Functions of numpy that kernels may apply to single numbers; numba-cuda knows the first, and how the others are computed.
UFUNCS = ("isnan", "isfinite", "floor", "ceil", "sqrt")


@contextmanager
def strict_floats() -> Iterator[None]:
    """Let what is compiled meanwhile round every operation: NVIDIA's compiler fuses multiplications with additions unless told not to."""
    from numba.cuda.cudadrv import nvvm

    compile_ir = getattr(nvvm, "compile_ir", None)
    if compile_ir is None:  # the simulator
        yield
        return
    nvvm.compile_ir = lambda code, **options: compile_ir(code, **(options | {"fma": False}))
    try:
        yield
    finally:
        nvvm.compile_ir = compile_ir


def know_ufuncs() -> None:
    """Enter the functions of ``UFUNCS`` that numba-cuda can compute but does not offer."""
    from numba.cuda.mathimpl import get_unary_impl_for_fn_and_ty
    from numba.cuda.np import npyfuncs
    from numba.cuda.ufuncs import ufunc_db

    known = ufunc_db()
    known.setdefault(np.isfinite, {"d->?": npyfuncs.np_real_isfinite_impl})
    known.setdefault(np.floor, {"d->d": npyfuncs.np_real_floor_impl})
    known.setdefault(np.ceil, {"d->d": npyfuncs.np_real_ceil_impl})
    known.setdefault(np.sqrt, {"d->d": get_unary_impl_for_fn_and_ty(math.sqrt, numba.float64)})


def allow_small_grids() -> None:
    """Launch small batches without numba-cuda's warning that they leave most of the device idle: the search knows."""
    from numba.cuda.core import config

    config.CUDA_LOW_OCCUPANCY_WARNINGS = 0
