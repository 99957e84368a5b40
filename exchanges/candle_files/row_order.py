"""The order of rows: oldest first, every time once."""

import numpy as np

from core.candle_checks import Floats, Times
from exchanges.candle_files.findings import Findings, Flags


def check_order(open_ms: Times, prices: dict[str, Floats], findings: Findings) -> None:
    """Note rows that go back in time and times that stand more than once, equal or not, anywhere in the file."""
    steps = np.diff(open_ms)
    if (steps > 0).all():
        return
    backwards = np.concatenate((np.zeros(1, np.bool_), steps < 0))
    if backwards[1:].sum() * 2 > len(steps):
        findings.note("go back in time: the file is newest first, reverse it", backwards)
    else:
        findings.note("go back in time", backwards)
    again, conflicting = _repetitions(open_ms, prices)
    if again.any():
        others = f"{int(conflicting.sum()):,} of them with other prices"
        findings.note(f"repeat the time of an earlier row ({others})", again)


def _repetitions(open_ms: Times, prices: dict[str, Floats]) -> tuple[Flags, Flags]:
    """Return which rows have the time of an earlier row, and which of them differ in a price from the row they repeat."""
    order = np.argsort(open_ms, kind="stable")
    same = open_ms[order][1:] == open_ms[order][:-1]
    again, conflicting = np.zeros(len(open_ms), np.bool_), np.zeros(len(open_ms), np.bool_)
    again[order[1:][same]] = True
    for values in prices.values():
        sorted_values = values[order]
        conflicting[order[1:][same & (sorted_values[1:] != sorted_values[:-1])]] = True
    return again, conflicting
