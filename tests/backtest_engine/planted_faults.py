"""Faults that a simulator like this one gets wrong sooner or later; ``planted_faults/<kernel>.diff`` lists those of each kernel."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "planted_faults"


@dataclass(frozen=True)
class Fault:
    """The lines ``old`` of ``backtest_engine/kernels/<kernel>.py``, which stand there exactly once, become the lines ``new``."""

    name: str
    kernel: str
    old: str
    new: str


def _read(path: Path) -> Iterator[Fault]:
    """Yield the faults of a file: blocks of a name after ``# ``, the lines that go after ``-``, those that come after ``+``."""
    for block in path.read_text(encoding="utf8").split("\n\n"):
        title, *lines = block.strip("\n").split("\n")
        old, new = ("".join(f"{line[1:]}\n" for line in lines if line[0] == sign) for sign in "-+")
        yield Fault(title.removeprefix("# "), path.stem, old, new)


FAULTS = [fault for path in sorted(FOLDER.glob("*.diff")) for fault in _read(path)]
