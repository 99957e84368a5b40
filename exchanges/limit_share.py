"""The one setting of how much of a venue's limit is used."""

import os

from core.errors import ConfigError

LIMIT_SHARE = "PIPELINE_LIMIT_SHARE"


def limit_share(default: float) -> float:
    """Return the part of every limit, above 0 and at most 1, that PIPELINE_LIMIT_SHARE names; ``default`` where it is not set."""
    named = os.environ.get(LIMIT_SHARE, "").strip()
    if not named:
        return default
    try:
        share = float(named)
    except ValueError:
        share = 0.0
    if not 0 < share <= 1:
        raise ConfigError(
            f"{LIMIT_SHARE} is '{named[:40]}': it is a number above 0 and at most 1, such as 0.5 for half of each venue's limit."
        )
    return share
