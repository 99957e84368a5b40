"""The arrays of a series in one file that every process of this machine maps: one copy in memory, however many workers read it."""

import mmap
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.atomic_files import storage_errors
from optimization.executors.studies import MarketSeries, PackedSeries

_ALIGNMENT = 64  # a cache line: no array starts in the middle of another's


@dataclass(frozen=True, slots=True)
class MappedSeries:
    """Where a series lies: the file, and for each array its type, length and first byte."""

    path: str
    packed: PackedSeries
    layout: dict[str, tuple[str, int, int]]

    def opened(self) -> MarketSeries:
        """Return the series over the file's pages, read-only."""
        with open(self.path, "rb") as file:
            pages = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        arrays: dict[str, NDArray[Any]] = {
            name: np.frombuffer(pages, dtype, count, start) for name, (dtype, count, start) in self.layout.items()
        }
        return self.packed.unpacked(arrays)


class SeriesFile:
    """A series in a temporary file that is gone with this process, or with ``close``."""

    def __init__(self, series: MarketSeries) -> None:
        packed, arrays = series.packed()
        # On Linux the file has no name: workers reach it through this process, and nothing is left behind when that is killed.
        nameless = sys.platform == "linux"
        with storage_errors(Path(tempfile.gettempdir())):
            self._file = tempfile.TemporaryFile() if nameless else tempfile.NamedTemporaryFile()  # noqa: SIM115 - closed by close()
            layout = {}
            for name, array in arrays.items():
                self._file.write(b"\0" * (-self._file.tell() % _ALIGNMENT))
                layout[name] = (array.dtype.str, len(array), self._file.tell())
                self._file.write(array.data)
            self._file.flush()
        path = f"/proc/{os.getpid()}/fd/{self._file.fileno()}" if nameless else self._file.name
        self.mapped = MappedSeries(path, packed, layout)

    def close(self) -> None:
        """Remove the file; who has mapped it keeps it."""
        self._file.close()
