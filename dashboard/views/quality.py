"""The quality of the candles: what is missing, what looks odd, what was done about it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dashboard.formatting import number, utc
from dashboard.reading.files import expecting

MAX_LISTED = 100


@dataclass(frozen=True, slots=True)
class QualityView:
    """Facts as label and text, then holes and spikes (the first hundred of each) and the warnings."""

    facts: tuple[tuple[str, str], ...]
    holes: tuple[tuple[str, str, str], ...]
    holes_total: int
    spikes: tuple[tuple[str, str], ...]
    spikes_total: int
    warnings: tuple[str, ...]


def quality_view(quality: dict[str, Any] | None, baseline: dict[str, Any] | None) -> QualityView | None:
    """Return the view of quality.json with the span and digest from baseline.json; None before stage 5. Raises CorruptFileError."""
    if quality is None:
        return None
    with expecting("quality.json"):
        holes, spikes = quality["holes"], quality["spikes"]
        return QualityView(
            facts=(*_span(baseline or {}), *_counts(quality), *_more_data(baseline or {})),
            holes=tuple((utc(start), utc(end), number(bars, 0)) for start, end, bars in holes[:MAX_LISTED]),
            holes_total=len(holes),
            spikes=tuple((utc(time), f"{number(change * 100, 2)} %") for time, change in spikes[:MAX_LISTED]),
            spikes_total=len(spikes),
            warnings=tuple(str(warning) for warning in (*quality["warnings"], *_more_warnings(baseline or {}))),
        )


def _span(baseline: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    if "start_ms" not in baseline:
        return ()
    return (
        ("First bar opens", f"{utc(baseline['start_ms'])} UTC"),
        ("Last bar closes", f"{utc(baseline['end_ms'])} UTC"),
        ("Content (SHA-256)", str(baseline.get("candles_digest", ""))[:16]),
    )


def _more_data(baseline: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what is known of detail candles and funding rates, where the run has any."""
    if detail := baseline.get("detail"):
        yield "Orders fill on", f"{number(detail['bars'], 0)} {detail['timeframe']} candles"
    if funding := baseline.get("funding"):
        yield "Funding", str(funding["source"])
        yield "Funding rates told", number(funding["told"], 0)
        yield "Stretches without a rate", number(len(funding["holes"]), 0)
        if funding["assumed"]:
            yield "Rates assumed there", f"{number(funding['assumed'], 0)} of {number(funding['assumed_rate'] * 100, 4)} %"


def _more_warnings(baseline: dict[str, Any]) -> Iterator[str]:
    for name in ("detail", "funding"):
        yield from (baseline.get(name) or {"warnings": ()})["warnings"]


def _counts(quality: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    return (
        ("Bars", number(quality["bars"], 0)),
        ("Bars the grid has room for", number(quality["expected_bars"], 0)),
        ("Missing bars", f"{number(quality['missing_bars'], 0)} ({number(quality['missing_share'] * 100, 3)} %)"),
        ("Bars filled in", number(quality["filled_bars"], 0)),
        ("Policy for gaps", str(quality["policy"])),
        ("Bars without volume", f"{number(quality['zero_volume_bars'], 0)} in {number(_count(quality['zero_volume_runs']), 0)} runs"),
        ("Longest stretch without volume", f"{number(quality.get('longest_zero_volume_run'), 0)} bars"),
        ("Price spikes", number(len(quality["spikes"]), 0)),
    )


def _count(value: Any) -> int:
    return len(value) if isinstance(value, list) else int(value)
