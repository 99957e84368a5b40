"""What a venue changed of bars that were closed and stored: never silent, and both versions are kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.clock import format_utc
from market_data.store.columns import Columns

# A manifest names this many at most, the newest found; it counts all.
KEPT_REVISIONS = 1_000
_IMPORT = "import:"


@dataclass(frozen=True, slots=True)
class Revision:
    """One closed bar that a later answer showed with other values; ``old`` and ``new`` hold them by column name.

    ``found_ms`` is the time of day (UTC ms) at which the new values were stored; 0 while they are not.
    """

    open_ms: int
    source: str
    old: dict[str, float]
    new: dict[str, float]
    found_ms: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Return the fields by name, ready for JSON."""
        return {"open_ms": self.open_ms, "source": self.source, "old": self.old, "new": self.new, "found_ms": self.found_ms}

    def __str__(self) -> str:
        changed = ", ".join(f"{name} {value:g} -> {self.new[name]:g}" for name, value in self.old.items() if value != self.new[name])
        return f"{format_utc(self.open_ms)} UTC ({changed})"


def revision_of(old: Columns, old_row: int, new: Columns, new_row: int, source: str) -> Revision:
    """Return the revision of one bar, given both versions by table and row."""
    open_ms, *before = _values(old, old_row)
    _, *after = _values(new, new_row)
    names = list(old)[1:]
    return Revision(int(open_ms), source, dict(zip(names, before, strict=True)), dict(zip(names, after, strict=True)))


def describe(revisions: Sequence[Revision]) -> str:
    """Return how many bars were changed, by whom, and the first three, in a phrase."""
    listed = "; ".join(str(revision) for revision in revisions[:3])
    more = f"; and {len(revisions) - 3:,} more" if len(revisions) > 3 else ""
    return f"{_whose(revisions)} changed {len(revisions):,} closed bar{'' if len(revisions) == 1 else 's'}: {listed}{more}"


def imported_from(name: str) -> str:
    """Return the source of bars that came out of the file ``name``."""
    return f"{_IMPORT}{name}"


def _whose(revisions: Sequence[Revision]) -> str:
    files = sorted({each.source.removeprefix(_IMPORT) for each in revisions if each.source.startswith(_IMPORT)})
    venue = ["the venue"] if any(not each.source.startswith(_IMPORT) for each in revisions) else []
    return " and ".join([*venue, *(f"the import of {name}" for name in files)])


def _values(columns: Columns, row: int) -> list[float]:
    return [values[row].item() for values in columns.values()]
