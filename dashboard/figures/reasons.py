"""Why a chart of a statistic is empty, in the statistic's own words."""

from collections.abc import Mapping
from typing import Any

from dashboard.figures.base import plain_text
from reporting.significance_gates import reason_of


def why_empty(what: str, statistic: Mapping[str, Any]) -> str:
    """Return a sentence on a statistic that cannot be drawn."""
    if statistic.get("reason"):
        return f"{what}: not computed, because {plain_text(reason_of(statistic))}."
    return f"{what}: there is nothing to draw in this run."
