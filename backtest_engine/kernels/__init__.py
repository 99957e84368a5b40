"""The simulator's compiled core: njit functions and nothing else. ``docs/execution.md`` is the law; each step quotes its number."""
