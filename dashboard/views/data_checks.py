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
        return Check("look", "Were the prices traded?", "No, generated: results say how the pipeline works, not what a market pays.")
    return Check("ok", "Were the prices traded?", "Yes, by the word of the source.")


def _sealed(*, sealed: bool) -> Check:
    if sealed:
        return Check("ok", "Are the files those of the run?", "Every file is compared with the SHA-256 of its stage when it is read.")
    return Check("unknown", "Are the files those of the run?", "Stage 5 is not done yet; its files are compared from then on.")


def _grid(quality: Mapping[str, Any]) -> Check:
    missing, holes = quality["missing_bars"], len(quality["holes"])
    if not missing:
        return Check("ok", "Are all bars there?", f"Yes, all {number(quality['expected_bars'], 0)} bars of the span are there.")
    share = number(100 * quality["missing_share"], 3)
    return Check(
        "look", "Are all bars there?", f"No: {counted(missing, 'bar')} ({share} %) missing, in {counted(holes, 'hole')}; left as they are."
    )


def _filled(quality: Mapping[str, Any]) -> Check:
    count = quality["filled_bars"]
    if not count:
        return Check("ok", "Was nothing made up?", "Yes, no bar was filled in.")
    told = "" if quality.get("filled") else " Where, this run did not record."
    return Check("look", "Was nothing made up?", f"{counted(count, 'bar')} without trades stand where some were missing.{told}")


def _duplicates(quality: Mapping[str, Any]) -> Check:
    if "duplicate_bars" not in quality:
        return Check("unknown", "Does every time come once?", "This run did not count them.")
    count = quality["duplicate_bars"]
    text = f"No: {counted(count, 'duplicate')}." if count else "Yes, no duplicates."
    return Check("look" if count else "ok", "Does every time come once?", text)


def _volume(quality: Mapping[str, Any], baseline: Mapping[str, Any]) -> Check:
    if baseline.get("has_volume") is False:
        return Check("look", "Is volume told?", "The source tells no volume: limits on the share of a bar's volume mean nothing here.")
    count = quality["zero_volume_bars"]
    if not count:
        return Check("ok", "Was something traded in every bar?", "Yes, no bar is without volume.")
    return Check("look", "Was something traded in every bar?", f"{counted(count, 'bar')} without volume: nothing would have filled there.")


def _spikes(quality: Mapping[str, Any]) -> Check:
    count = len(quality["spikes"])
    if not count:
        return Check("ok", "Does no bar stand out?", "Yes, none reaches far beyond its neighbours.")
    largest = number(100 * max((move for _, move in quality["spikes"]), key=abs))
    return Check("look", "Does no bar stand out?", f"{counted(count, 'bar')} far beyond the neighbours, {largest} % at most; kept as told.")
