"""The nearest known name, for messages about an unknown one."""

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(unknown: str, known: Iterable[str]) -> str:
    """Return ``" Did you mean 'x'?"`` for the nearest of ``known``, else ``" Known: a, b, c."`` (at most twelve)."""
    names = sorted(set(known))
    near = nearest(unknown, names)
    if near:
        return near
    listed = ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
    return f" Known: {listed}." if names else ""


def nearest(unknown: str, known: Iterable[str]) -> str:
    """Return ``" Did you mean 'x'?"`` for the nearest of ``known``, else ``""``: for messages that list them all anyway."""
    lowered = {name.lower(): name for name in sorted(set(known))}
    near = get_close_matches(unknown.lower(), list(lowered), n=1, cutoff=0.6)
    return f" Did you mean '{lowered[near[0]]}'?" if near else ""
