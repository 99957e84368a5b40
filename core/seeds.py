"""Seeds derived by hashing, so that no result depends on how many random numbers were drawn before."""

import hashlib


def derive_seed(*parts: object) -> int:
    """Return a seed in [0, 2**32) from the run's seed and whatever names the use, e.g. ``derive_seed(42, '7.1', None, 17)``."""
    text = ":".join(str(part) for part in parts)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")
