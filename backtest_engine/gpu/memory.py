"""The memory of a GPU: host arrays up, device arrays down."""

from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

Arrays = TypeVar("Arrays", bound=tuple[Any, ...])
# The rest of the free memory is left to the driver and to the stacks of the threads.
_USABLE_SHARE = 0.9


class Memory(Protocol):
    """Where the arrays of a kernel live."""

    def free_bytes(self) -> int:
        """Return how much can be taken now."""
        ...

    def put(self, array: NDArray[Any]) -> Any:
        """Return a device array with the content of ``array``; MemoryError when there is no room for it."""
        ...

    def get(self, array: Any) -> NDArray[Any]:
        """Return the content of a device array; waits for the kernels that write it."""
        ...


class HostMemory:
    """The memory of the simulated GPU, whose kernels work on numpy's own arrays."""

    def free_bytes(self) -> int:
        return 2**40

    def put(self, array: NDArray[Any]) -> NDArray[Any]:
        copied = array.copy()
        copied.flags.writeable = array.flags.writeable  # it belongs to the type: kernels of a batch are compiled already
        return copied

    def get(self, array: NDArray[Any]) -> NDArray[Any]:
        return array


class CupyMemory:
    """Device memory out of CuPy's pool, so that arrays of the next chunk take the place of the last one's without asking the driver."""

    def free_bytes(self) -> int:
        import cupy

        free, _ = cupy.cuda.runtime.memGetInfo()
        return int((free + cupy.get_default_memory_pool().free_bytes()) * _USABLE_SHARE)

    def put(self, array: NDArray[Any]) -> Any:
        import cupy
        from numba import cuda

        if array.size == 0:
            return cuda.device_array(array.shape, array.dtype)
        # CuPy knows no records: the bytes are its, their meaning is numba's.
        buffer = cupy.empty(array.nbytes, cupy.uint8)
        buffer.set(np.ascontiguousarray(array).reshape(-1).view(np.uint8))
        return cuda.as_cuda_array(buffer).view(array.dtype).reshape(array.shape)

    def get(self, array: Any) -> NDArray[Any]:
        content: NDArray[Any] = array.copy_to_host()
        return content


def size_of(arrays: Any) -> int:
    """Return the bytes of all arrays in ``arrays``, a named tuple that may hold others."""
    if isinstance(arrays, tuple):
        return sum(size_of(each) for each in arrays)
    return arrays.nbytes if isinstance(arrays, np.ndarray) else 0


def upload(memory: Memory, arrays: Arrays) -> Arrays:
    """Return a named tuple with device arrays in place of the host's; MemoryError when they do not fit, with nothing kept."""
    wanted, free = size_of(arrays), memory.free_bytes()
    if wanted > free:
        raise MemoryError(f"{wanted} bytes are wanted and {free} are free")
    copied: Arrays = _copied(memory, arrays)
    return copied


def _copied(memory: Memory, item: Any) -> Any:
    if isinstance(item, tuple):
        return type(item)(*(_copied(memory, each) for each in item))
    if isinstance(item, np.ndarray):
        return memory.put(item)
    return item.item() if isinstance(item, np.generic) else item  # the driver takes Python's numbers
