"""Several objectives at once: the Pareto front, its knee, and what the knee gives up for what.

All objectives are better when higher. On the front every objective is stretched to 0 for its worst value there and 1 for its best. Of two
objectives the ends of the front then lie at (0, 1) and (1, 0), and the knee is the trial farthest beyond the straight line between them; of
more, the one farthest beyond the plane through (1, 0, 0, ...), (0, 1, 0, ...) and so on, which is the greatest sum. No unit and no scale of
an objective has a say in it. Ties go to the better in the objective named first, then to the earlier trial.
"""

from collections.abc import Iterable, Sequence

from optimization.trial_record import TrialRecord

Point = tuple[float, ...]
# Sums closer than that are equal: the stretching rounds.
_TIE = 1e-9


def point_of(record: TrialRecord) -> Point:
    """Return the values of a complete trial; all of them are defined."""
    return tuple(value for value in record.values if value is not None)


def dominates(one: Point, other: Point) -> bool:
    """Return whether ``one`` is better in something and worse in nothing."""
    return one != other and all(ours >= theirs for ours, theirs in zip(one, other, strict=True))


class Front:
    """The Pareto front of the complete trials that it has been shown; of equal ones the first in trial order stays."""

    def __init__(self, records: Iterable[TrialRecord] = ()) -> None:
        self._members: dict[Point, TrialRecord] = {}
        self.add(records)

    def add(self, records: Iterable[TrialRecord]) -> None:
        """Take further trials into account, in trial order."""
        for record in records:
            if record.state == "complete":
                self._consider(point_of(record), record)

    def _consider(self, point: Point, record: TrialRecord) -> None:
        if any(member == point or dominates(member, point) for member in self._members):
            return
        beaten = [member for member in self._members if dominates(point, member)]
        for member in beaten:
            del self._members[member]
        self._members[point] = record

    @property
    def trials(self) -> list[TrialRecord]:
        """The front, in trial order."""
        return sorted(self._members.values(), key=lambda record: record.trial)


def stretched(points: Sequence[Point]) -> list[Point]:
    """Return ``points`` with every coordinate stretched to 0 for its lowest value and 1 for its highest; one without a span is 0."""
    # quarters: the distance between two of the largest floats is one too
    quarters = [[value / 4.0 for value in point] for point in points]
    lows = [min(column) for column in zip(*quarters, strict=True)]
    spans = [max(column) - low for column, low in zip(zip(*quarters, strict=True), lows, strict=True)]
    return [tuple((x - low) / span if span > 0.0 else 0.0 for x, low, span in zip(point, lows, spans, strict=True)) for point in quarters]


def knee(front: Sequence[TrialRecord]) -> TrialRecord | None:
    """Return the knee of ``front`` (in trial order), None when it is empty."""
    return max(_tied(front), key=lambda record: (point_of(record)[0], -record.trial), default=None)


def _tied(front: Sequence[TrialRecord]) -> list[TrialRecord]:
    """Return the trials of the greatest sum; the ends of a front of two always tie."""
    sums = [sum(point) for point in stretched([point_of(record) for record in front])]
    best = max(sums, default=0.0)
    return [record for record, total in zip(front, sums, strict=True) if total >= best - _TIE]


def explanation(front: Sequence[TrialRecord], labels: Sequence[str]) -> str:
    """Return in plain words why the knee of ``front`` was chosen and what it gives up for what."""
    chosen = knee(front)
    if chosen is None:
        return "No trial is valid in all objectives, so there is no front to choose from."
    if len(front) == 1:
        return f"Trial {chosen.trial} is at least as good as every other valid trial in each of {_listed(labels)}: nothing was given up."
    bests = [max(front, key=lambda record: (point_of(record)[place], -record.trial)) for place in range(len(labels))]
    ours = point_of(chosen)
    won = [label for place, label in enumerate(labels) if ours[place] == point_of(bests[place])[place]]
    told = [f"It is the best of them in {_listed(won)}."] if won else []
    tied = len(_tied(front)) - 1
    if tied:
        others = "another trial has" if tied == 1 else f"{tied} others have"
        told.insert(0, f"As {others} the same sum, {labels[0]}, named first, decided.")
    told += [_against(chosen, bests[place], place, labels) for place, label in enumerate(labels) if label not in won]
    return (
        f"Trial {chosen.trial} is the knee of the Pareto front: of its {len(front)} trials, none of which can be improved in one of "
        f"{_listed(labels)} without losing in another, it has the greatest sum when each is put on a scale from 0 (its worst there) to 1 "
        f"(its best). {' '.join(told)}"
    )


def _against(chosen: TrialRecord, best: TrialRecord, place: int, labels: Sequence[str]) -> str:
    """Return what ``chosen`` gives up and gains beside ``best``, the best in the objective at ``place``."""
    ours, theirs, label = point_of(chosen), point_of(best), labels[place]
    gained = [f"{other} {_instead(ours[at], theirs[at])}" for at, other in enumerate(labels) if ours[at] > theirs[at]]
    lost = f"{label} {_instead(ours[place], theirs[place])}"
    return f"Beside trial {best.trial}, the best in {label}, it has {lost} and in return {_listed(gained)}."


def _listed(texts: Sequence[str]) -> str:
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"


def _instead(ours: float, theirs: float) -> str:
    """Return two different numbers with as many digits as it takes to see that they are."""
    one, other, digits = _number(ours), _number(theirs), 3
    while one == other:
        digits += 1
        one, other = f"{ours:.{digits}g}", f"{theirs:.{digits}g}"
    return f"{one} instead of {other}"


def _number(value: float) -> str:
    return f"{value:,.2f}" if abs(value) >= 100 else f"{value:.3g}"
