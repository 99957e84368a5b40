"""The nearest known name, for messages about an unknown one."""

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(unknown: str, known: Iterable[str]) -> str:
    """Return ``" Did you mean 'x'?"`` for the nearest of ``known``, else ``" Known: a, b, c."`` (at most twelve)."""
    names = sorted(set(known))
    lowered = {name.lower(): name for name in names}
    near = get_close_matches(unknown.lower(), list(lowered), n=1, cutoff=0.6)
    if near:
        return f" Did you mean '{lowered[near[0]]}'?"
    listed = ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
    return f" Known: {listed}." if names else ""
