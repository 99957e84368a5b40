"""How many cores this process may use."""

import os


def usable_cores() -> int:
    """Return the cores that the system lets this process use; all of them where it does not say (macOS)."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1
