"""New bars among stored ones."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from market_data.store.columns import TIME, Columns, rows_at, stacked
from market_data.store.revisions import Revision, revision_of


@dataclass(frozen=True, slots=True)
class MergeReport:
    """What an update did: bars that are new, bars that were there already and the same, bars that the venue has changed."""

    added: int = 0
    unchanged: int = 0
    revisions: tuple[Revision, ...] = ()
    written_bytes: int = field(default=0, compare=False)


def merge(old: Columns, new: Columns, source: str) -> tuple[Columns, MergeReport]:
    """Return the bars of both, oldest first, and what happened; where both have a bar the new one stands, and a difference is a revision.

    Both have the same columns and strictly increasing times; ``old`` may hold other bars before, between and after the new ones.
    """
    at = np.searchsorted(old[TIME], new[TIME])
    within = at < len(old[TIME])
    at = np.where(within, at, 0)
    known = within & (old[TIME][at] == new[TIME]) if len(old[TIME]) else np.zeros(len(new[TIME]), np.bool_)
    changed = known & _differ(old, at, new, known)
    revisions = tuple(revision_of(old, int(at[row]), new, int(row), source) for row in np.flatnonzero(changed))
    base = _replaced(old, at[changed], rows_at(new, changed)) if revisions else old
    report = MergeReport(int((~known).sum()), int(known.sum()) - len(revisions), revisions)
    return _inserted(base, rows_at(new, ~known)), report


def _differ(old: Columns, at: NDArray[np.int64], new: Columns, known: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return in which of the new bars some value is not that of the stored bar ``at``."""
    different = np.zeros(len(at), np.bool_)
    if known.any():
        for name, values in new.items():
            different |= old[name][at] != values
    return different


def _replaced(old: Columns, at: NDArray[np.int64], new: Columns) -> Columns:
    copies = {name: values.copy() for name, values in old.items()}
    for name, values in new.items():
        copies[name][at] = values
    return copies


def _inserted(old: Columns, new: Columns) -> Columns:
    if not len(new[TIME]):
        return old
    both = stacked([old, new])
    if not len(old[TIME]) or old[TIME][-1] < new[TIME][0]:
        return both
    return rows_at(both, np.argsort(both[TIME], kind="stable"))
