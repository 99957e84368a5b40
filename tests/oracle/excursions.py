"""The best price since entry, and how far a position was in profit and in loss."""

from tests.oracle.account import Position
from tests.oracle.bars import Bar
from tests.oracle.entry_tiers import FillKind
from tests.oracle.exits import best_of, worst_of
from tests.oracle.protection import more_protective


def update_extreme(held: Position, bar: Bar, *, entry_bar: bool) -> None:
    """Let a bar's prices into the extreme, MFE and MAE; of the entry bar only what surely came after the fill."""
    d = held.direction
    best, worst = best_of(bar, d), worst_of(bar, d)
    if entry_bar:
        # max(fill, H[t]) for a fill at the open, max(fill, C[t]) for an intrabar fill or a slice (long).
        fill_price = held.avg_entry
        if held.first_kind is not FillKind.AT_OPEN:
            best, worst = bar.close, bar.close
        best = best if more_protective(d, best, fill_price) else fill_price
        worst = fill_price if more_protective(d, worst, fill_price) else worst
    if more_protective(d, best, held.extreme):
        held.extreme = best
    held.mfe = max(held.mfe, d * held.qty * (best - held.avg_entry))
    held.mae = min(held.mae, d * held.qty * (worst - held.avg_entry))
