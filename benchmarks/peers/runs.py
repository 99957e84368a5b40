"""What a backtest came to, in one form for everybody, and whether two of them traded the same."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

# Equity of a million to the cent; prices and quantities to what float64 arithmetic in another order may change.
CENT = 0.01
RELATIVE = 1e-9


@dataclass(frozen=True)
class Run:
    """A finished backtest. Arrays have one value per closed trade, in order of entry: bar numbers, +1 or -1, prices paid, quantity.

    A position that is open at the end is no trade here: ``open_bar`` is the bar of its entry, -1 without one, and ``equity`` values it at
    the last close without the costs of closing it.
    """

    entry_bar: Ints
    exit_bar: Ints
    direction: Ints
    entry_price: Floats
    exit_price: Floats
    qty: Floats
    open_bar: int
    equity: float

    def __len__(self) -> int:
        return len(self.entry_bar)


@dataclass(frozen=True)
class Sweep:
    """What a sweep came to: equity as in ``Run`` and the number of closed trades, one value per row."""

    equity: Floats
    trades: Ints


def differences(ours: Run, theirs: Run) -> list[str]:
    """Return what differs beyond rounding, the first trade of each kind; nothing when both traded the same."""
    found = []
    if len(ours) != len(theirs):
        found.append(f"{len(ours)} closed trades here, {len(theirs)} there")
    both = min(len(ours), len(theirs))
    for name in ("entry_bar", "exit_bar", "direction"):
        found += _first(name, getattr(ours, name)[:both], getattr(theirs, name)[:both], 0.0)
    for name in ("entry_price", "exit_price", "qty"):
        found += _first(name, getattr(ours, name)[:both], getattr(theirs, name)[:both], RELATIVE)
    if ours.open_bar != theirs.open_bar:
        found.append(f"the open position entered in bar {ours.open_bar} here, {theirs.open_bar} there")
    if not abs(ours.equity - theirs.equity) < CENT:
        found.append(f"final equity {ours.equity:.4f} here, {theirs.equity:.4f} there")
    return found


def sweep_differences(ours: Sweep, theirs: Sweep) -> list[str]:
    """Return what differs between two sweeps, the first row of each kind."""
    if len(ours.equity) != len(theirs.equity):
        return [f"{len(ours.equity)} rows here, {len(theirs.equity)} there"]
    found = [] if (ours.trades == theirs.trades).all() else _first("closed trades", ours.trades, theirs.trades, 0.0)
    wrong = np.flatnonzero(~(np.abs(ours.equity - theirs.equity) < CENT))
    if len(wrong):
        row = wrong[0]
        found.append(f"final equity of {len(wrong)} rows, first row {row}: {ours.equity[row]:.4f} here, {theirs.equity[row]:.4f} there")
    return found


def _first(name: str, ours: NDArray[np.generic], theirs: NDArray[np.generic], relative: float) -> list[str]:
    mine, others = np.asarray(ours, np.float64), np.asarray(theirs, np.float64)
    wrong = np.flatnonzero(~(np.abs(mine - others) <= relative * np.abs(mine)))
    return [f"{name} {mine[wrong[0]]:.12g} here, {others[wrong[0]]:.12g} there (place {wrong[0]})"] if len(wrong) else []
