"""What the settings of a run can prove on its data, in the words of the report."""

from dataclasses import dataclass
from typing import Any

from dashboard.reading.files import expecting
from reporting.summary_markdown import provable_after, provable_before


@dataclass(frozen=True, slots=True)
class ProvableView:
    """What was known before the search, and what its trials amounted to; empty while that is not known."""

    before: str
    after: str


def provable_view(baseline: dict[str, Any] | None, significance: dict[str, Any] | None, validated: bool) -> ProvableView | None:
    """Return both sentences, None before stage 5; ``validated`` says that stage 8 is done. Raises CorruptFileError."""
    if baseline is None:
        return None
    with expecting("baseline.json or significance.json"):
        return ProvableView(" ".join(provable_before(baseline)), provable_after(significance) if validated else "")
