"""What is checked about the candles and what came of it: how far they can be trusted, in sentences."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from dashboard.formatting import number
from reporting.gate_texts import counted


@dataclass(frozen=True, slots=True)
class Check:
    """One question: ``ok``, worth a ``look``, or ``unknown`` where nobody asked; ``text`` says what was found."""

    state: Literal["ok", "look", "unknown"]
    label: str
    text: str


def data_checks(quality: Mapping[str, Any], baseline: Mapping[str, Any], *, synthetic: bool, sealed: bool) -> tuple[Check, ...]:
    """Return the checks on the content of quality.json and baseline.json, the most telling first."""
    return (
        _traded(synthetic=synthetic),
        _sealed(sealed=sealed),
        _grid(quality),
        _filled(quality),
        _duplicates(quality),
        _volume(quality, baseline),
        _spikes(quality),
    )


def _traded(*, synthetic: bool) -> Check:
    if synthetic:
        return Check("look", "Prices were traded", "No: they were generated. Results say how the pipeline works, not what a market pays.")
    return Check("ok", "Prices were traded", "Yes, by the word of the source.")


def _sealed(*, sealed: bool) -> Check:
    if sealed:
        return Check("ok", "Files are those of the run", "Every file is compared with the SHA-256 of its stage when it is read.")
    return Check("unknown", "Files are those of the run", "Stage 5 is not done yet; its files are compared from then on.")


def _grid(quality: Mapping[str, Any]) -> Check:
    missing, holes = quality["missing_bars"], len(quality["holes"])
    if not missing:
        return Check("ok", "No bar is missing", f"All {number(quality['expected_bars'], 0)} bars of the span are there.")
    share = number(100 * quality["missing_share"], 3)
    return Check("look", "No bar is missing", f"{counted(missing, 'bar')} ({share} %) in {counted(holes, 'hole')}; left as they are.")


def _filled(quality: Mapping[str, Any]) -> Check:
    count = quality["filled_bars"]
    if not count:
        return Check("ok", "Nothing was made up", "No bar was filled in.")
    told = "" if quality.get("filled") else " Where, this run did not record."
    return Check("look", "Nothing was made up", f"{counted(count, 'bar')} without trades stand where some were missing.{told}")


def _duplicates(quality: Mapping[str, Any]) -> Check:
    if "duplicate_bars" not in quality:
        return Check("unknown", "Every time comes once", "This run did not count them.")
    count = quality["duplicate_bars"]
    return Check("look" if count else "ok", "Every time comes once", f"{counted(count, 'duplicate')} found." if count else "No duplicates.")


def _volume(quality: Mapping[str, Any], baseline: Mapping[str, Any]) -> Check:
    if baseline.get("has_volume") is False:
        return Check("look", "Volume is told", "The source tells no volume: limits on the share of a bar's volume mean nothing here.")
    count = quality["zero_volume_bars"]
    if not count:
        return Check("ok", "Something was traded in every bar", "No bar without volume.")
    return Check("look", "Something was traded in every bar", f"{counted(count, 'bar')} without volume: nothing would have filled there.")


def _spikes(quality: Mapping[str, Any]) -> Check:
    count = len(quality["spikes"])
    if not count:
        return Check("ok", "No bar stands out", "None reaches far beyond its neighbours.")
    largest = number(100 * max((move for _, move in quality["spikes"]), key=abs))
    return Check(
        "look", "No bar stands out", f"{counted(count, 'bar')} reach far beyond their neighbours, at most {largest} %. They are kept."
    )
