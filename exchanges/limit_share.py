"""The one setting of how much of a venue's limit is used."""

import os

from core.errors import ConfigError

LIMIT_SHARE = "PIPELINE_LIMIT_SHARE"


def limit_share(default: float) -> float:
    """Return the part of every limit, above 0 and at most 1, that PIPELINE_LIMIT_SHARE names; ``default`` where it is not set."""
    named = os.environ.get(LIMIT_SHARE, "").strip()
    return read_share(named, LIMIT_SHARE) if named else default


def use_limit_share(share: float) -> None:
    """Let every exchange that is made from now on in this process use ``share`` of its limits, as if PIPELINE_LIMIT_SHARE had named it."""
    os.environ[LIMIT_SHARE] = str(share)


def read_share(text: str, name: str) -> float:
    """Return the number in ``text``; ConfigError, which begins with ``name``, unless it is above 0 and at most 1."""
    try:
        share = float(text)
    except ValueError:
        share = 0.0
    if not 0 < share <= 1:
        raise ConfigError(f"{name} is '{text[:40]}': it is a number above 0 and at most 1, such as 0.5 for half of each venue's limit.")
    return share
