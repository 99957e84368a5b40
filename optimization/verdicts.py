"""What a sampler is told of a trial."""

from dataclasses import dataclass, field

from optimization.trial_record import TrialRecord

# The lower sorts first and is the better.
Rank = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a sampler is told of one trial: its ``values``, one for each objective, and ``violations``, one for each constraint (<= 0:
    kept), when it was simulated to the end; else the last score and its level, if there is any.

    A trial without either ranks below all others, and no invented number is needed to say so.
    """

    values: tuple[float, ...] = ()
    violations: tuple[float, ...] = ()
    level: int = 0
    score: float | None = None

    @classmethod
    def of(cls, record: TrialRecord) -> "Verdict":
        """Return what ``record``, which is no duplicate, says."""
        values = tuple(value for value in record.values if value is not None)
        if record.state in ("complete", "infeasible") and values and len(values) == len(record.values):
            return cls(values, record.violations)
        if record.state in ("pruned", "screened") and record.scores[-1] is not None:
            return cls(level=record.fidelity, score=record.scores[-1])
        return cls()

    @property
    def constraints(self) -> dict[str, float]:
        """The violations by name, as a study wants them."""
        return {f"constraint {place}": violation for place, violation in enumerate(self.violations)}

    @property
    def rank(self) -> Rank:
        """The better sorts first: by the (first) value, then who was stopped later, by score, then who breaks constraints less, then the
        others: the order in which TPE takes them.
        """
        broken = sum(violation for violation in self.violations if violation > 0)
        if self.values:
            return (2.0, 0.0, broken) if broken > 0 else (0.0, 0.0, -self.values[0])
        return (1.0, -self.level, -self.score) if self.score is not None else (3.0, 0.0, 0.0)


@dataclass(slots=True)
class Verdicts:
    """The verdict of every trial so far; a duplicate has that of the trial it repeats."""

    verdicts: dict[int, Verdict] = field(default_factory=dict)

    def settle(self, record: TrialRecord) -> Verdict:
        """Return, and keep, the verdict of the next trial."""
        verdict = Verdict.of(record) if record.duplicate_of is None else self.verdicts[record.duplicate_of]
        self.verdicts[record.trial] = verdict
        return verdict
